"""Owns amounts of money and raw usage as the tables hold them: rounded once, bounded, flagged. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson

from llm_usage.model.scrub import clean_name

PICO = Decimal("1e-12")
#: What decimal128(20,12) holds before its point.
MOST = Decimal(99_999_999)


def column_usd(value: Decimal | None) -> Decimal | None:
    """USD as the column holds it: 12 decimals, half-even; NULL beyond it. The request's `usd` flags both."""
    return None if value is None or value > MOST else value.quantize(PICO, ROUND_HALF_EVEN)


def usd(value: Decimal | None, anomalies: list[str]) -> Decimal | None:
    """USD as the column holds it; more decimals, and amounts beyond the column, are flagged."""
    kept = column_usd(value)
    if value is not None and kept is None:
        anomalies.append("cost_too_large")
    elif kept != value and "cost_rounded" not in anomalies:
        anomalies.append("cost_rounded")
    return kept


def usage_json(usage: Mapping[str, Any]) -> str | None:
    """The raw usage as canonical JSON: keys sorted, numbers as sent. Sentences are left out: a usage has none of its own."""
    if not usage:
        return None
    try:
        return orjson.dumps(_quiet(usage), default=_digits, option=orjson.OPT_SORT_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError):
        return None


def _quiet(value: Any, depth: int = 0) -> Any:
    if depth > 12:
        return None
    if isinstance(value, dict):
        return {_whole(str(k)[:100]): _quiet(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_quiet(v, depth + 1) for v in value]
    if isinstance(value, str):
        return _whole(value) if len(value) <= 64 and not any(c.isspace() for c in value) else None
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return Decimal(value)
    return value


def _whole(text: str) -> str:
    """Without a key, and valid as UTF-8: half of a surrogate pair would cost the whole object."""
    text = clean_name(text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _digits(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError
