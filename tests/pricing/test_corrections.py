"""Every correction of the list does what its own example says, has a source, and can be dropped."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import yaml

from llm_usage.pricing import resolve as pricing
from llm_usage.pricing.corrections import FILE, corrections
from llm_usage.pricing.sources import Key, sources_of

_TREE = yaml.load(FILE.read_text(), yaml.BaseLoader)
ENTRIES: list[dict[str, Any]] = _TREE["corrections"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: str(e["name"]))
def test_an_entry_costs_what_its_example_says(entry: dict[str, Any]) -> None:
    example = entry["example"]
    key = Key(
        gateway=None,
        provider=example.get("provider", entry["match"]["provider"]),
        server_address=example.get("server"),
        request_model=example["model"],
        response_model=example["model"],
        tier=example.get("tier"),
        speed=example.get("speed"),
        traffic=example.get("traffic"),
        inference_region=example.get("region"),
        search_context=example.get("context"),
    )
    quote = sources_of(key, None, (None,)).at(datetime.fromisoformat(example["at"]))
    told = f"{quote.source}; {quote.units_source}"
    if "unknown" in example:
        assert (quote.status, quote.reason, quote.source) == ("unpriced", example["unknown"], f"corrections: {entry['name']}")
        return
    if "free" in example:
        assert (quote.status, quote.source) == ("free", f"corrections: {entry['name']}")
        return
    assert quote.status == "priced" and f"corrections: {entry['name']}" in told, quote
    used = int(example["input"])
    prices = next(prices for over, prices in reversed(quote.tiers) if used > over)
    cost = prices["input"] * used + prices["output"] * int(example["output"])
    if used:
        cost += prices.get("request", Decimal(0))
    elif not example.get("units"):
        cost += prices["request"]
    cost += sum((prices[unit] * Decimal(many) for unit, many in example.get("units", {}).items()), Decimal(0))
    assert cost == Decimal(example["usd"])


def test_every_entry_has_a_public_source_and_a_name_of_its_own() -> None:
    assert len({entry["name"] for entry in ENTRIES}) == len(ENTRIES) == len(corrections())
    assert [entry["name"] for entry in ENTRIES if "https://" not in entry["source"]] == []
    assert all(item["what"] and item["why"] for item in _TREE["open"])


def test_without_its_entries_the_list_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Key(None, "mistral_ai", None, "mistral-large-latest", "mistral-large-latest", None)
    at = datetime.fromisoformat("2026-02-01T12:00:00+00:00")
    assert "corrections:" in (sources_of(key, None, (None,)).at(at).source or "")
    monkeypatch.setattr("llm_usage.pricing.sources.corrections", tuple)
    assert sources_of(key, None, (None,)).at(at).source == f"{pricing.edition()}: mistral"


@pytest.mark.parametrize(
    ("provider", "model", "word", "at", "input_usd"),
    [
        ("openai", "gpt-5-mini", "flex", "2025-12-02T12:00:00+00:00", "0.125"),
        ("openai", "gpt-5-mini", "flex", "2026-11-02T12:00:00+00:00", "0.125"),
        ("anthropic", "claude-opus-5", "batch", "2026-09-02T12:00:00+00:00", "2.5"),
        ("anthropic", "claude-opus-5", "batch", "2026-11-02T12:00:00+00:00", "2.5"),
    ],
)
def test_a_tier_that_is_said_twice_counts_once(provider: str, model: str, word: str, at: str, input_usd: str) -> None:
    for tier, traffic in ((word, None), (word, word)):
        quote = sources_of(Key(None, provider, None, model, model, tier, traffic=traffic), None, (None,)).at(datetime.fromisoformat(at))
        assert (quote.status, quote.tiers[0][1]["input"] * 1_000_000) == ("priced", Decimal(input_usd))


def test_a_region_of_a_provider_with_one_price_for_all_hides_no_correction() -> None:
    at = datetime.fromisoformat("2025-10-15T20:00:00+00:00")
    key = Key(None, "deepseek", None, "deepseek-chat", "deepseek-chat", None, inference_region="cn")
    assert sources_of(key, None, (None,)).at(at).source == "corrections: DeepSeek V3.2-Exp"


def test_globs_name_their_models() -> None:
    at = datetime.fromisoformat("2026-10-07T12:00:00+00:00")

    def status(model: str) -> str:
        return sources_of(Key(None, "anthropic", None, model, model, None, inference_region="us"), None, (None,)).at(at).status

    assert [status(m) for m in ("claude-opus-4-6", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-sonnet-4-5-20250929")] == [
        "priced",
        "priced",
        "unpriced",
        "unpriced",
    ]
