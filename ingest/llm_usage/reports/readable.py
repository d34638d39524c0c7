"""Owns the list of what can be read: recording formats, framings, dialects, providers, each with one sentence.

The sentences are the modules' own: what the docstring says that the module owns. Must not know how the list is shown.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llm_usage import dialects, framing, recordings
from llm_usage.providers import providers

#: "Owns WHAT; must not know …" or "Owns WHAT. Must not know …"; a full stop inside a name is not followed by a space.
_OWNS = re.compile(r"Owns (.+?)(?:; (?:must not|no) .*|\.(?:\s.*)?)?\Z")


@dataclass(frozen=True, slots=True)
class Readable:
    """One thing that can be read."""

    kind: str
    """recording format, framing or dialect."""
    name: str
    """As it stands in ``recording_format`` and ``api``."""
    what: str


def readable() -> Iterator[Readable]:
    """Every recording format, framing and dialect there is, by name."""
    for kind, found in (
        ("recording format", {f.name: f for f in recordings.registry()}),
        ("framing", {f.name: f for f in framing.registry()}),
        ("dialect", {d.api: d for d in dialects.registry()}),
    ):
        for name, thing in sorted(found.items()):
            yield Readable(kind, name, sentence(thing))


def sentence(thing: Any) -> str:
    """What the module of a format, framing or dialect says that it owns; its first sentence or clause.

    Raises:
        ValueError: the docstring does not begin with ``Owns``.
    """
    module = inspect.getmodule(type(thing))
    first = " ".join((inspect.getdoc(module) or "").split("\n\n")[0].split())
    owned = _OWNS.match(first)
    if owned is None:
        raise ValueError(f"the docstring of {type(thing).__module__} does not say what it owns")
    text = owned[1].removeprefix("the ").replace("``", "")
    return text[0].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Known:
    """One provider or gateway of ``providers.yaml``."""

    name: str
    gateway: bool
    hosts: tuple[str, ...]


def known() -> Iterator[Known]:
    """Every provider and gateway, by name."""
    for name, gateway, hosts in sorted(providers().hosts()):
        yield Known(name, gateway, hosts)
