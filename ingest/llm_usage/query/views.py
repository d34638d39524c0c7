"""Owns the SQL side of a connection: applies ``sql/`` in order, lists the marts, runs the checks.

Must not know how the lake is stored nor how prices are found: it meets a DuckDB connection whose schema ``raw`` holds the
tables of `llm_usage.model.tables`, and a price table that is handed in. The SQL itself is native and untemplated; what a report is
asked for goes in through the one-row table ``raw.settings``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from llm_usage.config import DIMENSIONS as MATCHABLE
from llm_usage.config import Budget, Slo, check_zone
from llm_usage.errors import ConfigError
from llm_usage.model.tables import TABLES
from llm_usage.query.materialize import freeze, hollow
from llm_usage.query.sql_files import SqlFile, needed, sql_files, sql_root

__all__ = ["DIMENSIONS", "CheckResult", "Settings", "View", "ViewColumn", "install", "marts", "run_checks", "sql_root"]

#: Dimensions that ``by`` may name. Which mart takes which is written in its file: ``-- by: gateway, provider``.
DIMENSIONS = (*MATCHABLE, "day")
LAYERS = ("00_inputs", "05_macros", "10_staging", "20_marts")
SEARCH_PATH = "main,marts,staging,raw"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a report is asked for. Instants are timezone-aware; ``until`` is exclusive; ``as_of`` is now unless given."""

    since: datetime | None = None
    until: datetime | None = None
    by: Sequence[str] = ()
    include_duplicates: bool = False
    time_zone: str = "UTC"
    as_of: datetime | None = None
    stall_ms: float = 1000.0
    slos: Sequence[Slo] = ()
    budgets: Sequence[Budget] = ()


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column of a view."""

    name: str
    type: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class View:
    """A view or table that `install` made. ``by``: the dimensions it can be split by."""

    schema: str
    name: str
    comment: str | None
    columns: tuple[ViewColumn, ...]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Outcome of one check: how many rows break it, and the first of them."""

    name: str
    title: str
    failures: int
    rows: pa.Table

    @property
    def passed(self) -> bool:
        """No row breaks the check."""
        return self.failures == 0


def install(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings | None = None,
    prices: pa.Table | None = None,
    *,
    comments: bool = True,
    readers: Iterable[str] | None = None,
    once: bool = False,
) -> None:
    """Create every input table, macro and view, and set time zone and search path. May be called again at any time.

    Args:
        connection: with a schema ``raw`` as `llm_usage.model.tables` describes; enumerations as VARCHAR.
        settings: what the report is asked for.
        prices: the table that ``llm_usage.pricing.resolve.resolve`` gives; without it every request is unpriced.
        comments: also set the comments on views and columns, which takes longer than making the views.
        readers: statements, or names such as ``marts.latency``: only views that these read are made, and no comments. Making all of
            them takes longer than asking one of them.
        once: work ``staging.requests`` out once for all these readers, as `llm_usage.query.materialize.freeze` does.

    Raises:
        ConfigError: a dimension or time zone that does not exist, or since not before until.
    """
    settings = settings or Settings()
    _check(settings)
    zone = check_zone(settings.time_zone, "time zone")
    connection.execute(f"set TimeZone = '{zone}'")
    # DuckDB 2.0.0 gives sums wrong statistics behind a join and then squeezes them into a byte for an ORDER BY:
    # 640 tokens came out as -128. Found on the sample; tests/sql/test_wrong_statistics.py holds it.
    connection.execute("set disabled_optimizers = 'statistics_propagation,compressed_materialization'")
    for schema in ("raw", "staging", "marts"):
        connection.execute(f"create schema if not exists {schema}")
    readers = None if readers is None else list(readers)
    only = None if readers is None else list(needed(readers, LAYERS[2:]).values())
    files = [file for layer in LAYERS for file in sql_files(layer) if only is None or layer in LAYERS[:2] or file in only]
    inputs, macros, staging, made = ([file for file in files if file.layer == layer] for layer in LAYERS)
    _make(connection, inputs)
    _fill(connection, settings, prices)
    _make(connection, (*macros, *staging))
    if once and readers is not None:
        freeze(connection, (*readers, *(file.body for file in made)))
        _make(connection, made)
    else:
        with hollow(connection, staging):
            _make(connection, made)
    if comments and only is None:
        for file in files:
            connection.execute(file.remarks)
            if file.passes_on:
                _inherit(connection, file)
    connection.execute(f"set search_path = '{SEARCH_PATH}'")


