"""Owns tables as data: which columns tell something, what did not fit, sums, how figures stand in a column. Must not know markup
nor what a figure means nor where it is from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from llm_usage.html.blocks import Cell, Head, Table, Text, typed
from llm_usage.render.table import heading
from llm_usage.render.text import figure

Row = Mapping[str, Any]
#: From the sums of some rows to what is no sum.
Derive = Callable[[Row], Row]
#: Characters up to which a text is not broken into lines: on a desk, on a phone, in a heading.
_NAME, _WORD, _HEAD = 28, 15, 9
#: As wide as a digit and as a point where figures are tabular: they fill up what stands behind the decimal point.
_FIGURE_SPACE, _POINT_SPACE = "\u2007", "\u2008"


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
    note: Text = ""


def table(text: TableText, rows: Sequence[Row], columns: Sequence[Col], derive: Derive | None = None) -> Table:
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
    lines = [
        tuple(
            _cell(
                c,
                texts[c.name][index],
                numeric=c.name in numeric,
                share=shares[c.name][index] if c.bar and index < len(shown) else None,
            )
            for c in columns
        )
        for index in range(len(every))
    ]
    heads = tuple(_head(c, numeric=c.name in numeric) for c in columns)
    return Table(text.ident, text.caption, heads, tuple(lines[: len(shown)]), tuple(lines[len(shown) :]), text.note)


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


def _cell(column: Col, text: str, *, numeric: bool, share: float | None) -> Cell:
    look = "num" if numeric else "txt long" if len(text) > _NAME else "txt name" if len(text) > _WORD else "txt"
    if share is not None:
        return Cell(text, look, f"{share:.1f}")
    return Cell(typed(text) if column.prose else text, look)


def _head(column: Col, *, numeric: bool) -> Head:
    words, unit = heading(column.name)
    shown = column.head or words
    return Head(shown, unit, f"{'num' if numeric else 'txt'}{' name' if len(shown) <= _HEAD else ''}")
