"""Owns the arithmetic of usage: where reasoning was counted, and which invariants a usage breaks. Pure.

Must not know dialects or providers; it sees counts, a convention and hints. Rules: usage-and-cost.md, "Where reasoning
tokens are", checked there on 5,180 real streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llm_usage.model.observations import Observations
from llm_usage.model.request_parts import Tokens


@dataclass(frozen=True, slots=True)
class SettledUsage:
    """Token counts as the requests table has them, and what they rest on."""

    tokens: Tokens
    reasoning_accounting: str | None
    usage_source: str
    anomalies: tuple[str, ...]


def settle(observed: Observations, *, provider_separate: bool, generated: bool) -> SettledUsage:
    """Totals that include their subsets, how reasoning was counted, and every anomaly.

    Args:
        observed: observations; under ``by_arithmetic`` output_tokens is the completion count as sent.
        provider_separate: the provider is known to count reasoning apart (used where sums do not decide).
        generated: something was generated: a usage of zeros beside it says nothing.
    """
    if generated and _is_blank(observed.tokens):
        return SettledUsage(Tokens(), None, "none", (*observed.anomalies, "zero_usage"))
    tokens = dict(observed.tokens)
    anomalies = list(observed.anomalies)
    accounting = _reasoning(tokens, observed, anomalies, provider_separate=provider_separate)
    for code in _broken(tokens):
        if code not in anomalies:
            anomalies.append(code)
    return SettledUsage(Tokens(**tokens), accounting, observed.usage_source, tuple(anomalies))


def _is_blank(tokens: Mapping[str, int]) -> bool:
    """Whether a usage was reported, and all of it is zero."""
    return tokens.get("output_tokens") == 0 and not any(tokens.values())


def _reasoning(tokens: dict[str, int], observed: Observations, anomalies: list[str], *, provider_separate: bool) -> str | None:
    completion, reasoning = tokens.get("output_tokens"), tokens.get("reasoning_tokens")
    if reasoning is None:
        return None
    if reasoning == 0:
        return "none"
    if observed.convention != "by_arithmetic" or completion is None:
        return "separate" if observed.convention == "separate" else "included"
    prompt, total = tokens.get("input_tokens"), tokens.get("total_tokens_reported")
    if (prompt is not None and total == prompt + completion + reasoning) or observed.separate_hint:
        accounting = "separate"
    elif reasoning <= completion:
        # Sums that fit neither way say nothing against the common habit, unless the provider is known for the other.
        fits = prompt is None or total is None or total == prompt + completion
        accounting = "separate" if provider_separate and (total is None or not fits) else "included"
    elif provider_separate:
        accounting = "separate"
    else:
        anomalies.append("reasoning_exceeds_completion")
        return "ambiguous"
    if accounting == "separate":
        tokens["output_tokens"] = completion + reasoning
    return accounting


def _broken(tokens: Mapping[str, int]) -> list[str]:
    """Codes of the invariants 0 ≤ read + write ≤ input, 1h ≤ write, reasoning ≤ output, media ≤ their total, input + output = total."""
    codes = []
    total_in, total_out = tokens.get("input_tokens"), tokens.get("output_tokens")
    read, write = tokens.get("cache_read_tokens"), tokens.get("cache_write_tokens")
    if total_in is not None and (read or 0) + (write or 0) > total_in:
        codes.append("cache_exceeds_input")
    if (tokens.get("cache_write_1h_tokens") or 0) > (write or 0):
        codes.append("cache_write_1h_exceeds_write")
    reasoning = tokens.get("reasoning_tokens")
    if total_out is not None and reasoning is not None and reasoning > total_out:
        codes.append("reasoning_exceeds_output")
    for whole, count in (("input", total_in), ("output", total_out)):
        codes += [
            f"{part}_exceeds_{whole}"
            for part in ("audio", "image")
            if count is not None and tokens.get(f"{whole}_{part}_tokens", 0) > count
        ]
    codes += [
        f"{part}_exceeds_cache_read"
        for part in ("audio", "image")
        if read is not None and tokens.get(f"cache_read_{part}_tokens", 0) > read
    ]
    total = tokens.get("total_tokens_reported")
    if total is not None and total_in is not None and total_out is not None and total != total_in + total_out:
        codes.append("total_differs")
        # Mistral counts audio in the total alone. Whatever else is there was charged and not told: hidden thoughts.
        if total > total_in + total_out + tokens.get("input_audio_tokens", 0) and not reasoning:
            codes.append("hidden_output")
    return codes
