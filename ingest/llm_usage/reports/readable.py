"""Owns the list of what can be read: recording formats, framings, dialects, providers, each with its own title.

Must not know how the list is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from llm_usage import dialects, framing, recordings
from llm_usage.providers import providers


@dataclass(frozen=True, slots=True)
class Readable:
    """One thing that can be read."""

    kind: str
    """recording format, framing or dialect."""
    name: str
    """As it stands in ``recording_format`` and ``api``."""
    what: str
    """Its title: what it is, in a few words."""


def readable() -> Iterator[Readable]:
    """Every recording format, framing and dialect there is, by name."""
    formats = [Readable("recording format", f.name, f.title) for f in recordings.registry()]
    framings = [Readable("framing", f.name, f.title) for f in framing.registry()]
    spoken = [Readable("dialect", d.api, d.title) for d in dialects.registry()]
    for kind in (formats, framings, spoken):
        yield from sorted(kind, key=lambda one: one.name)


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
