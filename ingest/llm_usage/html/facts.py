"""Owns what the page asks the lake: the queries of the page and the rows of the reports that it shows. Must not know HTML.

All figures come from `sql/`; nothing is computed here but the choice of a period that fits on a plot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from llm_usage.query import views
from llm_usage.query.materialize import freeze
from llm_usage.query.sql_files import sql_files
from llm_usage.reports.report import run_report

Rows = list[dict[str, Any]]
REPORTS = (
    "cost_daily",
    "cost_by_provider",
    "cost_by_model",
    "cost_reconciliation",
    "latency",
    "timing_observability",
    "stream_health",
    "attempts",
    "cache",
    "unpriced",
    "data_quality",
)
TOP_MODELS = 8
#: Moments of the timeline of one stream.
POINTS = 400
#: The longest span in days that a unit is used for: no plot has more than about 110 bars.
_UNITS = ((100, "day"), (770, "week"), (3300, "month"))


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the page shows. Rows are dictionaries of exact values, in the order of their reports."""

    settings: views.Settings
    headline: dict[str, Any]
    reports: dict[str, Rows]
    unit: str
    """Of `spend`: day, week, month, year."""
    spend: Rows
    stream: dict[str, Any] | None
    frames: Rows
    rejects: Rows

    @property
    def empty(self) -> bool:
        """There is no request."""
        return not self.headline["requests"]


def gather(connection: duckdb.DuckDBPyConnection, settings: views.Settings) -> Facts:
    """Ask for everything. The connection's staging view is frozen."""
    queries = {file.name: file for file in sql_files("30_queries") if file.name.startswith("page_")}
    freeze(connection, [file.body for file in (*queries.values(), *(file for file in sql_files("20_marts") if file.name in REPORTS))])

    def ask(name: str, **given: object) -> Rows:
        text = queries[name].text.strip().rstrip(";")
        return connection.sql(text, params=given or None).to_arrow_table().to_pylist()  # type: ignore[no-any-return]

    (headline,) = ask("page_headline")
    unit = _unit(headline)
    streams = ask("page_stream")
    return Facts(
        settings=settings,
        headline=headline,
        reports={name: run_report(connection, name).table.to_pylist() for name in REPORTS},
        unit=unit,
        spend=ask("page_spend", unit=unit, top=TOP_MODELS),
        stream=streams[0] if streams else None,
        frames=ask("page_frames", request_id=streams[0]["request_id"], points=POINTS) if streams else [],
        rejects=ask("page_rejects"),
    )


def _unit(headline: dict[str, Any]) -> str:
    if headline["first_day"] is None:
        return "day"
    days = (headline["last_day"] - headline["first_day"]).days
    return next((unit for most, unit in _UNITS if days <= most), "year")
