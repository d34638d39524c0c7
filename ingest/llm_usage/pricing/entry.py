"""Owns what an entry of a price file is: for whom it is, when it holds, and what it costs. Must not know how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from llm_usage.pricing.week import DAY_US

UnitPrices = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``tiers``: (more input tokens than, USD per token by unit), ascending, the first from -1; empty = free."""

    line: int
    provider: re.Pattern[str] | None
    gateway: re.Pattern[str] | None
    server: re.Pattern[str] | None
    model: re.Pattern[str] | None
    tier: re.Pattern[str] | None
    since: datetime | None
    until: datetime | None
    tiers: tuple[tuple[int, UnitPrices], ...]
    speed: re.Pattern[str] | None = None
    traffic: re.Pattern[str] | None = None
    region: re.Pattern[str] | None = None
    context: re.Pattern[str] | None = None
    hours: tuple[tuple[int, int], ...] = ()
    """Microseconds of the UTC day, from and until; empty = the whole day."""
    weekdays: frozenset[int] = frozenset()
    """Monday is 0; empty = every day."""
    currency: str | None = None
    """None = USD."""

    @property
    def is_dated(self) -> bool:
        """It has a bound in time, so that it says nothing of undated requests."""
        return self.since is not None or self.until is not None or bool(self.hours) or bool(self.weekdays)

    def week_us(self) -> Iterator[int]:
        """Microseconds of the UTC week (Monday is its first day) at which it begins or ends to hold."""
        for day in range(7) if self.hours or self.weekdays else ():
            for start, end in self.hours or ((0, DAY_US),):
                yield from (day * DAY_US + start, (day * DAY_US + end) % (7 * DAY_US))

    def covers(self, at: datetime | None) -> bool:
        """It holds at this instant; for None only when it always holds."""
        if at is None:
            return not self.is_dated
        if (self.since is not None and at < self.since) or (self.until is not None and at >= self.until):
            return False
        utc = at.astimezone(UTC)
        time_us = (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)) // timedelta(microseconds=1)
        by_day = not self.weekdays or utc.weekday() in self.weekdays
        return by_day and (not self.hours or any(start <= time_us < end for start, end in self.hours))


def meets(pattern: re.Pattern[str] | None, word: str | None) -> bool:
    """An entry that does not name the dimension is for its default; ``*`` is for any."""
    return word is None if pattern is None else pattern.match(word or "default") is not None
