"""Owns the charts of the page: what is drawn how. Must not know where the rows come from nor how an SVG gets into the page.

Lengths on a chart are binary floats, for pixels only; the exact figures stand in the tables beside. Every chart comes in two widths,
one for a desk and one for a phone, so that its letters are as large as those around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from llm_usage.html.axes import DURATION, decades, following, labels, midnight, money_format, names, ratio_ticks
from llm_usage.html.blocks import Figure, Legend, Picture, Text
from llm_usage.html.svg import AXIS, PAPER, Chart, render, series

Row = dict[str, Any]
#: Width of the plotting area and most characters of a label beside it.
WIDE, NARROW = (700, 250), (185, 135)


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart is called, and what it says to those who do not see it."""

    ident: str
    title: str
    description: str


def figure(
    words: Words, draw: Callable[[int, int], Chart], *, legend: Legend | None = None, caption: Text = "", more_room: int = 0
) -> Figure:
    """A chart in both widths. ``draw`` is given the width and the room for labels, in pixels.

    ``more_room`` goes from the wide plot to its labels.
    """
    sizes = {"wide": (WIDE[0] - more_room, WIDE[1] + more_room), "narrow": NARROW}
    pictures = [Picture(look, f"{words.ident}-{look}", *render(draw(*size), f"{words.ident}-{look}")) for look, size in sizes.items()]
    return Figure(words.title, words.description, tuple(pictures), legend, caption)


