"""Owns what dialects do alike with a stream: look at its head, keep raw usage, close it; must not know any one dialect."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from llm_usage.codecs.values import dig
from llm_usage.dialects.error_body import note_error, read_error_body
from llm_usage.model.chunk_columns import BODY, DONE, ERROR, USAGE, ChunkColumns
from llm_usage.model.observations import Observations
from llm_usage.model.stream import Stream


def heads(stream: Stream) -> Iterator[dict[str, Any]]:
    """The first messages of a stream: enough to tell a dialect by, however long the stream is."""
    return islice((payload for payload in stream.objects if isinstance(payload, dict)), 24)


def messages(stream: Stream, columns: ChunkColumns, observed: Observations) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every payload that is an object, with the number of its frame; of the others an error is noted and the rest passed over."""
    for i, payload in enumerate(stream.objects):
        if isinstance(payload, dict):
            yield i, payload
        elif payload is not None:
            note_error(i, payload, columns, observed)


def add_usage(i: int, columns: ChunkColumns, observed: Observations) -> None:
    """Frame ``i`` reports usage; unless the stream goes on without an end (`close`) it is the final one."""
    columns.has_usage[i] = True
    columns.mark_kind(i, USAGE)
    observed.usage_source = "final"


def choice_index(value: Any) -> int | None:
    """A choice's index as the column can hold it."""
    return value if type(value) is int and 0 <= value < 32768 else None


def note_named_error(stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """``event: error`` says what its payload may not: ``{"message": …}`` alone is an error there."""
    if observed.error or stream.frames.framing != "sse" or "error" not in stream.frames.event:
        return
    for i, (name, payload) in enumerate(zip(stream.frames.event, stream.objects, strict=True)):
        if name == "error" and i not in stream.done:
            observed.fail(*read_error_body(payload))
            columns.mark_kind(i, ERROR)


def close(stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """What is the same at the end of every response: ``[DONE]``, the kind of a body that is no stream, how complete its usage is."""
    note_named_error(stream, columns, observed)
    for i in stream.done:
        columns.mark_kind(i, DONE)
        observed.terminator = observed.terminator or "done"
        observed.complete = True
    if not stream.is_stream:
        for i, payload in enumerate(stream.objects):
            if payload is not None:
                columns.kind[i] = BODY
    elif observed.usage_source == "final" and not observed.complete:
        observed.usage_source = "last_cumulative"


def _has_real(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_real(v) for v in value.values())
    if isinstance(value, list):
        return any(_has_real(v) for v in value)
    return isinstance(value, float)


def merge_usage(i: int, usage: dict[str, Any], stream: Stream, observed: Observations, *where: str) -> dict[str, Any]:
    """Keep a raw usage object found at ``where`` in payload ``i``: key by key, the last non-null value wins, numbers as sent.

    Returns the object with exact decimals; only one that holds such a number costs a second decoding.
    """
    if _has_real(usage):
        exact = dig(stream.exact(i), *where)
        usage = {key: exact.get(key) for key in usage} if isinstance(exact, dict) else usage
    kept = observed.usage
    for key, value in usage.items():
        if value is not None or key not in kept:
            kept[key] = value
    return usage


def json_text(value: Any) -> str:
    """Arguments of a tool call as compact JSON text; a string is taken as it is, nothing and ``{}`` are nothing."""
    if isinstance(value, str):
        return value
    if value is None or value == {}:
        return ""
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, RecursionError):
        return ""
