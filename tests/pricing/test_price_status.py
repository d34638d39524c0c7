"""Whose list is asked, and what is said when there is no price: tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from genai_prices.data_snapshot import get_snapshot
from priced import cost, priced

from llm_usage.pricing import resolve as pricing
from llm_usage.pricing.price_list import list_id
from llm_usage.pricing.rules import LIST_OF_GATEWAY, LIST_OF_HOST, LIST_OF_PROVIDER, models
from llm_usage.query import views
from small_lake import install, raw, request, row, rows

USED = {"input_tokens": 1000, "output_tokens": 100}
EDITION = pricing.edition()

STATUS = {
    "a provider of our own spelling": ({"provider": "x_ai", "response_model": "grok-4"}, "priced", None, f"{EDITION}: x-ai"),
    "the answered model comes first": (
        {"provider": "openai", "request_model": "gpt-4o", "response_model": "gpt-4o-mini-2024-07-18"},
        "priced",
        None,
        f"{EDITION}: openai",
    ),
    "on Bedrock the asked model comes first, it names the region": (
        {
            "provider": "aws.bedrock",
            "request_model": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            "response_model": "claude-haiku-4-5-20251001",
        },
        "priced",
        None,
        f"{EDITION}: aws",
    ),
    "the asked model where the answer names none": (
        {"provider": "azure.ai.openai", "request_model": "gpt-4o", "response_model": None},
        "priced",
        None,
        f"{EDITION}: azure",
    ),
    "the asked model where the answer is a longer name of it": (
        {"provider": "x_ai", "request_model": "grok-3-mini", "response_model": "grok-3-mini-high"},
        "priced",
        None,
        f"{EDITION}: x-ai",
    ),
    "another model answered, which nobody knows: the asked one is not its price": (
        {"provider": "openai", "request_model": "gpt-4.1-mini", "response_model": "moonshotai/kimi-k2"},
        "unpriced",
        "unknown_model",
        None,
    ),
    "an unknown model": ({"provider": "openai", "response_model": "gpt-none"}, "unpriced", "unknown_model", None),
    "an unknown provider": ({"provider": "house", "response_model": "gpt-4o"}, "unpriced", "unknown_provider", None),
    "no model at all": ({"provider": "openai"}, "unpriced", "unknown_model", None),
    "a gateway's own list": (
        {"gateway": "openrouter", "provider": "openai", "response_model": "openai/gpt-4o"},
        "priced",
        None,
        f"{EDITION}: openrouter",
    ),
    "a gateway without a list: the route's": (
        {"gateway": "vercel", "provider": "openai", "response_model": "openai/gpt-4o"},
        "priced",
        None,
        f"{EDITION}: openai",
    ),
    "a gateway whose list lacks the model: the route's": (
        {"gateway": "openrouter", "provider": "groq", "response_model": "moonshotai/kimi-k2-instruct-0905"},
        "priced",
        None,
        f"{EDITION}: groq",
    ),
    "Hugging Face, with the provider in the name": (
        {"gateway": "huggingface", "provider": "groq", "response_model": "openai/gpt-oss-120b:groq"},
        "priced",
        None,
        f"{EDITION}: huggingface_groq",
    ),
    "Hugging Face, the provider only in the wish": (
        {
            "gateway": "huggingface",
            "request_model": "openai/gpt-oss-120b:groq",
            "response_model": "openai/gpt-oss-120b",
        },
        "priced",
        None,
        f"{EDITION}: huggingface_groq",
    ),
    "openrouter/auto is no model": (
        {"gateway": "openrouter", "request_model": "openrouter/auto", "response_model": "openrouter/auto"},
        "unpriced",
        "unknown_model",
        None,
    ),
    "openrouter/auto asked, a model answered": (
        {"gateway": "openrouter", "request_model": "openrouter/auto", "response_model": "openai/gpt-4o"},
        "priced",
        None,
        f"{EDITION}: openrouter",
    ),
    "free by its name": ({"gateway": "openrouter", "response_model": "no/such-model:free"}, "free", None, "a name that ends in :free"),
    "free though only asked so": (
        {
            "gateway": "openrouter",
            "request_model": "meta-llama/llama-3.3-70b-instruct:free",
            "response_model": "meta-llama/llama-3.3-70b-instruct",
        },
        "free",
        None,
        "a name that ends in :free",
    ),
    "free of charge, as the provider says": (
        {"provider": "gcp.gemini", "response_model": "gemma-3-27b-it"},
        "free",
        None,
        f"{EDITION}: google",
    ),
    "an entry without prices is a gap and not free": (
        {"provider": "cerebras", "response_model": "qwen-3-coder-480b"},
        "unpriced",
        "no_price_listed",
        f"{EDITION}: cerebras",
    ),
    "priced by the hour of audio": (
        {"provider": "groq", "response_model": "whisper-large-v3"},
        "unpriced",
        "no_input_price",
        f"{EDITION}: groq",
    ),
    "no usage": (
        {"provider": "openai", "response_model": "gpt-4o", "input_tokens": None, "output_tokens": None},
        "unpriced",
        "no_usage",
        None,
    ),
    "more cached than there is input": (
        {"provider": "openai", "response_model": "gpt-4o", "cache_read_tokens": 1001},
        "unpriced",
        "subset_exceeds_total",
        None,
    ),
    "a count that cannot be": (
        {"provider": "openai", "response_model": "gpt-4o", "input_tokens": 2**63 - 1},
        "unpriced",
        "count_out_of_range",
        None,
    ),
    "undated and unknown is unknown": (
        {"provider": "openai", "response_model": "gpt-none", "started_at": None},
        "unpriced",
        "unknown_model",
        None,
    ),
    "undated and free is free": ({"gateway": "openrouter", "response_model": "x:free", "started_at": None}, "free", None, None),
    "undated": ({"provider": "openai", "response_model": "gpt-4o", "started_at": None}, "undated", "undated", None),
    "an unknown tier": (
        {"provider": "anthropic", "response_model": "claude-sonnet-4-5", "service_tier": "priority"},
        "tier_unknown",
        "tier_unknown",
        None,
    ),
}


@pytest.mark.parametrize("name", STATUS)
def test_status(name: str) -> None:
    values, status, reason, source = STATUS[name]
    found = cost(**{**USED, "usage_source": "final", **values})
    assert (found["price_status"], found["price_reason"]) == (status, reason)
    if source is not None:
        assert found["price_source"] == source
    assert (found["cost_computed_usd"] is not None) == (status in {"priced", "free"})
    assert found["cost_computed_usd"] == 0 or status != "free"


def test_the_region_that_was_asked_for_on_bedrock_is_paid_for() -> None:
    answered = {"provider": "aws.bedrock", "response_model": "claude-haiku-4-5-20251001", "input_tokens": 1_000_000, "output_tokens": 0}
    regional = cost(**answered, request_model="us.anthropic.claude-haiku-4-5-20251001-v1:0")
    assert regional["cost_computed_usd"] == Decimal("1.1")
    assert cost(**answered, request_model="global.anthropic.claude-haiku-4-5-20251001-v1:0")["cost_computed_usd"] == 1


@pytest.mark.parametrize("suffix", [":nitro", ":online", ":exacto", ":floor"])
def test_routing_suffixes_are_cut_for_the_price_only(suffix: str) -> None:
    found = cost(gateway="openrouter", response_model=f"openai/gpt-4o{suffix}", **USED)
    assert found["cost_computed_usd"] == cost(gateway="openrouter", response_model="openai/gpt-4o", **USED)["cost_computed_usd"]
    assert found["model"] == f"openai/gpt-4o{suffix}"


@pytest.mark.parametrize("tier", ["", "default", "Standard", "auto", "on_demand", "ON_DEMAND", "standard_only"])
def test_spellings_of_the_default_tier(tier: str) -> None:
    assert cost(provider="openai", response_model="gpt-4o", service_tier=tier, **USED)["price_status"] == "priced"


def test_the_list_price_of_the_route_stands_beside_that_of_the_gateway() -> None:
    model = "deepseek/deepseek-r1"
    found = cost(gateway="openrouter", provider="novita", response_model=model, **USED)
    assert (found["price_source"], found["cost_computed_usd"]) == (f"{EDITION}: openrouter", Decimal("0.000665"))
    assert (found["route_source"], found["cost_route_usd"]) == (f"{EDITION}: novita", Decimal("0.0044"))
    assert cost(provider="novita", response_model=model, **USED)["cost_route_usd"] is None, "no gateway, no route"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Decimal("0.0026")),
        ({"output_tokens": None}, None),
        ({"usage_source": "partial"}, None),
        ({"cache_read_tokens": 2000}, None),
        ({"cache_read_tokens": 400, "input_audio_tokens": 10}, Decimal("0.0021")),
        (
            {
                "usage_json": '{"server_tool_use":{"web_search_requests":1}}',
                "billed_units": [{"unit": "web_search", "quantity": Decimal(1), "read_from": "usage"}],
            },
            Decimal("0.0126"),
        ),
    ],
)
@pytest.mark.parametrize("is_free", [True, False])
def test_a_route_gets_no_price_that_its_own_list_could_not_give(
    tmp_path: Path, values: dict[str, object], expected: Decimal | None, is_free: bool
) -> None:
    """Whatever the gateway's price is (listed, or free by contract): the route's is for a usage that its own list can price."""
    own = tmp_path / "prices.yaml"
    own.write_text("prices: [{gateway: openrouter, free: true}]\n" if is_free else "prices: []\n")
    used = {"input_tokens": 1000, "output_tokens": 10, "usage_source": "final", **values}
    found = cost(own, gateway="openrouter", provider="openai", response_model="openai/gpt-4o", **used)
    assert (found["price_status"] == "free") == is_free
    assert found["route_source"] == f"{EDITION}: openai"
    assert found["cost_route_usd"] == expected


def test_the_seed_by_its_list_price() -> None:
    found = cost(
        gateway="openrouter",
        provider="groq",
        response_model="moonshotai/kimi-k2-0905",
        input_tokens=20,
        output_tokens=4,
        cost_reported_usd=Decimal("0.000032"),
    )
    assert (found["cost_usd"], found["cost_basis"], found["cost_computed_usd"]) == (Decimal("0.000032"), "reported", Decimal("0.000022"))


def test_what_the_provider_bills_is_charged_and_not_what_it_counts() -> None:
    found = cost(
        provider="cohere",
        response_model="command-a-03-2025",
        input_tokens=506,
        cache_read_tokens=448,
        output_tokens=5,
        billed_input_tokens=11,
        billed_output_tokens=2,
    )
    assert found["cost_computed_usd"] == 11 * Decimal("2.5e-6") + 2 * Decimal("10e-6")
    assert (found["charged_input_tokens"], found["charged_output_tokens"]) == (11, 2)


def test_cached_audio_that_may_be_both_is_not_guessed() -> None:
    both = {"provider": "openai", "response_model": "gpt-4o-realtime-preview", "input_tokens": 100, "output_tokens": 10}
    found = cost(**both, cache_read_tokens=10, input_audio_tokens=10)
    assert (found["price_status"], found["price_reason"]) == ("unpriced", "overlap_unknown")
    assert cost(**both, cache_read_tokens=10)["price_status"] == "priced"
    assert cost(**both, input_audio_tokens=10)["price_status"] == "priced"


def test_a_half_is_rounded_to_even_at_the_picodollar() -> None:
    """One token at 0.0000005 USD a million is half a picodollar: 0; three are one and a half: 2."""
    prices = pricing.resolve(raw([request(provider="openai", response_model="gpt-4o")]))
    column = prices.schema.get_field_index("input_usd")
    import pyarrow as pa

    half = pa.array([None if v is None else Decimal("0.0000000000005") for v in prices.column(column).to_pylist()], pa.decimal128(38, 24))
    prices = prices.set_column(column, prices.schema.field(column), half)
    given = [request(str(n), provider="openai", response_model="gpt-4o", input_tokens=n, output_tokens=0) for n in (1, 2, 3, 5)]
    connection = priced(given)
    install(connection, prices=prices, comments=False)
    found = {int(r["request_id"]): int(r["cost_usd"].scaleb(12)) for r in rows(connection, "from staging.requests")}
    assert found == {1: 0, 2: 1, 3: 2, 5: 2}


def test_every_request_meets_exactly_one_price_row() -> None:
    connection = priced([request(name, **{**USED, **values}) for name, (values, *_) in STATUS.items()])
    assert row(connection, "select count(*) as n, count(distinct request_id) as d from staging.requests") == {
        "n": len(STATUS),
        "d": len(STATUS),
    }


def test_a_clock_that_was_never_set_meets_a_price_too() -> None:
    """Recorders without a clock say 1969 or the year 1; the price of such a day is the first that is known."""
    given = {"provider": "deepseek", "response_model": "deepseek-chat", "input_tokens": 1_000_000, "output_tokens": 0}
    night, noon = (cost(**given, started_at=datetime(1969, 12, 31, hour, tzinfo=UTC)) for hour in (23, 12))
    assert (night["cost_computed_usd"], noon["cost_computed_usd"]) == (Decimal("0.135"), Decimal("0.27"))
    assert cost(**given, started_at=datetime(1, 1, 2, tzinfo=UTC))["price_status"] == "priced"


def test_the_table_is_the_one_that_sql_declares() -> None:
    connection = raw()
    install(connection, comments=False)
    declared = {name: str(type_) for name, type_ in zip(*_described(connection, "from raw.prices"), strict=True)}
    connection.register("_given", pricing.PRICES.empty_table())
    given = {name: str(type_) for name, type_ in zip(*_described(connection, "from _given"), strict=True)}
    assert given == declared


def _described(connection: object, query: str) -> tuple[list[str], list[object]]:
    relation = connection.sql(query)  # type: ignore[attr-defined]
    return relation.columns, relation.types


def test_the_rules_name_lists_that_exist() -> None:
    ids = {provider.id for provider in get_snapshot().providers}
    assert {*LIST_OF_PROVIDER.values(), *LIST_OF_HOST.values()} <= ids
    assert "openrouter" in LIST_OF_GATEWAY


#: Lists that nothing in providers.yaml leads to: editors, speech, products that no recording of a language model names.
UNREACHED = {"arcee", "cursor", "doubleword", "elevenlabs", "openai-decisions", "quicksilverpro", "typesafe"}


def test_every_list_is_that_of_a_provider_or_gateway() -> None:
    names = yaml.safe_load(Path(views.__file__).parent.parent.joinpath("providers.yaml").read_text(encoding="utf-8"))
    reached = {list_id(LIST_OF_PROVIDER.get(name, name)) for name in names} | set(LIST_OF_HOST.values()) | set(LIST_OF_GATEWAY.values())
    ids = {provider.id for provider in get_snapshot().providers}
    assert {name for name in ids - reached if not name.startswith("huggingface_")} == UNREACHED


def test_model_names_from_most_exact_to_least() -> None:
    assert models("openai/gpt-4o:nitro", "gpt-4o", None, " ") == ("openai/gpt-4o", "gpt-4o")
    assert models("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude") == (
        "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude",
        "eu.anthropic.claude",
    )
    assert models("a/b:novita", gateway="huggingface") == ("a/b", "b")
    assert models("a/") == ("a/",)


def test_an_empty_lake_needs_no_prices() -> None:
    assert pricing.resolve(raw()).num_rows == 0
