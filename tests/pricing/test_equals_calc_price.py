"""Property: for every model of the bundled list and any usage, the SQL gives what ``genai_prices.calc_price`` gives, rounded
half-even at 1e-12; and where it gives nothing, it says which of the reasons it is, and the reason is true."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_usage.model.tables import REQUESTS
from llm_usage.pricing import resolve as pricing
from llm_usage.pricing.rules import FREE_OF_CHARGE, UNIT_OF_KEY, models
from small_lake import install, put, raw, recording, request, rows

PICO = Decimal("1e-12")


def literals(clause: Any) -> list[str]:
    """The strings in a match clause: names under which the list may know a model."""
    out: list[str] = []
    for value in vars(clause).values():
        out += [value] if isinstance(value, str) else [text for part in value for text in literals(part)]
    return out


def ref_of(provider: Any, model: Any) -> str | None:
    """A name under which the list finds this very model."""
    names = [model.id, *literals(model.match)]
    return next((name for name in names if models(name)[:1] == (name,) and provider.find_model(name) is model), None)


NAMED = [(provider, model, ref_of(provider, model)) for provider in get_snapshot().providers for model in provider.models]
ALL = [(provider, model, ref) for provider, model, ref in NAMED if ref is not None]
#: requests column -> usage key of the library
USAGE_KEYS = {
    "input_tokens": "input_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "input_image_tokens": "input_image_tokens",
    "output_tokens": "output_tokens",
    "reasoning_tokens": "output_reasoning_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "output_image_tokens": "output_image_tokens",
}
EXPLAINED = {"no_price_listed", "no_token_price", "no_input_price", "no_output_price", "subset_exceeds_total", "overlap_unknown"}


def route(provider_id: str) -> dict[str, str | None]:
    """How a request to this list looks in our tables."""
    if provider_id == "openrouter":
        return {"gateway": "openrouter", "provider": None}
    if provider_id.startswith("huggingface_"):
        return {"gateway": "huggingface", "provider": provider_id.removeprefix("huggingface_")}
    return {"gateway": None, "provider": provider_id}


def expected(provider_id: str, ref: str, usage: dict[str, int | None], at: datetime) -> tuple[Decimal | None, Any]:
    """The library's price, or None where it refuses the usage, and the price it used."""
    known = {USAGE_KEYS[name]: count for name, count in usage.items() if count is not None}
    prices = calc_price(Usage(input_tokens=0), ref, provider_id=provider_id, genai_request_timestamp=at)
    try:
        found = calc_price(Usage(**known), ref, provider_id=provider_id, genai_request_timestamp=at)
    except ValueError:
        return None, prices
    return found.total_price.quantize(PICO, ROUND_HALF_EVEN), prices


def is_explained(found: dict[str, Any], price: Decimal | None, prices: Any, usage: dict[str, int | None]) -> bool:
    """A row without a cost tells the truth about why."""
    listed = {key for key, value in vars(prices.model_price).items() if value is not None}
    units = {UNIT_OF_KEY[key][0] for key in listed if key in UNIT_OF_KEY}
    return {
        "no_price_listed": not listed and (prices.provider.id, prices.model.id) not in FREE_OF_CHARGE,
        "no_token_price": bool(listed) and not units & {"input", "output"},
        "no_input_price": "input" not in units and bool(usage["input_tokens"]),
        "no_output_price": "output" not in units and bool(usage["output_tokens"]),
        "subset_exceeds_total": price is None,
        "overlap_unknown": price is None,
    }[found["price_reason"]]


Case = tuple[Any, Any, str, dict[str, int | None], datetime]


