"""Our prices against LiteLLM's list: whatever differs is explained by a dated source, or listed as open, in litellm_differences.yaml.

The list comes with LiteLLM's wheel: `make litellm` downloads it and CI requires it; LLM_USAGE_LITELLM may name the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from llm_usage.pricing.list_file import PriceList, read_list
from llm_usage.pricing.price_list import Quote
from llm_usage.pricing.sources import Key, sources_of
from llm_usage.pricing.user_prices import TOKEN_UNITS

HERE = Path(__file__).parent
FILE = Path(os.environ.get("LLM_USAGE_LITELLM") or HERE.parents[1] / ".venv" / "litellm" / "model_prices_and_context_window_backup.json")
TOLD: dict[str, Any] = yaml.load((HERE / "litellm_differences.yaml").read_text(), yaml.BaseLoader)
AT = datetime.fromisoformat(TOLD["at"])
#: The dimensions of price that both lists know.
DIMENSIONS: list[dict[str, str]] = [
    {}, {"tier": "flex"}, {"tier": "priority"}, {"tier": "batch"}, {"speed": "fast"}, {"inference_region": "us"}
]  # fmt: skip
#: Whose models fill the set up, in both names.
FILL = {"openai": "openai", "anthropic": "anthropic", "gcp.gemini": "gemini", "mistral_ai": "mistral", "x_ai": "xai", "groq": "groq"}
WANTED = 100

if not FILE.is_file():
    if os.environ.get("LLM_USAGE_REQUIRE_LITELLM"):
        raise FileNotFoundError(f"{FILE}: the differential test has to run here; `make litellm` downloads the list")
    pytest.skip(f"LiteLLM's list is not at {FILE}: run `make litellm`", allow_module_level=True)


@cache
def litellm() -> PriceList:
    return read_list(FILE)


def quotes(provider: str, model: str, given: dict[str, str]) -> tuple[Quote, Quote]:
    """Ours and theirs."""
    key = Key(None, provider, None, model, model, given.get("tier"), given.get("speed"), None, given.get("inference_region"))
    return sources_of(key, None, (None,)).at(AT), sources_of(key, None, (litellm(),)).at(AT)


def is_known_to_both(provider: str, model: str) -> bool:
    return all(quote.status == "priced" for quote in quotes(provider, model, {}))


@cache
def models() -> list[tuple[str, str]]:
    """Those of the corpus and the cases that both lists know, filled up to WANTED from both lists, spread over them."""
    lines = (HERE / "litellm_models.txt").read_text().splitlines()
    named = [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if not line.startswith("#")]
    found = [pair for pair in named if is_known_to_both(*pair)]
    more = sorted(
        {(ours, name) for owner, name in litellm().models for ours, theirs in FILL.items() if owner == theirs and "/" not in name}
    )
    for step in range(7, 0, -1):
        for pair in more[::step]:
            if len(found) < WANTED and pair not in found and is_known_to_both(*pair):
                found.append(pair)
    return found


def at_size(quote: Quote, size: int) -> dict[str, Decimal]:
    return dict(next((prices for over, prices in reversed(quote.tiers) if size > over), {}))


@cache
def disagreements() -> list[tuple[str, str, str]]:
    """Provider, model and unit (with what is not the default) of which the lists say different prices."""
    return [found for provider, model in models() for given in DIMENSIONS for found in _of(provider, model, given)]


def _of(provider: str, model: str, given: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    ours, theirs = quotes(provider, model, given)
    if ours.status == theirs.status == "priced":
        for size in sorted({over + 1 for quote in (ours, theirs) for over, _ in quote.tiers}):
            mine, its = at_size(ours, size), at_size(theirs, size)
            for unit in sorted(mine.keys() & its.keys()):
                if mine[unit] != its[unit]:
                    yield provider, model, unit


def matches(entry: dict[str, Any], found: tuple[str, str, str]) -> bool:
    return fnmatchcase(found[0], entry["provider"]) and fnmatchcase(found[1], entry["model"]) and found[2] in entry["units"]


def test_a_hundred_models_are_compared_and_in_every_dimension() -> None:
    assert len(models()) >= WANTED
    compared = [[all(quote.status == "priced" for quote in quotes(*pair, given)) for pair in models()].count(True) for given in DIMENSIONS]
    assert min(compared) > 0, dict(zip(map(str, DIMENSIONS), compared, strict=True))


def test_every_disagreement_is_explained_or_open() -> None:
    entries = TOLD["explained"] + TOLD["open"]
    assert sorted({found for found in disagreements() if not any(matches(entry, found) for entry in entries)}) == []


@pytest.mark.parametrize("entry", TOLD["explained"] + TOLD["open"], ids=lambda e: f"{e['provider']} {e['model']} {e['units'][0]}")
def test_every_entry_is_of_a_disagreement_that_there_is(entry: dict[str, Any]) -> None:
    assert any(matches(entry, found) for found in disagreements())
    assert set(entry["units"]) <= {*TOKEN_UNITS, "request", "web_search", "maps_grounding"}


def test_what_is_explained_has_a_dated_source_and_what_has_none_is_open() -> None:
    for entry in TOLD["explained"]:
        assert re.search(r"https://\S+", entry["source"]), entry
        assert re.search(r"20\d\d-\d\d-\d\d", entry["source"]), entry
    assert all(entry["why"] and "source" not in entry for entry in TOLD["open"])