def _make(connection: duckdb.DuckDBPyConnection, files: Iterable[SqlFile]) -> None:
    for file in files:
        connection.execute(file.body)


def _inherit(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Say of each column that a staging view passes on, and says nothing of itself, what is said of it where it comes from."""
    said: dict[str, str | None] = {}
    for name in file.passes_on:
        if name.startswith("raw."):
            said |= {column.name: column.comment for column in _STORED[name.removeprefix("raw.")].columns}
        else:
            said |= dict(connection.execute(_COMMENTS, [name]).fetchall())
    for column, comment in connection.execute(_COMMENTS, [file.name]).fetchall():
        if comment is None and (words := said.get(column)) is not None:
            quoted = words.replace("'", "''")
            connection.execute(f"comment on column staging.{file.name}.\"{column}\" is '{quoted}'")


_STORED = {table.name: table for table in TABLES}
_COMMENTS = "select column_name, comment from duckdb_columns() where schema_name = 'staging' and table_name = ? order by column_index"


def _check(settings: Settings) -> None:
    unknown = [name for name in settings.by if name not in DIMENSIONS]
    if unknown:
        raise ConfigError(
            "--by",
            f"{unknown[0]!r} is no dimension",
            f"Use one or more of {', '.join(DIMENSIONS)}",
        )
    if settings.since and settings.until and settings.since >= settings.until:
        raise ConfigError(
            "--since",
            "it is not before --until",
            "Give a --since that is earlier than --until",
        )


def _fill(connection: duckdb.DuckDBPyConnection, settings: Settings, prices: pa.Table | None) -> None:
    now = settings.as_of or datetime.now(UTC)
    window: list[object] = [
        settings.since,
        settings.until,
        list(settings.by),
        settings.include_duplicates,
        now,
        settings.stall_ms,
    ]
    _insert(connection, "settings", window)
    for slo in settings.slos:
        for metric, bound in (
            ("ttft", slo.ttft_ms),
            ("tpot", slo.tpot_ms),
            ("e2e", slo.e2e_ms),
        ):
            if bound is not None:
                _insert(
                    connection,
                    "slo",
                    [slo.name, metric, float(bound), *map(slo.match.get, MATCHABLE)],
                )
    for budget in settings.budgets:
        _insert(
            connection,
            "budgets",
            [budget.name, budget.monthly_usd, *map(budget.match.get, MATCHABLE)],
        )
    if prices is not None and prices.num_rows:
        connection.register("_prices", prices)
        try:
            connection.execute("insert into raw.prices by name from _prices")
        finally:
            connection.unregister("_prices")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: list[object]) -> None:
    connection.execute(f"insert into raw.{table} values ({', '.join('?' * len(row))})", row)


def marts(connection: duckdb.DuckDBPyConnection, schema: str = "marts") -> list[View]:
    """The views of a schema with their comments, by name. `install` comes first."""
    by = {file.name: file.by for file in sql_files("20_marts")}
    columns: dict[str, list[ViewColumn]] = {}
    comments: dict[str, str | None] = {}
    relations = connection.execute(
        """select view_name as name, comment from duckdb_views() where schema_name = $1 and not internal
           union all select table_name, comment from duckdb_tables() where schema_name = $1 order by all""",
        [schema],
    ).fetchall()
    for name, comment in relations:
        comments[name], columns[name] = comment, []
    for table, *column in connection.execute(
        """select table_name, column_name, data_type, comment from duckdb_columns()
           where schema_name = ? and not starts_with(column_name, '_') -- those are for the view above only
           order by table_name, column_index""",
        [schema],
    ).fetchall():
        if table in columns:
            columns[table].append(ViewColumn(*column))
    return [View(schema, name, comments[name], tuple(columns[name]), by.get(name, ())) for name in columns]


def run_checks(connection: duckdb.DuckDBPyConnection, limit: int = 20) -> list[CheckResult]:
    """Run every check of ``sql/checks``; each result carries at most ``limit`` of the failing rows."""
    results = []
    for file in sql_files("checks"):
        failing = connection.sql(file.text.strip().rstrip(";")).to_arrow_table()
        results.append(CheckResult(file.name, file.title, failing.num_rows, failing.slice(0, limit)))
    return results
