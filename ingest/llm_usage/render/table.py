"""Owns terminal tables: aligned decimals, units under the names, NULL columns left out; must not know what a report means."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from llm_usage.render.text import counted, figure, plain, unique

#: Spaces between two columns.
_GUTTER = 3
_UNITS = {
    "_usd": "USD",
    "_pct": "%",
    "_ms": "ms",
    "_ns": "ns",
    "_s": "s",
    "_bytes": "bytes",
    "_tok_s": "tok/s",
    "_usd_per_mtok": "USD/Mtok",
    "_usd_mtok": "USD/Mtok",
}


def heading(name: str) -> tuple[str, str]:
    """A column's name as words, and its unit: ``ttft_p50_ms`` is ("ttft p50", "ms")."""
    for ending in sorted(_UNITS, key=len, reverse=True):
        if name.endswith(ending) and name != ending[1:]:
            return name[: -len(ending)].replace("_", " "), _UNITS[ending]
    return name.replace("_", " "), ""


def show(
    console: Console, table: pa.Table, *, title: str, caption: str | None = None, columns: Sequence[str] = (), notes: Sequence[str] = ()
) -> None:
    """Print one result.

    Args:
        console: where to.
        table: the rows.
        title: what it is.
        caption: the sentence that says how to read it.
        columns: which columns, in which order; all when empty. Columns without any value are left out.
        notes: lines below it.
    """
    console.print(Text(title, style="bold"))
    if caption:
        console.print(Text(caption, style="dim"))
    names = [n for n in (columns or table.column_names) if n in table.column_names]
    if len(set(table.column_names)) < table.num_columns:
        table = table.rename_columns(unique(table.column_names))
        names = table.column_names
    if not table.num_rows:
        console.print(Text("no rows", style="dim italic"))
    else:
        known = [n for n in names if table.column(n).null_count < table.num_rows] or names[:1]
        grid, hidden = _grid(table, known, console.width)
        console.print(grid)
        if hidden:
            rest = f"{counted(hidden, 'more column')} {'does' if hidden == 1 else 'do'} not fit"
            console.print(Text(f"{rest}: widen the terminal, or use --format csv or json", style="dim italic"))
    for note in notes:
        console.print(Text(plain(note), style="dim"))
    console.print()


def _grid(table: pa.Table, names: Sequence[str], room: int) -> tuple[Table, int]:
    """The grid, and how many columns did not fit into ``room`` characters (those on the right go first)."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    cells: list[list[Text]] = []
    for name in names:
        kind = table.schema.field(name).type
        numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        texts = _column(name, table.column(name).to_pylist(), numeric=numeric)
        widest = max(map(len, texts))
        header = _header(name, widest)
        least = max(widest if numeric else min(widest, 24), *(len(line) for line in header.plain.split("\n")))
        if cells and least > room:
            break
        room -= least + _GUTTER
        grid.add_column(header, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold", min_width=least)
        cells.append([Text(t) for t in texts])
    for row in zip(*cells, strict=True):
        grid.add_row(*row)
    return grid, len(names) - len(cells)


def _header(name: str, widest: int) -> Text:
    """Name and unit, broken between words to about the width of the column."""
    # A name can come from a recording: `pivot` makes columns of values.
    words, unit = heading(plain(name))
    lines = textwrap.wrap(words, max(9, widest), break_long_words=False)
    return Text("\n".join(lines), style="bold").append(f"\n{unit}" if unit else "", style="dim not bold")


def _column(name: str, values: Sequence[Any], *, numeric: bool) -> list[str]:
    """The column's figures; decimal points stand under each other."""
    texts = [figure(name, value) for value in values]
    if not numeric:
        return texts
    widest = max((len(t) - t.index(".") for t in texts if "." in t), default=0)
    return [t + " " * (widest - (len(t) - t.index(".") if "." in t else 0)) if widest else t for t in texts]
