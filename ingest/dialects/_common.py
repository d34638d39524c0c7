"""Owns what several dialects read the same way: errors, money, durations, request shapes; must not know any one dialect.

Nothing here keeps text: an error's message may quote a prompt or a key, so only its type and code are taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from ingest.columns import ERROR, ChunkColumns
from ingest.reading import Reading, RequestFacts, as_count

_NS = Decimal(1_000_000_000)
_MS = Decimal(1_000_000)


def dig(value: Any, *keys: str | int) -> Any:
    """``value[k0][k1]…``, or None as soon as a step is not there or not of that shape."""
    for key in keys:
        if isinstance(key, str):
            value = value.get(key) if isinstance(value, dict) else None
        else:
            value = value[key] if isinstance(value, list) and -len(value) <= key < len(value) else None
        if value is None:
            return None
    return value


def items(value: Any) -> list[Any]:
    """The items of a list; anything else has none."""
    return value if isinstance(value, list) else []


def as_str(value: Any) -> str | None:
    """A non-empty string, else None."""
    return value if isinstance(value, str) and value else None


def as_decimal(value: Any) -> Decimal | None:
    """A finite number, also from a string, as Decimal; else None. Feed it from `Stream.exact`: a float has lost digits."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value)) if isinstance(value, (int, str, float)) else value
    except InvalidOperation:
        return None
    return number if isinstance(number, Decimal) and number.is_finite() else None


def money(value: Any) -> Decimal | None:
    """An amount of USD from int, Decimal or string; else None. Never negative."""
    number = as_decimal(value)
    return number if number is not None and number >= 0 else None


def ns_of(value: Any, unit: str) -> int | None:
    """A duration in nanoseconds from a number in ``unit`` (s, ms or ns); None when it is no sane duration."""
    number = as_decimal(value)
    if number is None or not 0 <= number < 2**62:  # before it is multiplied: 1e999999 would overflow
        return None
    scaled = number * {"s": _NS, "ms": _MS, "ns": Decimal(1)}[unit]
    return int(scaled) if scaled < 2**62 else None


def epoch_s(value: Any) -> Decimal | None:
    """Epoch seconds of a plausible instant (2015 to 2100); scrubbed zeros and nonsense are None."""
    number = as_decimal(value)
    return number if number is not None and 1_420_070_400 <= number < 4_102_444_800 else None


def _token(value: Any) -> str | None:
    """A word that can be a type or a code; a sentence (which may quote a prompt) is None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= 120 and not any(c.isspace() for c in value):
        return value
    return None


def read_error(value: Any) -> tuple[str | None, str | None] | None:
    """Type and code of an error payload of any provider, or None when ``value`` is no error.

    Shapes: ``{"error": {type|status, code}}``, ``{"error": "text"}``, ``{"type": "error", "error": …}``,
    ``[{"error": …}]``, ``{"detail": …}``, ``{"errors": […]}``, AWS ``{"__type": …}`` and bare ``{"message", "code"}``.
    """
    if isinstance(value, list):
        return read_error(value[0]) if len(value) >= 1 and isinstance(value[0], dict) else None
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if isinstance(error, dict):
        kind = _token(error.get("type")) or _token(error.get("status"))
        code = _token(error.get("code"))
        return kind, code
    if isinstance(error, str) and error:
        return _token(error) or _token(value.get("type")), _token(value.get("code")) or _token(value.get("status"))
    errors = value.get("errors")
    if isinstance(errors, list) and errors and "choices" not in value:
        first = errors[0]
        return (
            (_token(first.get("type")) or _token(first.get("name")), _token(first.get("code"))) if isinstance(first, dict) else (None, None)
        )
    if isinstance(value.get("__type"), str):
        return _token(value["__type"].rsplit("#", 1)[-1]), _token(value.get("code"))
    if value.get("type") == "error" or value.get("object") == "error" or value.get("event_type") == "error":
        return _token(value.get("code")) or "error", _token(value.get("code"))
    return None


def read_error_body(value: Any) -> tuple[str | None, str | None]:
    """As `read_error`, for the body of an HTTP error, where looser shapes are errors too."""
    found = read_error(value)
    if found is not None:
        return found
    if isinstance(value, dict):
        kind = _token(value.get("type")) or _token(value.get("status")) or _token(value.get("name")) or _token(value.get("Code"))
        code = _token(value.get("code")) or _token(value.get("statusCode")) or _token(value.get("status_code"))
        return kind, code
    return None, None


def note_error(i: int, value: Any, columns: ChunkColumns, reading: Reading) -> bool:
    """If payload ``i`` is an error, note it on the frame and the reading; returns whether it was one."""
    found = read_error(value)
    if found is None:
        return False
    reading.fail(*found)
    columns.is_a(i, ERROR)
    return True


def prompt_hash(parts: Mapping[str, Any]) -> str | None:
    """SHA-256 over the canonical JSON of the parts of a request that make up its prompt; None when there is none.

    Keys whose value is None or absent do not count, so the same prompt gives the same hash whatever the dialect leaves out.
    """
    present = {k: v for k, v in parts.items() if v is not None}
    if not present:
        return None
    try:
        canonical = orjson.dumps(present, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError):
        return None
    return hashlib.sha256(canonical).hexdigest()


def length(value: Any) -> int | None:
    """Number of items of a list, else None."""
    return len(value) if isinstance(value, list) else None


def message_count(messages: Any) -> int | None:
    """Messages of a request, those of the system or developer not counted; a bare string or object is one."""
    if isinstance(messages, (str, dict)):
        return 1
    if not isinstance(messages, list):
        return None
    return sum(not (isinstance(m, dict) and m.get("role") in ("system", "developer")) for m in messages)


def first_count(body: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """The first of several spellings that holds a count."""
    for name in names:
        number = as_count(body.get(name))
        if number is not None:
            return number
    return None


def as_real(value: Any) -> float | None:
    """A sampling parameter."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9 else None


def facts(
    body: Any,
    *,
    operation: str,
    model: str | None = None,
    messages: Any = None,
    tools: Any = None,
    system: Any = None,
    extra: Mapping[str, Any] | None = None,
    stream: bool | None = None,
    limits: Iterable[str] = ("max_tokens", "max_completion_tokens", "max_output_tokens"),
) -> RequestFacts:
    """Request facts of a JSON body whose top level follows the OpenAI habit; ``messages`` may be a list or a string."""
    body = body if isinstance(body, dict) else {}
    asked = body.get("stream") if stream is None else stream
    return RequestFacts(
        model=model or as_str(body.get("model")),
        operation=operation,
        stream_requested=asked if isinstance(asked, bool) else None,
        max_tokens=first_count(body, limits),
        temperature=as_real(body.get("temperature")),
        tool_count=length(tools),
        message_count=message_count(messages),
        prompt_sha256=prompt_hash({"messages": messages, "tools": tools, "system": system, **(extra or {})}),
        service_tier=as_str(body.get("service_tier")),
    )
