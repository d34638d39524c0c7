"""Owns the sums over the usage of a Messages response; must not know frames. Source: usage-and-cost.md, row anthropic_messages."""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, items
from llm_usage.dialects._units import bill_usage
from llm_usage.model.observations import Observations

_INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def input_total(raw: dict[str, Any]) -> int | None:
    """Input with cache reads and writes; None when the input itself was not reported, or the sum is no count."""
    own = as_count(raw.get("input_tokens"))
    if own is None:
        return None
    return as_count(own + (as_count(raw.get("cache_creation_input_tokens")) or 0) + (as_count(raw.get("cache_read_input_tokens")) or 0))


def settle(raw: dict[str, Any], observed: Observations, *, complete: bool) -> None:
    """Totals from the last value of each field."""
    if not raw:
        return
    observed.usage_source = ("final" if observed.complete else "last_cumulative") if complete else "partial"
    for key in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"):
        if raw.get(key) is not None and as_count(raw[key]) is None:
            observed.flag(f"bad_count:{key}")
    observed.count("input_tokens", input_total(raw))
    observed.count("cache_read_tokens", as_count(raw.get("cache_read_input_tokens")))
    written = as_count(raw.get("cache_creation_input_tokens"))
    split = raw.get("cache_creation")
    if isinstance(split, dict):
        hour, minutes = as_count(split.get("ephemeral_1h_input_tokens")), as_count(split.get("ephemeral_5m_input_tokens"))
        observed.count("cache_write_1h_tokens", hour)
        if written is None and (hour is not None or minutes is not None):
            written = (hour or 0) + (minutes or 0)
    observed.count("cache_write_tokens", written)
    observed.count("output_tokens", raw.get("output_tokens"))
    observed.count("reasoning_tokens", dig(raw, "output_tokens_details", "thinking_tokens"))
    _check_iterations(raw, observed)
    bill_usage(raw, observed)
    observed.speed = as_str(raw.get("speed"))
    place = as_str(raw.get("inference_geo"))
    observed.inference_region = None if place == "not_available" else place  # a model without a choice of region


def without_blanks(usage: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    """A later frame's fields, but for zeros where servers that count nothing there say 0: input as a whole, and output."""
    blank = [key for key in _INPUTS if usage.get(key) is not None]
    left = dict(usage)
    if blank and not any(as_count(usage[key]) for key in blank) and any(as_count(raw.get(key)) for key in _INPUTS):
        for key in blank:
            del left[key]
    if as_count(left.get("output_tokens")) == 0 and as_count(raw.get("output_tokens")):
        del left["output_tokens"]
    return left


def _check_iterations(raw: dict[str, Any], observed: Observations) -> None:
    """``iterations[]`` may hold spend outside the totals (a compaction, an advisor, a refused message): flagged, never added."""
    rounds = [r for r in items(raw.get("iterations")) if isinstance(r, dict)]
    for key in ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"):
        if rounds and sum(as_count(r.get(key)) or 0 for r in rounds) != (as_count(raw.get(key)) or 0):
            observed.flag("iterations_differ_from_total")
