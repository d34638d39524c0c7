"""Owns files of log records: one JSON object a line, a list of them, or one alone; must not know any log.

Numbers of a record keep every digit. A bad line is that line's reject and the next is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from llm_usage.codecs.json import JsonError, loads, loads_exact
from llm_usage.codecs.values import as_count, as_decimal
from llm_usage.errors import InputError
from llm_usage.recordings._parts import bad
from llm_usage.recordings._values import instant
from llm_usage.recordings.document import Document

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = 20
_APIS = {
    "chat/completions": "openai_chat",
    "/completions": "openai_completions",
    "responses": "openai_responses",
    "/messages": "anthropic_messages",
    "embeddings": "embeddings",
    ":generateContent": "gemini",
    ":streamGenerateContent": "gemini",
}
_YEAR_3000_S = 32_503_680_000


def sample(document: Document, n: int = _FIRST) -> list[dict[str, Any]]:
    """The first records, for a claim; empty when the file is of no such kind. Few bad lines are passed over."""
    if document.syntax == "json":
        probe = document.probe
        listed = probe[:n] if isinstance(probe, list) else [probe]
        return listed if all(isinstance(item, dict) for item in listed) else []
    if document.syntax != "text":
        return []
    lines = [line for line in document.head.removeprefix(b"\xef\xbb\xbf").split(b"\n", n) if line.strip()]
    found: list[dict[str, Any]] = []
    bad = 0
    for line in lines[:n]:
        try:
            tree = loads(line)
        except JsonError:
            tree = None
        if isinstance(tree, dict):
            found.append(tree)
        elif (bad := bad + 1) > len(found):
            return []
    return found


def records(document: Document, *keys: str) -> Iterator[tuple[str, Any]]:
    """Each record with its place: of a list (at ``keys`` below the root), of lines, or the one there is. A bad line is a `JsonError`.

    Raises:
        InputError: the file cannot be read on; records before stand.
    """
    if document.syntax == "json":
        if isinstance(document.probe, list) or keys:
            yield from document.items(*keys, exact=True)
        else:
            yield "record", document.tree(exact=True)
        return
    for place, line in document.lines():
        try:
            yield place, loads_exact(line)
        except JsonError as error:
            yield place, error


def entries(document: Document, *keys: str) -> Iterator[tuple[str, Any]]:
    """As `records`, for logs of which not every line is a call: a last line that is cut off ends the file, it is no entry of its own.

    Raises:
        InputError: the file cannot be read on; entries before stand.
    """
    held: tuple[str, Any] | None = None
    for place, item in records(document, *keys):
        if held is not None:
            yield held
            held = None
        if isinstance(item, JsonError):
            held = place, item
        else:
            yield place, item
    if held is not None:
        raise not_json(document, held[0])


def not_json(document: Document, place: str) -> InputError:
    """The error for a line that is no JSON."""
    return bad(document, place, "is not JSON", "Restore the file; it may be cut off there")


def count_of(value: Any) -> int | None:
    """A token count, also as text (protobuf's JSON, CSV)."""
    return as_count(as_decimal(value)) if isinstance(value, str) else as_count(value)


def counts(tree: Mapping[str, Any], **names: str) -> dict[str, int]:
    """Token counts by their columns: ``counts(usage, input_tokens="prompt_tokens")``; what is absent or no count is left out."""
    found = {column: count_of(tree.get(name)) for column, name in names.items()}
    return {column: count for column, count in found.items() if count is not None}


def epoch(value: Any) -> datetime | None:
    """An instant told in seconds, milliseconds or nanoseconds since 1970, or as ISO 8601 text; of a database also as one."""
    if isinstance(value, datetime):
        return instant(value.isoformat())
    number = _number(value)
    if number is None:
        return instant(value)
    seconds = _in_seconds(number)
    return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000)) if seconds is not None else None


def said(tokens: dict[str, int]) -> dict[str, int]:
    """Counts of a log that writes 0 where it knows none: when all of them are 0, nothing is said."""
    return tokens if any(tokens.values()) else {}


def utc(value: Any) -> datetime | None:
    """As `epoch`; an instant without a zone is UTC: for tools whose database keeps it so."""
    at = epoch(value)
    if at is None and isinstance(value, datetime) and value.tzinfo is None:
        value = value.isoformat()
    return at if at is not None or not isinstance(value, str) else instant(f"{value}+00:00")


def api_at(path: str | None) -> str | None:
    """The dialect that is spoken at a path, for logs that keep it beside the counts."""
    path = path.split("?", 1)[0].rstrip("/") if path else ""
    return next((api for end, api in _APIS.items() if path.endswith(end)), None)


def between_ns(start: Any, end: Any) -> int | None:
    """Nanoseconds from one told instant to the next; None when one is missing or they are out of order."""
    first, last = _seconds(start), _seconds(end)
    return int((last - first) * 1_000_000_000) if first is not None and last is not None and last >= first else None


def _seconds(value: Any) -> Decimal | None:
    at = epoch(value)
    if at is None:
        return None
    number = _number(value)
    return Decimal((at - _EPOCH) // timedelta(microseconds=1)) / 1_000_000 if number is None else _in_seconds(number)


def _number(value: Any) -> Decimal | None:
    """A number, also as text; what is written as an instant is none."""
    return as_decimal(value) if not isinstance(value, str) or value.replace(".", "", 1).isdigit() else None


def _in_seconds(number: Decimal) -> Decimal | None:
    """Seconds since 1970, of seconds, milliseconds, microseconds or nanoseconds: whichever is an instant of our time."""
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        if 10**8 <= number / unit < _YEAR_3000_S:
            return number / unit
    return None
