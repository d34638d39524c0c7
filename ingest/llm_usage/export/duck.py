"""Owns the DuckDB file for BI tools: tables and reports as plain tables with their comments. Must not know the command line.

No views: DuckDB 2.0.0 gives wrong sums behind joins unless two optimisers are off (see `llm_usage.query.views.install`), and a BI tool
opens the file with them on. What is written here is already worked out, so whoever reads it only adds up columns.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from llm_usage.errors import ConfigError
from llm_usage.export.place import replacing
from llm_usage.lake.attach import quote
from llm_usage.model.schema import SCHEMA_VERSION
from llm_usage.model.tables import TABLES
from llm_usage.query import views
from llm_usage.query.materialize import redirect
from llm_usage.versions import package_version, program_version

#: Old enough that the DuckDB inside a BI tool can open it.
STORAGE = "v1.0.0"
#: Table of the file, and where its rows come from: live rows only; requests carry their cost.
_FACTS = {
    "recordings": "staging.recordings",
    "all_requests": "staging.all_requests",
    "requests": "staging.requests",
    "chunks": "staging.chunks",
    "runs": "raw.runs",
}


def export_duckdb(connection: duckdb.DuckDBPyConnection, settings: views.Settings, path: Path) -> dict[str, int]:
    """Write everything into one DuckDB file and put it in its place at once.

    Args:
        connection: as `llm_usage.query.session.connect` gives it; afterwards its staging views are of no more use.
        settings: those of the connection; the table ``about`` repeats them.
        path: the file. ``recordings``, ``requests``, ``all_requests``, ``chunks``, ``runs`` and
            ``about`` are in schema ``main``, reports in ``marts``.

    Returns:
        Rows by table.

    Raises:
        ConfigError: the file cannot be written, or a program has it open for writing.
    """
    marts = views.marts(connection)
    described = _comments(connection)
    with replacing(path, "llm-usage export duckdb") as beside:
        if path.with_name(f"{path.name}.wal").exists():
            raise ConfigError(
                f"llm-usage export duckdb {path}",
                f"{path.name}.wal lies beside it: a program writes to it",
                "Close that program, or name another file",
            )
        try:
            connection.execute(f"attach {quote(str(beside))} as bi (storage_version '{STORAGE}')")
            for name, source in _FACTS.items():
                connection.execute(f"create table bi.main.{name} as from {source}")
                if name == "all_requests":  # from here on everything reads what was just written, so prices are joined once
                    redirect(connection, "bi.main.all_requests")
            connection.execute(_ABOUT, _about(settings))
            connection.execute("create or replace view staging.chunks as from bi.main.chunks")
            connection.execute("create schema bi.marts")
            for mart in marts:
                connection.execute(f'create table bi.marts."{mart.name}" as from marts."{mart.name}"')
                _describe(connection, f'bi.marts."{mart.name}"', mart.comment, {c.name: c.comment for c in mart.columns})
            for name, source in _FACTS.items():
                doc = _DOCS.get(name) or next(table.doc for table in TABLES if table.name == name)
                _describe(connection, f"bi.main.{name}", doc, described[source])
            _describe(connection, "bi.main.about", "What this file was made with. One row.", _ABOUT_COLUMNS)
            rows = dict(connection.execute(_COUNTS).fetchall())
            connection.execute("checkpoint bi")
        except duckdb.IOException as error:
            raise ConfigError(f"llm-usage export duckdb {path}", "cannot be written", "Name a place that you can write to") from error
        finally:
            connection.execute("detach database if exists bi")
    return rows


_DOCS = {
    "requests": "One row per LLM call that counts: each response once.",
    "all_requests": "One row per recorded LLM call, repeats of the same response included and marked (is_counted, duplicate_of).",
}
_COUNTS = """select if(schema_name = 'main', '', 'marts.') || table_name, estimated_size
    from duckdb_tables() where database_name = 'bi'"""
_ABOUT_COLUMNS: dict[str, str | None] = {
    "program_version": "Version of llm-usage.",
    "schema_version": "Version of the tables.",
    "prices_version": "Price list.",
    "time_zone": "Days are cut in this zone.",
    "since": "Only requests from then on; NULL = all.",
    "until": "Only requests before then; NULL = all.",
    "split_by": "Dimensions that the reports are split by.",
    "include_duplicates": "Recordings of the same response count each time.",
    "as_of": "What was taken for now, in budgets and ages. [UTC]",
}
_ABOUT = """create table bi.main.about as select $program as program_version, $schema as schema_version, $prices as prices_version,
    $zone as time_zone, $since::timestamptz as since, $until::timestamptz as until, $by::varchar[] as split_by,
    $duplicates::boolean as include_duplicates, (select as_of from raw.settings) as as_of"""


def _about(settings: views.Settings) -> dict[str, object]:
    return {
        "program": program_version(),
        "schema": SCHEMA_VERSION,
        "prices": f"genai-prices {package_version('genai-prices')}",
        "zone": settings.time_zone,
        "since": settings.since,
        "until": settings.until,
        "by": list(settings.by),
        "duplicates": settings.include_duplicates,
    }


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str | None]]:
    """Comments on the columns of everything that facts are read from, by relation."""
    found: dict[str, dict[str, str | None]] = {source: {} for source in _FACTS.values()}
    for view in views.marts(connection, "staging"):
        if f"staging.{view.name}" in found:
            found[f"staging.{view.name}"] = {column.name: column.comment for column in view.columns}
    found["raw.runs"] = {column.name: column.comment for table in TABLES if table.name == "runs" for column in table.columns}
    return found


def _describe(connection: duckdb.DuckDBPyConnection, relation: str, comment: str | None, columns: dict[str, str | None]) -> None:
    connection.execute(f"comment on table {relation} is {quote(comment or '')}")
    for name, words in columns.items():
        connection.execute(f'comment on column {relation}."{name}" is {quote(words or "")}')
