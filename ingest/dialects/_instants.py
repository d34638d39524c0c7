"""Owns the reading of RFC 3339 instants to the last digit; must not know what they date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingest.dialects._common import epoch_s

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:([Zz])|([+-])(\d\d):?(\d\d))")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _iso(value: Any) -> tuple[int, str] | None:
    """Epoch seconds and the digits of the fraction of an RFC 3339 instant; None without a zone: it would be a guess."""
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, zone_hours, zone_minutes = found.groups()
    try:
        instant = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    seconds = (instant - _EPOCH) // timedelta(seconds=1)
    if sign:
        shift = int(zone_hours) * 3600 + int(zone_minutes) * 60
        seconds += shift if sign == "-" else -shift
    return seconds, fraction or ""


def iso_s(value: Any) -> Decimal | None:
    """Epoch seconds, every digit of the fraction kept, of a plausible RFC 3339 instant; else None."""
    found = _iso(value)
    return epoch_s(Decimal(f"{found[0]}.{found[1] or 0}")) if found is not None and found[0] >= 0 else None


def iso_us(value: Any) -> int | None:
    """Epoch microseconds of a plausible RFC 3339 instant, further digits cut off; else None."""
    found = _iso(value)
    if found is None or epoch_s(found[0]) is None:
        return None
    return found[0] * 1_000_000 + int((found[1] + "000000")[:6])
