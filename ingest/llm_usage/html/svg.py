"""Owns making a drawing of a chart: rendered by vl-convert, cleaned, coloured by the page's own variables.

Must not know what a chart shows. Charts use the colours of `INK`, `GRID`, `AXIS` and `series`; each becomes a CSS variable, so one
picture serves light, dark and paper. Text in a chart is escaped by Vega, which writes it as character data only.
"""

from __future__ import annotations

import re
from typing import Any

import altair as alt
import vl_convert

from llm_usage.html.markup import drawing

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

INK, GRID, AXIS, PAPER = "#010101", "#020202", "#030303", "#040404"
FONT = "system-ui, sans-serif"
_SERIES = {f"#0500{n:02x}": f"s{n}" for n in range(1, 11)}
_VARIABLES = {INK: "ink-2", GRID: "grid", AXIS: "axis", PAPER: "card"} | _SERIES
#: Only tags are edited: what stands between them may be a model's name.
_TAG = re.compile(r"<[^<>]*>")
_COLOUR = re.compile(r'"(#0[1-5][0-9a-f]{4})"')
_NOISE = re.compile(
    r' (?:xmlns(?::\w+)?|version|class|role|aria-[a-z]+|pointer-events|font-family|stroke-miterlimit)="[^"]*"'
    r'| opacity="1"| display="none"(?= d="")'
)
_EMPTY = re.compile(r"<path[^>]* d=\"(?:M0,0h0v0h0Z)?\"[^>]*/>|<g(?: [^>]*)?></g>|<g(?: [^>]*)?/>")
_IDENT = re.compile(r'(\bid="|url\(#|href="#)')
_WHOLE = re.compile(r'<svg width="[\d.]+" height="[\d.]+" viewBox="([\d. ]+)">(.*)</svg>', re.DOTALL)


def series(number: int) -> str:
    """The colour of the n-th series, from 1; 9 is for all others, 10 for what is bad."""
    return f"#0500{number:02x}"


def configured(chart: Chart) -> dict[str, Any]:
    """The chart's specification with the page's look."""
    axis: dict[str, Any] = {
        "labelColor": INK, "titleColor": INK, "tickColor": AXIS, "domainColor": AXIS, "gridColor": GRID, "labelFontSize": 12,
        "titleFontSize": 12, "titleFontWeight": "normal", "labelFont": FONT, "titleFont": FONT, "tickSize": 4,
    }  # fmt: skip
    spec: dict[str, Any] = (
        chart.configure(background="transparent", font=FONT, aria=False, padding=4)
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_text(color=INK, font=FONT)
        .to_dict()
    )
    return spec


def render(chart: Chart, ident: str) -> tuple[str, str]:
    """The ``viewBox`` and what stands in the ``<svg>``; without a size it takes that of its box. Ids in it begin with ``ident``.

    Raises:
        ValueError: vl-convert gave what is no drawing.
    """
    svg: str = vl_convert.vegalite_to_svg(configured(chart), vl_version=VL_VERSION, allowed_base_urls=[])
    svg = _TAG.sub(lambda found: _tag(found[0], ident), svg)
    before = ""
    while before != svg:
        before, svg = svg, _EMPTY.sub("", svg)
    whole = _WHOLE.fullmatch(svg)
    if whole is None:
        raise ValueError("vl-convert gives another kind of SVG than it did")
    return whole[1], drawing(whole[2])


def _tag(tag: str, ident: str) -> str:
    tag = _NOISE.sub("", tag)
    tag = _COLOUR.sub(lambda found: f'"var(--{_VARIABLES[found[1]]})"', tag)
    return _IDENT.sub(lambda found: f"{found[1]}{ident}-", tag)


VL_VERSION = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
