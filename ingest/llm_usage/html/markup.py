"""Owns HTML as text: escaping, tables with their captions, legends. Must not know what a figure means nor where it is from.

Every text passes `esc`: what came from a recording can neither become markup nor steer what reads the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

from llm_usage.render.table import heading
from llm_usage.render.text import figure, plain

Row = Mapping[str, Any]
#: From the sums of some rows to what is no sum.
Derive = Callable[[Row], Row]
#: Characters up to which a text is not broken into lines: on a desk, on a phone, in a heading.
_NAME, _WORD, _HEAD = 28, 15, 9
_TYPED = re.compile("`([^`]+)`")
#: As wide as a digit and as a point where figures are tabular: they fill up what stands behind the decimal point.
_FIGURE_SPACE, _POINT_SPACE = "\u2007", "\u2008"


def esc(value: object) -> str:
    """Text for HTML and for attribute values: no markup, nothing invisible."""
    return escape(plain(str(value)), quote=True)


@dataclass(frozen=True, slots=True)
class Col:
    """One column of a table."""

    name: str
    head: str | None = None
    """Words instead of those of the name."""
    add: bool = False
    """Sums make sense: the row of the rest and the row of all have one."""
    bar: bool = False
    """Show each figure's share of the greatest as a bar behind it."""
    empty: str = "–"
    """What stands for NULL."""
    optional: bool = False
    """Left out where it is 0 in every row."""
    prose: bool = False
    """Sentences of ours, in which backticks mark what is to be typed."""


@dataclass(frozen=True, slots=True)
class TableText:
    """What stands around the rows. ``rest`` names what did not fit: ``more models``."""

    ident: str
    caption: str
    rest: str
    limit: int = 12
    note: str = ""


def table(text: TableText, rows: Sequence[Row], columns: Sequence[Col], derive: Derive | None = None) -> str:
    """A table of at most ``text.limit`` rows, a row that sums up the rest, and a row that sums up all.

    Args:
        text: caption and bounds.
        rows: in the order in which they are shown.
        columns: those without anything to tell are left out; the first one names the row.
        derive: gives what is no sum (a share, how a cost reads) for the rows of the rest and of all, from their sums.
    """
    shown, rest = list(rows[: text.limit]), list(rows[text.limit :])
    columns = [c for i, c in enumerate(columns) if i == 0 or any(_tells(c, row.get(c.name)) for row in rows)]
    feet: list[Row] = []
    if rest:
        feet.append(_sums(rest, columns, f"{len(rest):,} {text.rest}", derive))
    if len(rows) > 1 and any(c.add for c in columns):
        feet.append(_sums(rows, columns, "All", derive))
    every = [*shown, *feet]
    numeric = {c.name for c in columns if any(_is_number(row.get(c.name)) for row in every)}
    texts = {c.name: _texts(c, [row.get(c.name) for row in every], numeric=c.name in numeric) for c in columns}
    shares = {c.name: _shares([row.get(c.name) for row in shown]) for c in columns if c.bar}
    body: list[str] = []
    foot: list[str] = []
    for index in range(len(every)):
        cells = [
            _cell(
                texts[c.name][index],
                first=place == 0,
                numeric=c.name in numeric,
                prose=c.prose,
                share=shares[c.name][index] if c.bar and index < len(shown) else None,
            )
            for place, c in enumerate(columns)
        ]
        (body if index < len(shown) else foot).append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(_head(c, numeric=c.name in numeric) for c in columns)
    caption = f"cap-{text.ident}"
    note = f'<p class="note">{text.note}</p>' if text.note else ""
    return (
        f'<div class="scroll" role="region" aria-labelledby="{caption}" tabindex="0"><table>'
        f'<caption id="{caption}"><span>{esc(text.caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody>'
        f"{_foot(foot)}</table></div>{note}"
    )


def _foot(rows: Sequence[str]) -> str:
    return f"<tfoot>{''.join(rows)}</tfoot>" if rows else ""


def total(rows: Sequence[Row], name: str) -> Any:
    """The exact sum of what is known; None when nothing is."""
    known = [row[name] for row in rows if row.get(name) is not None]
    return sum(known[1:], known[0]) if known else None


def _sums(rows: Sequence[Row], columns: Sequence[Col], label: str, derive: Derive | None) -> Row:
    sums = {name: total(rows, name) for name in rows[0] if _is_count(rows, name)}
    shown = {c.name: sums.get(c.name) for c in columns if c.add} | dict(derive(sums) if derive is not None else {})
    return {c.name: shown.get(c.name, "") for c in columns} | {columns[0].name: label}


def _tells(column: Col, value: object) -> bool:
    return value is not None and not (column.optional and value == 0)


def _is_count(rows: Sequence[Row], name: str) -> bool:
    return all(row.get(name) is None or isinstance(row[name], (int, Decimal)) for row in rows)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _texts(column: Col, values: Sequence[Any], *, numeric: bool) -> list[str]:
    """Figures of one column; in a numeric one their decimal points stand under each other."""
    texts = [column.empty if value is None else figure(column.name, value) for value in values]
    if not numeric:
        return texts
    widest = max((len(t) - t.index(".") for t in texts if "." in t), default=0)
    padded = []
    for each, value in zip(texts, values, strict=True):
        if not _is_number(value):
            padded.append(each)
            continue
        fraction = len(each) - each.index(".") if "." in each else 0
        missing = widest - fraction
        point = _POINT_SPACE if missing and not fraction else ""
        padded.append(each + point + _FIGURE_SPACE * (missing - len(point)))
    return padded


def _shares(values: Sequence[Any]) -> list[float | None]:
    top = max((float(v) for v in values if _is_number(v)), default=0.0)
    return [100 * float(v) / top if _is_number(v) and top > 0 and v > 0 else None for v in values]


def _cell(text: str, *, first: bool, numeric: bool, prose: bool, share: float | None) -> str:
    kind = "num" if numeric else "txt long" if len(text) > _NAME else "txt name" if len(text) > _WORD else "txt"
    if share is not None:
        return f'<td class="{kind} bar" style="--w:{share:.1f}%">{esc(text)}</td>'
    shown = _TYPED.sub(r"<code>\1</code>", esc(text)) if prose else esc(text)
    return f'<th scope="row" class="{kind}">{shown}</th>' if first else f'<td class="{kind}">{shown}</td>'


def _head(column: Col, *, numeric: bool) -> str:
    words, unit = heading(column.name)
    unit = f' <span class="unit">{esc(unit)}</span>' if unit else ""
    shown = column.head or words
    kind = f"{'num' if numeric else 'txt'}{' name' if len(shown) <= _HEAD else ''}"
    return f'<th scope="col" class="{kind}">{esc(shown)}{unit}</th>'


def legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """Swatches with their words: (CSS variable of the colour, words, figure)."""
    items = "".join(
        f'<li><span class="swatch" style="background:var(--{colour})"></span><span>{esc(words)}</span>'
        f"{f' <b>{esc(amount)}</b>' if amount else ''}</li>"
        for colour, words, amount in entries
    )
    return f'<ul class="legend">{items}</ul>'


def paragraph(*sentences: str) -> str:
    """Sentences of ours (already HTML, where they quote a recording they did so through `esc`)."""
    return f"<p>{' '.join(s for s in sentences if s)}</p>"


def todo(sentence: str) -> str:
    """What to do where there is nothing to show."""
    return f'<p class="todo">{sentence}</p>'
