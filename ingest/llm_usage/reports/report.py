"""Owns what a named report is: a mart, its caption, the columns a terminal shows, and the footer that qualifies every total.

Must not know terminals, files or HTML. What a mart means is written in its SQL file; ``-- show:`` there names the columns
for a narrow screen.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from llm_usage.errors import ConfigError
from llm_usage.query import views
from llm_usage.query.sql_files import SqlFile, sql_files
from llm_usage.render import number
from llm_usage.render.text import counted
from llm_usage.versions import package_version

_OVERVIEW = (
    "cost_by_provider",
    "cost_by_model",
    "cost_daily",
    "latency",
    "throughput",
    "timing_observability",
    "stream_health",
    "data_quality",
)
#: What `footer` asks.
FOOTER = {
    "facts": """
        select count(*) as n,
               count(*) filter (is_billable) as billable,
               count(cost_usd) filter (cost_basis in ('reported', 'computed')) as costed,
               count(*) filter (cost_basis = 'reported') as reported,
               count(*) filter (cost_basis = 'computed') as computed,
               count(*) filter (cost_basis = 'lower_bound') as bounds,
               count(*) filter (cost_usd is null and is_billable) as unknown,
               sum(cost_usd) as cost_usd,
               count(*) filter (status = 'truncated') as truncated,
               count(*) filter (started_at is null) as undated,
               min(started_at)::date::varchar as first_day, max(started_at)::date::varchar as last_day
        from staging.requests where is_counted
    """,
    "clocks": "select timing_source, count(*) from staging.requests where is_counted group by 1 order by 2 desc, 1",
    "left out": "select count(*) from staging.requests where not is_counted",
}
#: The last clause of a mart's query.
_ORDERED = re.compile(r"\norder by [^\n]+\Z")
_AGO = re.compile(r"(\d+)([hdw])")


@dataclass(frozen=True, slots=True)
class Report:
    """One mart's rows with what is needed to show them."""

    name: str
    caption: str | None
    columns: Sequence[str]
    """For a terminal; empty: all."""
    table: pa.Table


def default_reports() -> tuple[str, ...]:
    """The reports of the overview."""
    return _OVERVIEW


def find_report(name: str, *, by: Sequence[str] = ()) -> SqlFile:
    """The file of the report that is meant.

    Raises:
        ConfigError: there is no such report, or it cannot be split by what is asked for.
    """
    found = {file.name: file for file in sql_files("20_marts")}
    if name not in found:
        near = difflib.get_close_matches(name, found, 1) or [n for n in found if name in n or n in name]
        hint = f"Did you mean {near[0]}? `llm-usage report --list` shows all" if near else f"Reports: {', '.join(sorted(found))}"
        raise ConfigError(f"report {name}", "there is no such report", hint)
    file = found[name]
    for dimension in by:
        if dimension not in file.by and name not in _OVERVIEW:
            able = ", ".join(file.by) or "nothing"
            raise ConfigError(f"report {name} --by {dimension}", "this report cannot be split so", f"It can be split by: {able}")
    return file


def run_report(connection: duckdb.DuckDBPyConnection, name: str, *, by: Sequence[str] = ()) -> Report:
    """The rows of one mart.

    Raises:
        ConfigError: there is no such report, or it cannot be split by what is asked for.
    """
    file = find_report(name, by=by)
    mart = connection.table(f"marts.{name}")
    table = connection.sql(in_total_order(file, mart.columns)).to_arrow_table()
    columns = (*(d for d in by if d not in file.show), *file.show) if file.show else ()
    return Report(name, file.caption, columns, table)


def in_total_order(file: SqlFile, columns: Sequence[str]) -> str:
    """The mart's own query, with every column as a last resort of its order: equal rows of the same lake never change places."""
    query = file.body.strip().partition(f"view marts.{file.name} as")[2].rstrip(";")
    keys = ", ".join(f'"{column}"' for column in columns)
    return f"{query}, {keys}" if _ORDERED.search(query) else f'select * from marts."{file.name}" order by {keys}'


def parse_instant(text: str | None, zone: str, option: str) -> datetime | None:
    """``2025-09-24`` (midnight in ``zone``), an ISO 8601 instant, or an age such as ``12h``, ``7d``, ``2w``.

    Raises:
        ConfigError: it is none of them.
    """
    if text is None:
        return None
    if found := _AGO.fullmatch(text):
        unit = {"h": "hours", "d": "days", "w": "weeks"}[found[2]]
        return datetime.now(UTC) - timedelta(**{unit: int(found[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(option, f"`{text}` is no day or instant", "Write 2025-09-24, 2025-09-24T08:00Z or an age such as 7d") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone))


def footer(connection: duckdb.DuckDBPyConnection, settings: views.Settings) -> list[str]:
    """What stands behind the figures: coverage, prices, what totals miss, clocks, zone."""
    facts = _one(
        connection,
        FOOTER["facts"],
    )
    n = facts["n"]
    if not n:
        return ["No requests. Read recordings with `llm-usage ingest PATH`, or widen --since and --until."]
    clocks = connection.execute(FOOTER["clocks"]).fetchall()
    left_out = connection.execute(FOOTER["left out"]).fetchall()[0][0]
    cost = number(facts["cost_usd"]) if facts["cost_usd"] is not None else "unknown"
    known = f"{facts['reported']:,} reported, {facts['computed']:,} by list"
    least = " at least" if facts["unknown"] or facts["bounds"] else ""
    missing = (f"{counted(facts['bounds'], 'lower bound')}, " if facts["bounds"] else "") + f"{facts['unknown']:,} unpriced"
    span = f"{facts['first_day']} to {facts['last_day']} ({settings.time_zone})"
    return [
        f"{counted(n, 'request')}, {span}; {facts['undated']:,} without a date; {counted(left_out, 'repeat')} left out.",
        f"Cost known for {facts['costed']:,} of {facts['billable']:,} chargeable ({known}): {cost} USD{least}; {missing}.",
        f"{counted(facts['truncated'], 'truncated stream')}. Clocks: {', '.join(f'{count:,} {name}' for name, count in clocks)}.",
        price_snapshot(),
    ]


def price_snapshot() -> str:
    """Which list prices come from."""
    return f"Prices: genai-prices {package_version('genai-prices')}, bundled."


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    return connection.sql(sql).to_arrow_table().to_pylist()[0]  # type: ignore[no-any-return]
