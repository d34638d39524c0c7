"""Owns the sentences and names that several sections share: who served, how a cost reads, what a clock is. Knows no section."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from llm_usage.html.blocks import typed
from llm_usage.render.text import counted as count
from llm_usage.render.text import figure

__all__ = ["CLOCKS", "NOTHING", "SHORT_CLOCKS", "Row", "cost_of", "cost_reads", "count", "money", "pct", "route", "share"]

Row = Mapping[str, Any]

#: What to do where the lake holds no request.
NOTHING = typed("Nothing to show yet: read recordings with `llm-usage ingest PATH`.")
#: What each clock allows to say, in the order from the most to the least.
CLOCKS = {
    "per_chunk": ("arrival of every piece", "Time to first token, gaps and speed were observed."),
    "total": ("one total duration", "How long a response took was observed. When its tokens came is not known, nor is its speed."),
    "headers_only": (
        "time to the headers",
        "The recorder stops its clock before the body: a lower bound of time to first token, nothing more.",
    ),
    "server": (
        "the server’s own account",
        "No client clock. What the server says of itself stands apart and is never mixed with what a client saw.",
    ),
    "none": ("no time", "Nothing about time may be concluded."),
}
#: The same in a word, for tables and labels.
SHORT_CLOCKS = {"per_chunk": "arrivals", "total": "total", "headers_only": "headers", "server": "server", "none": "none"}


def route(row: Row) -> str:
    """Who served, and through whom."""
    provider, gateway = row.get("provider"), row.get("gateway")
    if gateway:
        return f"{provider or 'not known'} via {gateway}"
    return provider or "not known"


def money(value: Decimal | None) -> str:
    """An amount with every digit it has."""
    return "unknown" if value is None else f"{figure('usd', value)} USD"


def share(part: int | Decimal, whole: int | Decimal) -> str:
    """In percent, cut off and not rounded, so that 100 means all."""
    return f"{pct(part, whole):.1f} %" if whole else "–"


def pct(part: int | Decimal | None, whole: int | Decimal | None) -> float | None:
    """As the macro ``staging.pct``: cut off at two digits; NULL of nothing."""
    return math.floor(Decimal(10000) * part / whole) / 100 if whole and part is not None else None


def cost_reads(billable: int, costed: int, bounded: int, assumed: int = 0) -> str:
    """As the macro ``staging.cost_reads``: how a sum of costs must be read."""
    if not billable:
        return "nothing charged"
    if costed == billable:
        return "total"
    if costed + assumed == billable:
        return "assumed"
    return "unknown" if costed + bounded + assumed == 0 else "at least"


def cost_of(sums: Row) -> Row:
    """Coverage and reading of summed rows of a cost report."""
    billable, costed = sums.get("billable_requests") or 0, sums.get("costed_requests") or 0
    bounded, assumed = sums.get("lower_bound_requests") or 0, sums.get("assumed_date_requests") or 0
    return {"coverage_pct": pct(costed, billable), "cost_reads": cost_reads(billable, costed, bounded, assumed)}
