"""Owns single values as recorders spell them: durations, instants, statuses, base64, trees as JSON; must not know any format.

Unknown is None. Numbers keep their digits: no float is multiplied, summed or written down.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from llm_usage.errors import InputError

_GO_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_GO_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PADDED = re.compile("[^=]+=*")
_URL_SAFE = str.maketrans("-_", "+/")
_MARKED = re.compile(r'"\\u0000number:([-+.0-9Ee]+)"')


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


def raw_bytes(value: Any) -> bytes:
    """A body as recorded: bytes stay, text is UTF-8, a tree becomes JSON (numbers with the digits they had), None is empty.

    Text that begins as gzip does is bytes that a recorder wrote one character each.
    """
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        if value.startswith("\x1f\x8b"):
            with suppress(UnicodeEncodeError):
                return value.encode("latin-1")
        return value.encode("utf-8", "surrogatepass")
    return to_json(value)


def from_base64(text: Any, place: str) -> bytes:
    """Base64, standard or URL-safe, also as a JSON list of separately padded pieces (Polly) or with such pieces joined.

    Raises:
        InputError: it is none of them.
    """
    try:
        if text.lstrip().startswith("["):
            pieces = orjson.loads(text)
        else:
            whole = "".join(text.split()).translate(_URL_SAFE)
            pieces = _PADDED.findall(whole) if not whole.startswith("=") else [whole]
        return b"".join(base64.b64decode(piece + "=" * (-len(piece) % 4), validate=True) for piece in pieces)
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise InputError(place, "body is not the base64 that it says it is", "Restore or re-record the file") from None


def to_json(tree: Any) -> bytes:
    """A tree as JSON; numbers keep their digits.

    Raises:
        InputError: it holds what JSON cannot (it is deeper than 250 levels, say).
    """
    try:
        return orjson.dumps(tree, default=_fragment)
    except orjson.JSONEncodeError:
        pass  # an integer beyond 64 bits, or half of a surrogate pair: the standard library writes both
    except (TypeError, RecursionError):
        raise _no_json() from None
    try:
        text = json.dumps(tree, default=_marked, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise _no_json() from None
    return _MARKED.sub(r"\1", text).encode()


def _no_json() -> InputError:
    return InputError("", "body kept as a tree cannot be written as JSON", "Record the body as text")


def _fragment(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value)) if value.is_finite() else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError


def _marked(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"\0number:{value}" if value.is_finite() else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError


def status_code(value: Any) -> int | None:
    """An HTTP status from 200, "200", "200 OK" or {code, message}."""
    if isinstance(value, dict):
        value = value.get("code")
    if isinstance(value, Decimal) and 100 <= value <= 999 and value == int(value):
        value = int(value)
    if isinstance(value, str):
        value = value.split(" ", 1)[0]
        value = int(value) if value.isascii() and value.isdigit() and len(value) == 3 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999 else None


def millis(value: Any) -> Decimal | None:
    """Milliseconds, exact; None when it is no number, negative (HAR's -1: unknown) or beyond a year."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or (isinstance(value, Decimal) and not value.is_finite()):
        return None
    return Decimal(value) if 0 <= value < 366 * 86_400_000 else None


def nanos(total: Decimal | None) -> int | None:
    """Whole nanoseconds of milliseconds. Zero is None: recorders write it where they did not measure."""
    return int(total * 1_000_000) or None if total is not None else None


def arrivals(gaps: Any, count: int) -> list[int]:
    """Arrival times in ns from gaps in ms, the first counting from the origin.

    Empty unless there is one for each of ``count`` reads: a time that was not recorded is not made up.
    """
    if not isinstance(gaps, list) or len(gaps) != count:
        return []
    total = Decimal(0)
    out = []
    for gap in gaps:
        value = millis(gap)
        if value is None:
            return []
        total += value
        out.append(int(total * 1_000_000))
    return out


def text_or_none(value: Any) -> str | None:
    """A non-empty string, else None."""
    return value if isinstance(value, str) and value else None


def instant(value: Any) -> datetime | None:
    """An instant in UTC from ISO 8601, an HTTP date or epoch milliseconds; None when it is none or names no zone."""
    found: datetime | None = None
    try:
        if isinstance(value, str) and value:
            found = datetime.fromisoformat(value) if value[:4].isdigit() else parsedate_to_datetime(value)
        elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and 10**11 < value < 10**14:
            micros = int(Decimal(repr(value)) * 1000) if isinstance(value, float) else int(value * 1000)
            found = datetime.fromtimestamp(micros // 10**6, UTC).replace(microsecond=micros % 10**6)
        found = found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError, IndexError, TypeError, ArithmeticError):
        return None
    return found if found is not None and 2015 <= found.year < 2100 else None
