"""Owns the registry of framings and the choice among them; must not know recordings or dialects, and does no I/O.

A framing is one module in this folder with an object named ``FRAMING`` that meets `Framing`. The bytes of the body
decide, never the content-type (it lies). Framings are asked, never ordered; two claims are an error that names both.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Protocol

from llm_usage.errors import InputError
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import Frames


class Splitter(Protocol):
    """An incremental parser: fed bytes in any pieces, it gives the same frames as fed whole."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""

    def close(self) -> Frames:
        """The end of the body: every frame."""


class Framing(Protocol):
    """One way of cutting messages out of a body."""

    name: str
    """As its frames carry it."""
    title: str
    """What it is, in a few words: ``llm-usage formats`` shows it."""

    def claims(self, body: bytes) -> bool:
        """Whether the body is cut this way, by its first bytes. The empty body is nobody's."""

    def splitter(self, limits: Limits) -> Splitter:
        """A fresh parser."""


@cache
def registry() -> tuple[Framing, ...]:
    """Every framing in this folder; their order means nothing (a test shuffles it)."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "FRAMING"):
            found.append(loaded.FRAMING)
    return tuple(found)


def split(body: bytes, limits: Limits = DEFAULT_LIMITS, among: Iterable[Framing] | None = None) -> Frames:
    """Cut a whole body into frames; a body that no framing claims gives no frames, framing ``none``.

    Raises:
        InputError: several framings claim the body.
        LimitError: a frame is larger than the limits allow.
    """
    framings: Sequence[Framing] = tuple(among) if among is not None else registry()
    claimants = [f for f in framings if f.claims(body)] if body else []
    if len(claimants) > 1:
        raise InputError(
            "the response body",
            f"is claimed by several framings: {', '.join(sorted(f.name for f in claimants))}",
            "This is a fault of llm-usage: please report it with the file",
        )
    if not claimants:
        return Frames("none", is_stream=False)
    splitter = claimants[0].splitter(limits)
    splitter.feed(body)
    return splitter.close()