def spend(rows: Sequence[Row], unit: str) -> Callable[[int, int], Chart]:
    """Bars over time, stacked by the rank of the model. Rows: period, rank, cost_usd, by rank."""
    days = [row["period"] for row in rows]
    first, last = midnight(min(days)), midnight(max(days))
    length = midnight(following(max(days), unit)) - last
    domain = [first - length // 2, last + length // 2]
    units = round((domain[1] - domain[0]) / length)
    # A bar stands over its tick, with room beside it; where there are few it is as wide as if there were eight.
    half = round(0.42 * min(1, units / 8) * length)
    tops: dict[date, float] = {}
    data = []
    for row in rows:
        middle, low = midnight(row["period"]), tops.get(row["period"], 0.0)
        tops[row["period"]] = low + float(row["cost_usd"])
        data.append({"from": middle - half, "to": middle + half, "rank": row["rank"], "low": low, "high": tops[row["period"]]})
    top = max(tops.values())
    form = {"day": "%b %-d", "week": "%b %-d, %Y", "month": "%b %Y", "year": "%Y"}[unit]

    def draw(width: int, room: int) -> Chart:
        # As many ticks as there is room for, and no more than there are units: else one day would be labelled four times.
        ticks = max(1, min(width // 100, units))
        x = alt.X(
            "from:T",
            scale=alt.Scale(type="utc", domain=domain, nice=False),
            title=None,
            axis=alt.Axis(format=form, tickCount=ticks, grid=False),
        )
        y = alt.Y(
            "low:Q",
            title=None,
            scale=alt.Scale(domain=[0, top], nice=True),
            axis=alt.Axis(format=money_format(top), tickCount=5, domain=False, ticks=False),
        )
        colour = alt.Color("rank:O", scale=alt.Scale(domain=list(range(1, 10)), range=[series(n) for n in range(1, 10)]), legend=None)
        base = _plot(data, width=width + room - 60, height=230)
        chart: Chart = base.mark_rect(stroke=PAPER, strokeWidth=0.4).encode(x=x, x2="to:T", y=y, y2="high:Q", color=colour)
        return chart

    return draw


def stacks(rows: Sequence[Row], colours: Sequence[int], *, money: bool) -> Callable[[int, int], Chart]:
    """Horizontal stacked bars. Rows: label, parts (one number for each of ``colours``), in the order from the top."""
    shown = labels([row["label"] for row in rows])
    data = [
        {"label": label, "part": place, "amount": float(part)}
        for label, row in zip(shown, rows, strict=True)
        for place, part in enumerate(row["parts"])
        if part
    ]
    top = max((sum(float(part) for part in row["parts"]) for row in rows), default=1.0)
    form = money_format(top) if money else ",d" if top >= 5 else "d"

    def draw(width: int, room: int) -> Chart:
        ticks = max(2, width // 110)
        axis = alt.Axis(
            format=form, tickCount=ticks if money or top >= ticks else int(top), domain=False, ticks=False, labelOverlap="greedy"
        )
        colour = alt.Color("part:O", scale=alt.Scale(domain=list(range(len(colours))), range=[series(n) for n in colours]), legend=None)
        x = alt.X("amount:Q", stack=True, title=None, axis=axis)
        bars = _plot(data, width=width, height=alt.Step(24)).mark_bar(size=14)
        chart: Chart = bars.encode(x=x, y=names("label", shown, room), order=alt.Order("part:O"), color=colour)
        return chart

    return draw


def ratios(rows: Sequence[Row]) -> Callable[[int, int], Chart]:
    """Dots left and right of 1. Rows: label, ratio (above 0)."""
    shown = labels([row["label"] for row in rows])
    data = [{"label": label, "ratio": row["ratio"], "off": _off(row["ratio"])} for label, row in zip(shown, rows, strict=True)]
    reach = max([1.25, *(max(d["ratio"], 1 / d["ratio"]) for d in data)]) * 1.08
    domain = [1 / reach, reach]

    def draw(width: int, room: int) -> Chart:
        x = alt.X(
            "ratio:Q",
            scale=alt.Scale(type="log", base=2, domain=domain, nice=False),
            title="reported cost ÷ list price",
            axis=alt.Axis(values=ratio_ticks(reach, width), format="~g", domain=False, ticks=False),
        )
        base = _plot(data, width=width, height=alt.Step(24))
        colour = alt.Color("off:N", scale=alt.Scale(domain=["more", "less", "same"], range=[series(10), series(3), series(9)]), legend=None)
        who = names("label", shown, room)
        return alt.layer(
            _plot([{"one": 1}]).mark_rule(color=AXIS, strokeWidth=1.5).encode(x=alt.X("one:Q")),
            base.mark_rule(strokeWidth=2).encode(x=x, x2=alt.X2Datum(1), y=who, color=colour),
            base.mark_circle(size=90, opacity=1).encode(x=x, y=who, color=colour),
        )  # fmt: skip

    return draw


def ranges(rows: Sequence[Row]) -> Callable[[int, int], Chart]:
    """A thin line from the fastest to the slowest, a thick one from p50 to p95 (or p90), a mark at p50. Rows: label, ``_ms`` figures."""
    shown = labels([row["label"] for row in rows])
    data = []
    for label, row in zip(shown, rows, strict=True):
        low, high = max(row["min_ms"], 0.1), max(row["max_ms"], 0.1)
        middle = max(row["p50_ms"], 0.1) if row["p50_ms"] is not None else None
        tail = row["p95_ms"] if row["p95_ms"] is not None else row["p90_ms"]
        data.append({"label": label, "low": low, "high": high, "p50": middle, "tail": max(tail, 0.1) if tail is not None else middle})
    low, high = min(d["low"] for d in data), max(d["high"] for d in data)

    def draw(width: int, room: int) -> Chart:
        scale = alt.Scale(type="log", domain=[low / 1.15, high * 1.15], nice=False)
        axis = alt.Axis(values=decades(low, high, width), labelExpr=DURATION, labelOverlap=True, domain=False, ticks=False)
        base = _plot(data, width=width, height=alt.Step(24))
        who = names("label", shown, room)
        known = base.transform_filter("isValid(datum.p50)")
        return alt.layer(
            base.mark_rule(color=AXIS, strokeWidth=2).encode(x=alt.X("low:Q", scale=scale, title=None, axis=axis), x2="high:Q", y=who),
            known.mark_bar(size=9, color=series(1), opacity=0.55).encode(x=alt.X("p50:Q", scale=scale), x2="tail:Q", y=who),
            base.transform_filter("datum.low == datum.high")
            .mark_circle(size=50, color=AXIS, opacity=1)
            .encode(x=alt.X("low:Q", scale=scale), y=who),
            known.mark_tick(size=16, thickness=3, color=series(1)).encode(x=alt.X("p50:Q", scale=scale), y=who),
        )

    return draw


def timeline(frames: Sequence[Row], stall_ms: float) -> Callable[[int, int], Chart]:
    """Content so far over time, a mark a moment, a rule where the stream stood still.

    Rows: arrived_ms, content_bytes, what, longest_gap_ms.
    """
    kinds = ["content", "reasoning", "tool call", "other"]
    data = [
        {"s": row["arrived_ms"] / 1000, "bytes": row["content_bytes"], "what": row["what"], "gap": (row["longest_gap_ms"] or 0) / 1000}
        for row in frames
    ]
    stalls = [{"from": d["s"] - d["gap"], "s": d["s"], "bytes": d["bytes"]} for d in data if d["gap"] * 1000 >= stall_ms]

    def draw(width: int, room: int) -> Chart:
        base = _plot(data, width=width + room - 70, height=260)
        x = alt.X("s:Q", title=None, axis=alt.Axis(tickCount=max(3, width // 90), grid=False), scale=alt.Scale(nice=False))
        y = alt.Y("bytes:Q", title=None, axis=alt.Axis(format=",d", tickCount=5, domain=False, ticks=False))
        colour = alt.Color("what:N", scale=alt.Scale(domain=kinds, range=[series(n) for n in (1, 2, 4, 9)]), legend=None)
        layers: list[alt.Chart] = [
            base.mark_line(interpolate="step-after", color=AXIS, strokeWidth=1.5).encode(x=x, y=y),
            base.mark_circle(size=22 if len(data) > 60 else 60, opacity=1).encode(x=x, y=y, color=colour),
        ]
        if stalls:
            held = _plot(stalls)
            layers.insert(0, held.mark_rule(strokeWidth=5, color=series(10), opacity=0.6).encode(x=alt.X("from:Q"), x2="s:Q", y="bytes:Q"))
        return alt.layer(*layers)

    return draw


def _plot(rows: Sequence[Row], **size: Any) -> alt.Chart:
    return alt.Chart(alt.InlineData(list(rows)), **size)


def _off(ratio: float) -> str:
    return "same" if abs(ratio - 1) < 0.01 else "more" if ratio > 1 else "less"
