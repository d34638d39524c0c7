"""Owns the reading of RFC 3339 instants to the last digit; must not know what they date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from llm_usage.codecs.values import epoch_s

_ISO = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _whole_seconds(text: str, zone: str) -> int | None:
    """Epoch seconds of ``YYYY-MM-DDThh:mm:ss`` in a zone; a stream has many frames within one second."""
    try:
        instant = datetime(int(text[:4]), int(text[5:7]), int(text[8:10]), int(text[11:13]), int(text[14:16]), int(text[17:]), tzinfo=UTC)
    except ValueError:
        return None
    seconds = (instant - _EPOCH) // timedelta(seconds=1)
    if zone not in "Zz":
        shift = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        seconds += shift if zone[0] == "-" else -shift
    return seconds if epoch_s(seconds) is not None else None


def _iso(value: Any) -> tuple[int, str] | None:
    """Epoch seconds and the digits of the fraction of an RFC 3339 instant; None without a zone: it would be a guess."""
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    text, fraction, zone = found.groups()
    seconds = _whole_seconds(text, zone)
    return None if seconds is None else (seconds, fraction or "")


def iso_s(value: Any) -> Decimal | None:
    """Epoch seconds, every digit of the fraction kept, of a plausible RFC 3339 instant; else None."""
    found = _iso(value)
    return Decimal(f"{found[0]}.{found[1] or 0}") if found is not None else None


def iso_us(value: Any) -> int | None:
    """Epoch microseconds of a plausible RFC 3339 instant, further digits cut off; else None."""
    found = _iso(value)
    return found[0] * 1_000_000 + int((found[1] + "000000")[:6]) if found is not None else None
