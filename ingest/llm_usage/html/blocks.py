"""Owns what a section of the page consists of: blocks of plain data, in their order. Must not know HTML nor the lake.

``kind`` names the macro in ``templates/blocks.html.j2`` that lays a block out. No text here is escaped and none is markup: a
recording's name stands in a block as it is in the lake. Figures are text by now, as a person reads them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Mark:
    """Words within a sentence that stand out: strong, typed, quoted; and the parts of a headline figure."""

    kind: Literal["b", "code", "q", "path", "reads", "unit", "fine"]
    text: str


#: A sentence, whole or in parts.
Text = str | tuple[str | Mark, ...]
_TYPED = re.compile("`([^`]+)`")


def typed(sentence: str) -> Text:
    """A sentence of ours in which backticks mark what is to be typed."""
    parts = _TYPED.split(sentence)
    return tuple(Mark("code", part) if place % 2 else part for place, part in enumerate(parts) if part) if len(parts) > 1 else sentence


def strong(text: str) -> Mark:
    """The figure of a sentence."""
    return Mark("b", text)


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do where there is nothing to show."""

    kind: ClassVar = "todo"
    text: Text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    kind: ClassVar = "paragraph"
    sentences: tuple[Text, ...]


def paragraph(*sentences: Text) -> Paragraph:
    """Of those that say something."""
    return Paragraph(tuple(sentence for sentence in sentences if sentence))


@dataclass(frozen=True, slots=True)
class Entry:
    """A swatch with its words. ``colour`` is the CSS variable: ``s1`` to ``s10``, ``axis``."""

    colour: str
    words: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours of a chart mean."""

    kind: ClassVar = "legend"
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the bar on a card: so many of all, in a colour, and what they are."""

    number: int
    colour: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure and what qualifies it. ``look``: '', 'lead' or 'pair'."""

    label: str
    value: Text
    notes: tuple[Text, ...]
    look: str = ""
    shares: tuple[Share, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cards:
    """The headline figures."""

    kind: ClassVar = "cards"
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Particulars:
    """Terms with their values."""

    kind: ClassVar = "particulars"
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart in one width. ``look``: 'wide' for desks, 'narrow' for phones; ``drawing``: as `markup.drawing` gave it."""

    look: str
    ident: str
    view_box: str
    drawing: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart in both widths. The description is for those who do not see it."""

    kind: ClassVar = "figure"
    title: str
    description: str
    pictures: tuple[Picture, ...]
    legend: Legend | None = None
    caption: Text = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column. ``look``: the CSS classes."""

    words: str
    unit: str
    look: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``share`` is the length of the bar behind it in percent, '' where there is none."""

    text: Text
    look: str
    share: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first cell of a row names it."""

    kind: ClassVar = "table"
    ident: str
    caption: str
    heads: tuple[Head, ...]
    body: tuple[tuple[Cell, ...], ...]
    foot: tuple[tuple[Cell, ...], ...]
    note: Text = ""


Block = Todo | Paragraph | Legend | Cards | Particulars | Figure | Table
Blocks = Sequence[Block]
