"""Owns the registry of wire dialects and the choice among them; must not know recordings, framings or providers.

A dialect is one module in this folder with an object named ``DIALECT`` that meets `Dialect`. Dialects are
*asked, never ordered*: by the payload first, where that cannot tell by the URL path, then by the request body.
Two claims on one level are an error that names both. An envelope (``envelope = True``: Bedrock's InvokeModel) carries
another dialect's payload and is asked before the dialects that it may hold.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Protocol

from llm_usage.errors import InputError
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream


class Dialect(Protocol):
    """What one wire protocol's messages mean.

    A dialect may also have:

    * ``envelope = True``: it carries another dialect's payload and is asked before it.
    * ``generates_nothing = ((reason, pattern), …)``: endpoints of its API, by the end of their lower-case path, that are no
      generation call; what a dialect claims by its payload is one all the same.
    * ``lists = True``: a list of its answers is one whole body, no stream of frames.
    """

    api: str
    """Value of the column ``api``."""
    title: str
    """What it is, in a few words: ``llm-usage formats`` shows it."""

    def claims_payload(self, stream: Stream) -> bool:
        """Whether the decoded payloads are of this dialect, by their content alone (the host and content-type lie).

        True only on positive evidence: a key or type that no other dialect has. Error bodies are no evidence
        unless their shape is this dialect's alone.
        """

    def claims_path(self, path: str) -> bool:
        """Whether the URL path (no query) is this dialect's endpoint."""

    def claims_request(self, body: Any) -> int:
        """How strongly the decoded JSON request body speaks for this dialect: NONE, HINT, KEYS or OWN (`dialects._request`).

        Each dialect weighs only its own keys. The strongest claim is believed; two that are equally strong are nobody's.
        """

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not: set chunk columns, note observations. Never raises on bad content."""

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """What the decoded JSON request body (or None) and the path say."""


@cache
def registry() -> tuple[Dialect, ...]:
    """Every dialect in this folder; their order means nothing (a test shuffles it)."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "DIALECT"):
            found.append(loaded.DIALECT)
    return tuple(found)


def asker_among(dialects: Iterable[Dialect], request: Any) -> list[Dialect]:
    """The dialect whose request it is by its keys, or none: a tie is no evidence."""
    weights = [(d.claims_request(request), d) for d in dialects] if request is not None else []
    best = max((weight for weight, _ in weights), default=0)
    found = [d for weight, d in weights if weight == best] if best else []
    return found if len(found) == 1 else []


def select(stream: Stream, path: str, request: Any, among: Iterable[Dialect] | None = None) -> Dialect | None:
    """The one dialect that claims the exchange, or None when none does.

    Raises:
        InputError: two dialects claim the same evidence.
    """
    dialects: Sequence[Dialect] = tuple(among) if among is not None else registry()
    for evidence, claimants in (
        ("envelope", [d for d in dialects if getattr(d, "envelope", False) and d.claims_payload(stream)]),
        ("payload", [d for d in dialects if not getattr(d, "envelope", False) and d.claims_payload(stream)]),
        ("path", [d for d in dialects if path and d.claims_path(path)]),
        ("request", asker_among(dialects, request)),
    ):
        if len(claimants) > 1:
            raise InputError(
                f"the {evidence}",
                f"is claimed by several dialects: {', '.join(sorted(d.api for d in claimants))}",
                "This is a fault of llm-usage: please report it with the file",
            )
        if claimants:
            return claimants[0]
    return None
