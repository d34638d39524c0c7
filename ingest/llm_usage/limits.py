"""Owns the bounds inside which any input must be read; must not know what is being read.

The figures come from measured hostile inputs (a 60 KB YAML file that overflows the C stack, zstd frames that
grow 32,750 times). Each can be set under ``limits:`` in ``llm-usage.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass

from llm_usage.errors import LimitError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one recording. Sizes are bytes after decompression unless said otherwise."""

    body_bytes: int = 64 * MIB
    """One request or response body, decompressed."""
    line_bytes: int = 16 * MIB
    """One line, or one frame, of a stream."""
    depth: int = 64
    """Nesting of YAML or JSON."""
    nodes: int = 5_000_000
    """Scalars, keys and containers of one exchange, aliases counted each time they are used."""
    document_bytes: int = 1024 * MIB
    """A JSON recording, which has to be held in memory whole (YAML is read exchange by exchange)."""
    expansion: int = 200
    """How many times a compressed recording may grow before its plain size is held against document_bytes."""

    def exceeded(self, place: str, limit: str, seen: str) -> LimitError:
        """The error for the limit named ``limit``, with how to raise it."""
        value = getattr(self, limit)
        return LimitError(
            place,
            f"{seen} exceeds the limit {limit}={value}",
            f"If the file is to be trusted, raise it under `limits: {{{limit}: …}}` in llm-usage.yaml",
        )


DEFAULT_LIMITS = Limits()
