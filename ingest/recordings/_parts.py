"""Owns what every recording format needs: headers, bodies, statuses, URLs, durations; must not know any one format."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from ingest.coding import decode_body
from ingest.errors import InputError
from ingest.exchange import NO_HEADERS
from ingest.recordings.document import Document

_GO_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_GO_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def go_duration_ns(value: Any) -> int | None:
    """A Go duration (``1.158s``, ``409.35ms``, ``1m2.3s``) or an integer of nanoseconds; None when it is none of them.

    Zero is None: recorders write it where they did not measure. Source: Go, time.ParseDuration.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if 0 < value < 2**62 else None
    if not isinstance(value, str) or not value or len(value) > 64:
        return None
    total = Decimal(0)
    position = 0
    for part in _GO_PART.finditer(value):
        if part.start() != position:
            return None
        total += Decimal(part.group(1)) * _GO_UNITS[part.group(2)]
        position = part.end()
    return int(total) if position == len(value) and 0 < total < 2**62 else None


def headers(value: Any, document: Document) -> Mapping[str, str]:
    """Allowed headers, lower-case, from any spelling: {name: value}, {name: [values]}, [{name, value}], [[name, value]]."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = []
        for item in value:
            if isinstance(item, dict):
                pairs.append((item.get("name") or item.get("key"), item.get("value")))
            elif isinstance(item, list) and len(item) == 2:
                pairs.append((item[0], item[1]))
    else:
        return NO_HEADERS
    keep = document.keep_headers
    found: dict[str, str] = {}
    for name, content in pairs:
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if not isinstance(name, str) or (lower := name.lower()) not in keep:
            continue
        if isinstance(content, list):
            content = content[0] if content else None
        if isinstance(content, bytes):
            content = content.decode("latin-1")
        if isinstance(content, (str, int, Decimal, float)) and not isinstance(content, bool):
            found[lower] = str(content)[:1000]
    return found


def raw_bytes(value: Any) -> bytes:
    """A body as recorded: bytes stay, text is UTF-8, a tree becomes JSON (numbers with the digits they had), None is empty."""
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return to_json(value)


def body(value: Any, coding: str | None, document: Document, place: str) -> tuple[bytes, bool]:
    """A body without its content coding, and whether it was whole.

    Raises:
        LimitError: it is larger than the limits allow.
        InputError: its compression is damaged from the start.
    """
    return decode_body(raw_bytes(value), coding, document.limits, f"{document.name} {place}")


def request_body(value: Any, document: Document, place: str) -> bytes | None:
    """A request body without its content coding; None when it was not recorded."""
    return None if value is None else body(value, None, document, place)[0]


def from_base64(text: str, place: str) -> bytes:
    """Base64, also as a JSON list of separately padded pieces (Polly).

    Raises:
        InputError: it is neither.
    """
    try:
        if text.lstrip().startswith("["):
            pieces = orjson.loads(text)
            return b"".join(base64.b64decode(piece, validate=False) for piece in pieces)
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError, TypeError):
        raise InputError(place, "body is not the base64 that it says it is", "Restore or re-record the file") from None


def to_json(tree: Any) -> bytes:
    """A tree as JSON; Decimals keep their digits.

    Raises:
        InputError: it holds what JSON cannot (it is deeper than 250 levels, say).
    """
    try:
        return orjson.dumps(tree, default=_fragment)
    except (orjson.JSONEncodeError, TypeError, RecursionError):
        raise InputError("a body kept as a tree", "cannot be written as JSON", "Record the body as text") from None


def _fragment(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError


def status_code(value: Any) -> int | None:
    """An HTTP status from 200, "200", "200 OK" or {code, message}."""
    if isinstance(value, dict):
        value = value.get("code")
    if isinstance(value, str):
        value = value.split(" ", 1)[0]
        value = int(value) if value.isascii() and value.isdigit() and len(value) == 3 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999 else None


def text_or_none(value: Any) -> str | None:
    """A non-empty string, else None."""
    return value if isinstance(value, str) and value else None


def instant(value: Any) -> datetime | None:
    """An instant in UTC from ISO 8601, an HTTP date or epoch milliseconds; None when it is none or names no zone."""
    found: datetime | None = None
    try:
        if isinstance(value, str) and value:
            found = datetime.fromisoformat(value) if value[:4].isdigit() else parsedate_to_datetime(value)
        elif isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 10**11 < value < 10**14:
            micros = int(value * 1000)
            found = datetime.fromtimestamp(micros // 10**6, UTC).replace(microsecond=micros % 10**6)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    if found is None or found.tzinfo is None:
        return None
    found = found.astimezone(UTC)
    return found if 2015 <= found.year < 2100 else None
