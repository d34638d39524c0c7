"""Owns the axes of the charts: names beside bars, ticks, number formats, calendar units. Must not know what is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt

from llm_usage.html.svg import INK
from llm_usage.render.text import plain

#: A Vega expression: milliseconds as a person says them.
DURATION = (
    "datum.value >= 60000 ? format(datum.value / 60000, '~g') + ' min' : "
    "datum.value >= 1000 ? format(datum.value / 1000, '~g') + ' s' : format(datum.value, '~g') + ' ms'"
)


def names(field: str, order: Sequence[str], room: int) -> alt.Y:
    """Names beside bars, in this order from the top, in ``room`` pixels."""
    # Measured with another font than the reader's, so a name gets less room than there is.
    axis = alt.Axis(
        labelLimit=round(room * 0.86), domain=False, ticks=False, labelPadding=8, labelColor=INK, grid=False, minExtent=room + 8
    )
    return alt.Y(f"{field}:N", sort=list(order), title=None, axis=axis)


def labels(texts: Sequence[str]) -> list[str]:
    """Harmless, and told apart where two are spelled the same."""
    seen: dict[str, int] = {}
    out = []
    for label in map(plain, texts):
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return out


def money_format(top: float) -> str:
    """A format with as many decimals as steps of about a fifth of ``top`` need."""
    digits = max(0, math.ceil(-math.log10(top / 5) - 1e-9)) if top > 0 else 2
    return f",.{0 if top >= 1000 else min(digits, 12)}f"


def ratio_ticks(reach: float, width: int) -> list[float]:
    """Round ratios between 1 / ``reach`` and ``reach``, as many as ``width`` pixels take."""
    powers = range(1, math.floor(math.log2(reach)) + 1)
    every = max(1, math.ceil(len(powers) * 2 / max(2, width // 60)))
    up = [1.1, 1.25] if reach < 1.6 else [1.5] if reach < 2.2 else [2.0**n for n in powers if n % every == 0]
    return [*(round(1 / u, 3) for u in reversed(up)), 1.0, *up]


def decades(low: float, high: float, width: int) -> list[float]:
    """Round figures on a logarithmic scale, as many as ``width`` pixels take."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = 2 if width < 300 and last - first > 3 else 1
    parts = (1, 2, 5) if last - first <= 2 and width > 300 else (1, 3) if last - first <= 2 else (1,)
    return [
        part * 10.0**power for power in range(first, last + 1, every) for part in parts if low / 1.15 <= part * 10.0**power <= high * 1.15
    ]


def midnight(day: date) -> int:
    """UTC, in milliseconds: no time zone of this machine comes in."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def following(day: date, unit: str) -> date:
    """The day on which the next day, week, month or year begins."""
    if unit == "day":
        return day + timedelta(days=1)
    if unit == "week":
        return day + timedelta(days=7)
    if unit == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year + 1, 1, 1)
