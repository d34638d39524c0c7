"""Owns the careful reading of a decoded tree: a step that may be missing, a string, a count, an amount, a duration.

Must not know any field's name. What is not of the shape asked for is None, never an exception and never a guess.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

#: What a JSON number says to everybody alike (RFC 8259, section 6). No count of tokens comes near it, and sums of it fit 64 bits.
MAX_COUNT = 2**53 - 1
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
    except (InvalidOperation, ValueError):  # ValueError: an integer of more digits than Python writes
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


def as_real(value: Any) -> float | None:
    """A sampling parameter."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9 else None


def as_count(value: object) -> int | None:
    """A token count, or None when ``value`` is none: a whole number from 0 to 2^53-1, also as float or Decimal."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= MAX_COUNT else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and 0 <= value <= MAX_COUNT else None
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() and 0 <= value <= MAX_COUNT else None
    return None