def compare(cases: list[Case]) -> dict[str, int]:
    """Price all cases in one lake; returns how many ended in which way."""
    given_rows = []
    for number, (provider, _, ref, usage, at) in enumerate(cases):
        given_rows.append(request(f"{number}", started_at=at, response_model=ref, usage_source="final", **route(provider.id), **usage))
    connection = raw(recordings=[recording()])
    put(connection, REQUESTS, given_rows)
    install(connection, prices=pricing.resolve(connection), comments=False)
    priced = rows(connection, "select request_id, cost_computed_usd, price_status, price_reason, price_source from staging.requests")
    found = {r["request_id"]: r for r in priced}
    assert len(found) == len(priced) == len(cases), "a request met no price row, or several"
    ends: dict[str, int] = {}
    for number, (provider, model, ref, usage, at) in enumerate(cases):
        row = found[f"{number}"]
        price, prices = expected(provider.id, ref, usage, at)
        place = f"{provider.id} {model.id} {usage} {at}: {row}"
        if "corrections:" in (row["price_source"] or ""):
            assert provider.id in {"deepseek", "mistral", "aws"}, f"{place}: a dated correction, see test_corrections.py"
        elif row["cost_computed_usd"] is None:
            assert row["price_status"] == "unpriced", place
            assert is_explained(row, price, prices, usage), place
        else:
            assert row["cost_computed_usd"] == price, place
        end = "corrected" if "corrections:" in (row["price_source"] or "") else row["price_reason"] or row["price_status"]
        ends[end] = ends.get(end, 0) + 1
    return ends


def a_usage(chance: random.Random) -> dict[str, int | None]:
    """Any usage: mostly consistent, sometimes not; sizes around and beyond the thresholds of long-context tiers."""
    top = chance.choice([0, 7, 1000, 128_000, 200_000, 272_000, 1_000_000, 20_000_000])
    total_in, total_out = chance.choice([top, top + 1, chance.randint(0, top)]), chance.randint(0, 50_000)
    read, write = chance.randint(0, total_in), 0
    if chance.random() < 0.3:
        write = chance.randint(0, total_in - read)
    usage: dict[str, int | None] = dict.fromkeys(USAGE_KEYS)
    usage |= {"input_tokens": total_in, "output_tokens": total_out}
    if chance.random() < 0.6:
        usage |= {"cache_read_tokens": read, "cache_write_tokens": write, "cache_write_1h_tokens": chance.randint(0, write)}
    if chance.random() < 0.4:
        usage["reasoning_tokens"] = chance.randint(0, total_out)
    if chance.random() < 0.2:
        part = chance.choice(["input_audio_tokens", "input_image_tokens"])
        usage[part] = chance.randint(0, total_in - (usage["cache_read_tokens"] or 0) - (usage["cache_write_tokens"] or 0))
    if chance.random() < 0.1:
        usage[chance.choice(["output_audio_tokens", "output_image_tokens"])] = chance.randint(0, total_out)
    if chance.random() < 0.05:
        usage["cache_read_tokens"] = total_in + 1
    return usage


def an_instant(chance: random.Random) -> datetime:
    """Any instant of years, often at the very turn of a day or of a tariff."""
    day = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 1100))
    turns = [0, 1, 1800, 3600, 14_400, 59_400, 86_399]
    return day + timedelta(seconds=chance.choice([*turns, chance.randint(0, 86_399)]), microseconds=chance.choice([0, 0, 999_999]))


def test_every_model_of_the_list() -> None:
    chance = random.Random(20251001)
    ends = compare([(*case, a_usage(chance), an_instant(chance)) for case in ALL])
    assert sum(ends.values()) == len(ALL) > 0.98 * len(NAMED), "models that no name finds"
    assert ends["priced"] > 0.85 * len(ALL), "the property is empty unless most are priced"
    assert ends.keys() <= EXPLAINED | {"priced", "free", "corrected"}


@pytest.mark.exhaustive
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.lists(st.integers(0, len(ALL) - 1), min_size=20, max_size=120))
def test_any_models_any_usage_any_time(seed: int, picks: list[int]) -> None:
    chance = random.Random(seed)
    compare([(*ALL[pick], a_usage(chance), an_instant(chance)) for pick in picks])


@pytest.mark.exhaustive
def test_both_sides_of_every_change_of_price() -> None:
    chance = random.Random(7)
    usage = dict.fromkeys(USAGE_KEYS) | {"input_tokens": 1000, "output_tokens": 100}
    cases = []
    for provider, model, ref in ALL:
        for step in () if isinstance(model.prices, ModelPrice) else model.prices:
            if step.constraint is None:
                continue
            if hasattr(step.constraint, "start_date"):
                turns = [datetime.combine(step.constraint.start_date, datetime.min.time(), UTC)]
            else:
                day = an_instant(chance).date()
                turns = [datetime.combine(day, at) for at in (step.constraint.start_time, step.constraint.end_time)]
            for turn in turns:
                cases += [(provider, model, ref, usage, turn + timedelta(microseconds=us)) for us in (-1, 0, 1)]
    assert len(cases) > 500
    ends = compare(cases)
    assert ends["priced"] > 0.9 * len(cases)


