"""Owns the registry of recording formats and the choice among them; must not know dialects or framings.

A format is one module in this folder with an object named ``FORMAT`` that meets `Format`. Formats are *asked, never
ordered*: each answers from content whether it can read the file, and knows no other format. Two rules settle what overlaps by
nature, both declared by the format itself: a ``generic`` one (plain pairs, a bare body) is asked only when no tool's own
format claims, and one that ``refines`` another (an archive by HAR's keys with clocks of its own) goes before it. Two claims that
remain are an error that names both.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import PurePath
from typing import Protocol

from llm_usage.errors import InputError
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings.document import Document


class Format(Protocol):
    """How one tool saves HTTP exchanges.

    A format may also have:

    * ``generic = True``: its shape is nobody's in particular; it is asked only when no other format claims.
    * ``refines = ("har",)``: names of formats whose keys it shares; where both claim, the file is its own.
    * ``owner_of(path)``: see `side_file_owner`.
    """

    name: str
    """Value of the column ``recording_format``."""
    title: str
    """What it is, in a few words: ``llm-usage formats`` shows it."""

    def claims(self, document: Document) -> bool:
        """Whether the content is of this format. Never raises; file names are no evidence."""

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every exchange of the file, in order, indexes from 0 without a gap.

        Raises:
            InputError: the file cannot be read further; exchanges yielded before stand.
        """


@cache
def registry() -> tuple[Format, ...]:
    """Every format in this folder; their order means nothing (a test shuffles it)."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "FORMAT"):
            found.append(loaded.FORMAT)
    return tuple(found)


def is_generic(format_: Format) -> bool:
    """Whether a format is asked only when no other claims."""
    return getattr(format_, "generic", False) is True


def refines(format_: Format) -> tuple[str, ...]:
    """Names of the formats that a format goes before."""
    return tuple(getattr(format_, "refines", ()))


def claimants(document: Document, among: Iterable[Format] | None = None) -> list[Format]:
    """The formats that claim the document, those that stand back left out: more than one is a fault."""
    formats: Sequence[Format] = tuple(among) if among is not None else registry()
    found = [f for f in formats if not is_generic(f) and f.claims(document)]
    if not found:
        found = [f for f in formats if is_generic(f) and f.claims(document)]
    refined = {name for f in found for name in refines(f)}
    return [f for f in found if f.name not in refined]


def identify(document: Document, among: Iterable[Format] | None = None) -> Format | None:
    """The one format that claims the document, or None when none does.

    Raises:
        InputError: several formats claim it.
    """
    found = claimants(document, among)
    if len(found) > 1:
        raise InputError(
            document.name,
            f"is claimed by several recording formats: {', '.join(sorted(f.name for f in found))}",
            "This is a fault of llm-usage: please report it with the file",
        )
    return found[0] if found else None


def side_file_owner(path: PurePath) -> PurePath | None:
    """What a side file belongs to: the recording, or the folder of recordings, that reads it; None when it is none.

    Pure: it looks at the name only. Such a file is to be ignored on purpose where its owner exists, and read as a recording
    of its own where it does not. A format declares its side files with a method ``owner_of(path)``.
    """
    for format_ in registry():
        owner_of = getattr(format_, "owner_of", None)
        if owner_of is not None and (owner := owner_of(path)) is not None:
            return PurePath(owner)
    return None


def is_side_file(path: PurePath) -> bool:
    """Whether a path has the name of a side file (``__files/…``, ``….blobs/…``); see `side_file_owner`."""
    return side_file_owner(path) is not None
