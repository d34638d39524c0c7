"""Owns making text from recordings harmless and figures readable; must not know reports or terminals."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

#: Categories that steer a terminal or reorder what is read: control, format, surrogate, private use, line separators.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def plain(text: str) -> str:
    """Text without anything that steers a terminal: escape sequences, bidi overrides and line breaks become visible marks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if unicodedata.category(char) not in _STEERING else _mark(char) for char in text)


def _mark(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 request``, ``1,502 requests``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def unique(names: Sequence[str]) -> list[str]:
    """Names told apart by a number that makes none of the others: ``a``, ``a_2``."""
    out: list[str] = []
    given = set(names)
    for name in names:
        told, number = name, 2
        while told in out or (told != name and told in given):
            told, number = f"{name}_{number}", number + 1
        out.append(told)
    return out


def figure(name: str, value: Any) -> str:
    """One value as a person reads it; ``name`` is its column, whose ending says the unit. NULL is a dash, never 0."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _decimal(name, value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _real(name, value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(plain(str(v)) for v in value)
    return plain(str(value))


def _decimal(name: str, value: Decimal) -> str:
    """Money keeps every digit that it has, and at least cents."""
    text = f"{value:,f}"
    if "." not in text:
        return text
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if "usd" in name:
        fraction = fraction.ljust(2, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _real(name: str, value: float) -> str:
    if not math.isfinite(value):
        return "–"
    if name.endswith("pct") or "_pct_" in name:
        return f"{value:.1f}"
    size = abs(value)
    digits = 0 if size >= 10_000 else 1 if size >= 100 else 2 if size >= 10 else 3
    return f"{value:,.{digits}f}"
