"""Owns how hours and days of the UTC week are written in price files. Must not know a price.

``hours: 01:00-04:00, 22:00-02:00`` and ``weekdays: mon-fri, sun``; a wrong word is an error with its line.
"""

from __future__ import annotations

import re

from llm_usage.yaml_tree import Tree

DAY_US = 86_400_000_000
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(tree: Tree) -> tuple[tuple[int, int], ...]:
    """``01:00-04:00, 22:00-02:00`` as microseconds of the UTC day, from and until; one over midnight is two."""
    found: list[tuple[int, int]] = []
    for part in tree.text().split(","):
        times = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)\s*", part)
        start, end = ((int(times[n]) * 60 + int(times[n + 1])) * 60_000_000 for n in (1, 3)) if times else (0, 0)
        if times is None or start == end or end > DAY_US:
            raise tree.wrong(f"`{part.strip()}` is no time of day", "Write from-until in UTC, such as 01:00-04:00")
        found += [(start, end)] if start < end else [(start, DAY_US), *([(0, end)] if end else [])]
    return tuple(found)


def weekdays(tree: Tree) -> frozenset[int]:
    """``mon-fri, sun`` as numbers, Monday is 0."""
    found: set[int] = set()
    for part in tree.text().lower().split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        if first not in _DAYS or (last or first) not in _DAYS:
            raise tree.wrong(f"`{part.strip()}` is no day of the week", "Write days such as mon-fri, sun")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(found)
