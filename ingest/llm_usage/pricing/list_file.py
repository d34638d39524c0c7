"""Owns price lists as files: LiteLLM's ``model_prices_and_context_window.json`` and OpenRouter's ``/api/v1/models`` answer.

Read as they are, every price from the text of its JSON number, never through a float. Such a list keeps no history: it says
what a model costs on the day it was written. Which of the two a file is, its content says. Must not know requests or SQL.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from llm_usage.errors import ConfigError
from llm_usage.pricing.entry import UnitPrices
from llm_usage.pricing.price_list import Quote
from llm_usage.pricing.rules import plain
from llm_usage.pricing.user_prices import TOKEN_UNITS

#: LiteLLM's keys of a token price, as our units. Source: BerriAI/litellm, model_prices_and_context_window.json, ``sample_spec``.
_LITELLM_UNITS = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "input_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "output_cost_per_audio_token": "output_audio",
    "output_cost_per_image_token": "output_image",
    "citation_cost_per_token": "citation_tokens",
    "google_maps_grounding_cost_per_query": "maps_grounding",
    "input_cost_per_second": "audio_second",
    "input_cost_per_character": "character",
    "input_cost_per_query": "search_unit",
    "output_cost_per_image": "image",
    "code_interpreter_cost_per_session": "code_interpreter",
}
_OPENROUTER_UNITS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "request": "request",
    "web_search": "web_search",
}
#: The suffix of a tier in LiteLLM's keys.
_TIER_SUFFIX = {"flex": "_flex", "priority": "_priority", "fast": "_priority", "batch": "_batches"}
#: Our provider names, as LiteLLM's; several are asked in turn. Others are compared without case and punctuation.
_LITELLM_PROVIDERS = {
    "aws.bedrock": ("bedrock", "bedrock_converse"),
    "azure.ai.openai": ("azure",),
    "azure.ai.inference": ("azure_ai",),
    "gcp.gemini": ("gemini",),
    "gcp.gen_ai": ("gemini",),
    "gcp.vertex_ai": ("vertex_ai", "vertex_ai-language-models", "vertex_ai-anthropic_models", "vertex_ai-mistral_models"),
    "alibaba": ("dashscope",),
    "ibm.watsonx.ai": ("watsonx",),
    "mistral_ai": ("mistral",),
    "moonshot_ai": ("moonshot",),
    "vercel": ("vercel_ai_gateway",),
    "x_ai": ("xai",),
    "z_ai": ("zai",),
}


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A model of such a list: one price, said on no date."""

    quote: Quote

    def at(self, instant: datetime) -> Quote:  # noqa: ARG002 - it is the same at any
        """What the list says, whenever."""
        return self.quote

    is_dated = False
    keeps_history = False

    def dates(self) -> Iterator[datetime]:
        """None: the list has no history."""
        return iter(())

    def week_us(self) -> Iterator[int]:
        """None."""
        return iter(())


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list of a file. ``models``: (provider as the list calls it, model in small letters) to the entry as it stands."""

    source: str
    kind: str
    models: Mapping[tuple[str, str], Mapping[str, Any]]

    def find(self, provider: str | None, gateway: str | None, names: tuple[str, ...], given: Mapping[str, str]) -> FileOffer | None:
        """The first of ``names`` that the list knows of the gateway, or without one of the provider."""
        whose = gateway if gateway is not None else provider
        if whose is None:
            return None
        wanted = _LITELLM_PROVIDERS.get(whose, (plain(whose),)) if self.kind == "litellm" else (plain(whose),)
        for name in names:
            for owner in wanted:
                found = self.models.get((plain(owner), name.lower()))
                if found is not None:
                    return FileOffer(self._quote(owner, name, found, given))
        return None

    def _quote(self, owner: str, name: str, entry: Mapping[str, Any], given: Mapping[str, str]) -> Quote:
        left = dict(given)
        context = left.pop("context", None)
        tier = left.pop("tier", None)
        if self.kind == "openrouter":
            left.pop("region", None)
            tiers = _openrouter_tiers(entry)
            suffix: str | None = "" if tier is None else None
        else:
            word = next((left.pop(key) for key in ("traffic",) if tier is None and key in left), tier)
            suffix = "" if word is None else _TIER_SUFFIX.get(word)
            factor = _factor(entry, left)
            tiers = _litellm_tiers(entry, suffix or "", context, factor)
        unknown = "tier" if suffix is None or not tiers else next(iter(left), None)
        if suffix is None or (suffix and not tiers) or left:
            return Quote("tier_unknown" if unknown == "tier" else "unpriced", f"{unknown}_unknown", self.source, owner, name)
        if not tiers or not tiers[0][1]:
            return Quote("unpriced", "no_price_listed", self.source, owner, name)
        if not any(price for _, prices in tiers for price in prices.values()):
            # LiteLLM writes 0 also where nobody has looked; what somebody has, names its source.
            known = self.kind == "openrouter" or "source" in entry
            return Quote("free" if known else "unpriced", None if known else "no_price_listed", self.source, owner, name)
        return Quote("priced", None, self.source, owner, name, tiers)


def read_list(path: Path) -> PriceList:
    """Read a price list.

    Raises:
        ConfigError: the file cannot be read, or is neither of the two.
    """
    try:
        text = path.read_bytes()
        tree = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (OSError, ValueError) as error:
        raise ConfigError(str(path), f"the price list cannot be read: {error}", "Give price_lists: a JSON file as published") from None
    source = f"{path.name} ({hashlib.sha256(text).hexdigest()[:12]})"
    if isinstance(tree, dict) and isinstance(tree.get("data"), list):
        models = {
            ("openrouter", str(item["id"]).lower()): item["pricing"]
            for item in tree["data"]
            if isinstance(item, dict) and isinstance(item.get("pricing"), dict) and "id" in item
        }
        return PriceList(f"OpenRouter {source}", "openrouter", models)
    if isinstance(tree, dict) and any(isinstance(item, dict) and "litellm_provider" in item for item in tree.values()):
        return PriceList(f"LiteLLM {source}", "litellm", dict(_litellm_models(tree)))
    raise ConfigError(str(path), "is no price list", "Give LiteLLM's model_prices_and_context_window.json or OpenRouter's /api/v1/models")


def _litellm_models(tree: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    """Entries under every name: as it stands and without the provider in front; one that stands so itself comes first."""
    whole: dict[tuple[str, str], Mapping[str, Any]] = {}
    for name, item in tree.items():
        if isinstance(item, dict) and "litellm_provider" in item:
            owner = plain(str(item["litellm_provider"]))
            whole[owner, name.lower()] = item
    for (owner, name), item in tuple(whole.items()):
        head, _, tail = name.partition("/")
        if tail and plain(head) in {owner, plain(str(item["litellm_provider"]).partition("-")[0])}:
            whole.setdefault((owner, tail), item)
    yield from whole.items()


def _amount(value: object) -> Decimal | None:
    """A price that is a number of zero or more (OpenRouter writes -1 where it depends)."""
    try:
        amount = Decimal(str(value))
        return amount.quantize(Decimal("1e-24")) if amount.is_finite() and 0 <= amount <= 1 else None
    except InvalidOperation:
        return None


def _units(entry: Mapping[str, Any], keys: Mapping[str, str], suffix: str = "") -> dict[str, Decimal]:
    found = {unit: _amount(entry[key + suffix]) for key, unit in keys.items() if key + suffix in entry}
    return {unit: amount for unit, amount in found.items() if amount is not None}


def _openrouter_tiers(entry: Mapping[str, Any]) -> tuple[tuple[int, UnitPrices], ...]:
    base = _units(entry, _OPENROUTER_UNITS)
    return ((-1, {unit: price for unit, price in base.items() if price or unit in {"input", "output"}}),) if base else ()


def _factor(entry: Mapping[str, Any], left: dict[str, str]) -> Decimal:
    """What the list multiplies prices by for a speed or a region; what it knows is taken from ``left``."""
    factor = Decimal(1)
    special = entry.get("provider_specific_entry")
    for dimension in ("speed", "region"):
        word = left.get(dimension, "")
        value = special.get(word) if isinstance(special, dict) else None
        value = entry.get(f"regional_processing_uplift_multiplier_{word}") if value is None and dimension == "region" else value
        value = entry.get("regional_endpoint_uplift_multiplier") if value is None and dimension == "region" and word else value
        if isinstance(value, Decimal):
            factor *= value
            left.pop(dimension)
    if str(entry.get("litellm_provider")) not in {"openai", "anthropic"}:
        left.pop("region", None)
    return factor


def _litellm_tiers(entry: Mapping[str, Any], suffix: str, context: str | None, factor: Decimal) -> tuple[tuple[int, UnitPrices], ...]:
    base = _units(entry, _LITELLM_UNITS, suffix)
    if suffix and not {"input", "output"} <= base.keys():
        return ()
    searches = entry.get("search_context_cost_per_query")
    if isinstance(searches, dict):
        fee = _amount(searches.get(f"search_context_size_{context or 'medium'}"))
        if fee is not None:
            base["request" if str(entry["litellm_provider"]) == "perplexity" else "web_search"] = fee
    tiers: list[tuple[int, UnitPrices]] = [(-1, _times(base, factor))]
    bounds = {int(found[1]) for key in entry if (found := re.fullmatch(rf"input_cost_per_token_above_(\d+)k_tokens{suffix}", key))}
    for bound in sorted(bounds):
        over = _units(entry, {f"{key}_above_{bound}k_tokens": unit for key, unit in _LITELLM_UNITS.items()}, suffix)
        tiers.append((bound * 1000, {**tiers[-1][1], **_times(over, factor)}))
    return tuple(tiers)


def _times(prices: UnitPrices, factor: Decimal) -> UnitPrices:
    return {unit: (price * factor).quantize(Decimal("1e-24")) if unit in TOKEN_UNITS else price for unit, price in prices.items()}
