"""Owns the way from the frames of one answer to what they mean: left out on purpose, one dialect's, or ``other``.

The only door of this room for whoever reads a recording; must not know recordings, framings or what becomes of a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import compress
from typing import Any, NamedTuple

from llm_usage.dialects import registry, select
from llm_usage.dialects._ignored import ignore_reason
from llm_usage.dialects.other import API as OTHER
from llm_usage.dialects.other import facts_of_other, read_other
from llm_usage.model.chunk_columns import COMMENT, MALFORMED, METADATA, PING, ChunkColumns
from llm_usage.model.frames import COMMENT as COMMENT_MARK
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream


class Interpretation(NamedTuple):
    """What one answer means."""

    stream: Stream
    """Its frames: those that were given, or the one that a list which no protocol streams is."""
    columns: ChunkColumns
    """Its frames, column by column."""
    observed: Observations
    """What was observed over them."""
    facts: RequestFacts
    """What was asked."""


class LeftOut(NamedTuple):
    """No generation call, and why."""

    reason: str


def interpret(method: str | None, stream: Stream, body: bytes, *, keep_text: bool = False) -> Interpretation | LeftOut:
    """Read one answer.

    Args:
        method: HTTP method of the request, None when it is not recorded.
        stream: the frames with their decoded payloads, the path and the decoded request.
        body: what the frames were cut from.
        keep_text: whether the visible text is kept in the columns.

    Raises:
        InputError: several dialects claim the answer.
    """
    path, request = stream.url_path, stream.request
    reason = ignore_reason(method, path, request, stream)
    if reason is not None:
        return LeftOut(reason)
    dialect = select(stream, path, request)
    if stream.frames.framing == "json_array" and (dialect is None or getattr(dialect, "lists", False)):
        stream = stream.whole(body)
    columns = ChunkColumns(len(stream.frames), keep_text=keep_text)
    observed = Observations(dialect.api if dialect is not None else OTHER)
    if dialect is not None:
        dialect.observe(stream, columns, observed)
        if _has_rounded(observed.usage) or any(map(_has_rounded, _suspects(stream, columns))):
            stream = stream.of(stream.frames, careful=True)
            columns, observed = ChunkColumns(len(stream.frames), keep_text=keep_text), Observations(dialect.api)
            dialect.observe(stream, columns, observed)
        facts = dialect.request_facts(request, path)
    else:
        read_other(stream, columns, observed)
        facts = facts_of_other(request)
    if dialect is not None or any(payload is not None for payload in stream.objects):
        for i in stream.malformed:
            columns.kind[i] = MALFORMED
    _mark_the_rest(stream, columns)
    return Interpretation(stream, columns, observed, facts)


def unheard(stream: Stream, api: str | None) -> Interpretation:
    """What a call was whose answer a log did not keep: nothing was observed; its request is read where that is there."""
    path, request = stream.url_path, stream.request
    asked = next((dialect for dialect in registry() if dialect.api == api), None)
    facts = asked.request_facts(request, path) if asked is not None else facts_of_other(request)
    return Interpretation(stream, ChunkColumns(len(stream.frames)), Observations(api or OTHER), facts)


def _suspects(stream: Stream, columns: ChunkColumns) -> Iterator[Any]:
    """Messages with usage whose text could hold a number that rounding makes whole: looked for in bytes, as it is in hardly any."""
    for i in compress(range(len(columns)), columns.has_usage):
        payload = stream.frames.payload[i]
        if b"e-" in payload or b"E-" in payload or b"000000000" in payload or b"999999999" in payload:
            yield stream.objects[i]


def _has_rounded(value: Any) -> bool:
    """Whether a number in it may have been made whole by rounding, as ``1E-400`` is by every fast reader: no count, and not 0."""
    if isinstance(value, dict):
        return any(map(_has_rounded, value.values()))
    if isinstance(value, list):
        return any(map(_has_rounded, value))
    if isinstance(value, Decimal):
        return float(value).is_integer() and value != value.to_integral_value()
    return isinstance(value, float) and value.is_integer()


def _mark_the_rest(stream: Stream, columns: ChunkColumns) -> None:
    """Kinds that no dialect needs to set: comments and named pings."""
    for i, mark in enumerate(stream.frames.mark):
        if mark == COMMENT_MARK:
            columns.kind[i] = COMMENT
        elif columns.kind[i] == METADATA and stream.frames.event[i] == "ping":
            columns.kind[i] = PING