@pytest.mark.exhaustive
def test_both_sides_of_every_long_context_threshold() -> None:
    cases: list[Case] = []
    nothing = dict.fromkeys(USAGE_KEYS)
    for provider, model, ref in ALL:
        at = datetime(2026, 10, 1, tzinfo=UTC)
        for value in vars(model.get_prices(at)).values():
            for tier in getattr(value, "tiers", ()):
                sizes = (tier.start - 1, tier.start, tier.start + 1)
                cases += [(provider, model, ref, nothing | {"input_tokens": size, "output_tokens": 10}, at) for size in sizes]
    assert len(cases) > 500
    ends = compare(cases)
    assert ends["priced"] > 0.99 * len(cases)
    assert ends.keys() <= {"priced", "no_output_price"}, "an embedding model has no output price"


@pytest.mark.exhaustive
@pytest.mark.parametrize("tier", ["flex", "priority", "fast", "batch"])
def test_every_service_tier_of_the_list(tier: str) -> None:
    """A tier that the list knows at that time costs what the library says; any other is tier_unknown."""
    usage = {"input_tokens": 300_000, "cache_read_tokens": 1000, "output_tokens": 100}
    known_lists = {"openai", "google", "anthropic", "mistral", "groq", "x-ai", "azure", "deepseek"}
    instants = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC))
    cases = [(provider, model, ref, at) for provider, model, ref in ALL if provider.id in known_lists for at in instants]
    given_rows = [
        request(str(i), started_at=at, response_model=ref, service_tier=tier, usage_source="final", **route(p.id), **usage)
        for i, (p, _, ref, at) in enumerate(cases)
    ]
    connection = raw(given_rows, recordings=[recording()])
    install(connection, prices=pricing.resolve(connection), comments=False)
    select = "select request_id, cost_computed_usd, price_status, price_source from staging.requests"
    found = {int(r["request_id"]): r for r in rows(connection, select)}
    priced = 0
    for i, (provider, model, ref, at) in enumerate(cases):
        key = "processing" if tier == "batch" else "speed" if provider.id == "anthropic" else "service_tier"
        known = [v for v in model.price_variants or () if v.when == {key: tier} and (v.constraint is None or v.constraint.active(at))]
        if not known and "corrections:" in (found[i]["price_source"] or ""):
            assert tier in {"batch", "flex"} and at < datetime(2026, 10, 14, tzinfo=UTC), (provider.id, model.id, at, found[i])
        elif not known:
            assert found[i]["price_status"] in {"tier_unknown", "free"}, (provider.id, model.id, at, found[i])
        elif found[i]["price_status"] == "priced":
            library = calc_price(
                Usage(**usage), ref, provider_id=provider.id, genai_request_timestamp=at, price_context={key: tier}
            ).total_price
            assert found[i]["cost_computed_usd"] == library.quantize(PICO, ROUND_HALF_EVEN), (provider.id, model.id, at)
            priced += 1
    assert priced > 0, f"no model has a price for {tier}: the test shows nothing"


@pytest.mark.exhaustive
def test_every_model_with_a_price_for_searches() -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100}
    at = datetime(2026, 10, 1, tzinfo=UTC)
    cases = [(p, m, ref) for p, m, ref in ALL if getattr(m.get_prices(at), "web_searches_kcount", None) is not None]
    said = [
        '{"server_tool_use":{"web_search_requests":7}}',
        '{"num_search_queries":7}',
        '{"tool_calls_details":{"search_web":{"invocation":7}}}',
    ]
    given_rows = [
        request(str(i), started_at=at, response_model=ref, usage_json=said[i % 3], usage_source="final", **route(p.id), **usage)
        for i, (p, _, ref) in enumerate(cases)
    ]
    connection = raw(given_rows, recordings=[recording()])
    install(connection, prices=pricing.resolve(connection), comments=False)
    found = {int(r["request_id"]): r for r in rows(connection, "from staging.requests")}
    for i, (provider, model, ref) in enumerate(cases):
        library = calc_price(Usage(**usage, web_searches=7), ref, provider_id=provider.id, genai_request_timestamp=at).total_price
        assert found[i]["cost_computed_usd"] == library.quantize(PICO, ROUND_HALF_EVEN), (provider.id, model.id)
    assert len(cases) > 80
