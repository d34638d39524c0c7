"""One test for each fault of usage-and-cost.md, "Faults seen in peers", that a price can have."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from priced import cost, priced, searched

from llm_usage.dialects._units import bill_usage
from llm_usage.model.observations import Observations
from llm_usage.query import views
from small_lake import request, row, rows

#: 1.75 USD input, 0.175 cache read, 14 output per million tokens, at the time of the requests.
GPT = {"provider": "openai", "response_model": "gpt-5.2", "started_at": datetime(2026, 1, 15, tzinfo=UTC)}
#: 3 USD input, 0.3 cache read, 3.75 cache write, 6 for an hour, 15 output.
CLAUDE = {"provider": "anthropic", "response_model": "claude-sonnet-4-5-20250929"}
#: 1.25 up to 200,000 input tokens, 2.5 beyond; output 10, 15.
GEMINI = {"provider": "gcp.gemini", "response_model": "gemini-2.5-pro"}


def test_cached_tokens_are_not_added_on_top_of_an_inclusive_input() -> None:
    found = cost(**GPT, input_tokens=1_000_000, cache_read_tokens=400_000, output_tokens=0)
    assert found["cost_computed_usd"] == Decimal("0.6") * Decimal("1.75") + Decimal("0.4") * Decimal("0.175")


def test_cached_tokens_are_not_dropped_and_charged_in_full() -> None:
    full = cost(**GPT, input_tokens=1_000_000, output_tokens=0)["cost_computed_usd"]
    assert cost(**GPT, input_tokens=1_000_000, cache_read_tokens=1_000_000, output_tokens=0)["cost_computed_usd"] == full / 10


def test_a_reported_cost_is_not_ignored() -> None:
    found = cost(**GPT, input_tokens=10, output_tokens=10, cost_reported_usd=Decimal("0.123456789012"))
    assert (found["cost_usd"], found["cost_basis"]) == (Decimal("0.123456789012"), "reported")
    assert found["cost_computed_usd"] == Decimal("0.0001575"), "and the list price stands beside it"


def test_a_reported_cost_is_not_added_to_the_upstream_cost() -> None:
    same_money = {"cost_reported_usd": Decimal("0.5"), "upstream_cost_usd": Decimal("0.5"), "is_byok": False}
    assert cost(**GPT, input_tokens=10, output_tokens=10, **same_money)["cost_usd"] == Decimal("0.5")


def test_long_context_tiers_are_for_the_whole_request_and_not_marginal() -> None:
    below = cost(**GEMINI, input_tokens=200_000, output_tokens=1000)["cost_computed_usd"]
    above = cost(**GEMINI, input_tokens=200_001, output_tokens=1000)["cost_computed_usd"]
    assert below == Decimal("0.2") * Decimal("1.25") + Decimal("0.001") * 10
    assert above == Decimal("0.200001") * Decimal("2.5") + Decimal("0.001") * 15


def test_long_context_tiers_count_the_cached_input_too() -> None:
    found = cost(**GEMINI, input_tokens=200_001, cache_read_tokens=200_000, output_tokens=0)["cost_computed_usd"]
    assert found == Decimal("0.000001") * Decimal("2.5") + Decimal("0.2") * Decimal("0.25")


def test_a_service_tier_is_not_ignored() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    tiers = {
        tier: cost(**{**GPT, "started_at": at}, input_tokens=1_000_000, output_tokens=0, service_tier=tier)
        for tier in ("default", "flex", "priority")
    }
    assert {tier: found["cost_computed_usd"] for tier, found in tiers.items()} == {
        "default": Decimal("1.75"),
        "flex": Decimal("0.875"),
        "priority": Decimal("3.5"),
    }


def test_a_tier_that_the_list_does_not_know_is_not_charged_in_full() -> None:
    for tier in ("scale", "reserved", "a-new-one"):
        found = cost(**GPT, input_tokens=10, output_tokens=10, service_tier=tier)
        assert (found["cost_computed_usd"], found["price_status"], found["cost_usd"]) == (None, "tier_unknown", None)


def test_a_tier_from_before_the_list_knew_it_is_not_charged_in_full() -> None:
    """A correction with a source says what it was."""
    before = {**GPT, "started_at": datetime(2026, 10, 11, 23, 59, 59, tzinfo=UTC)}
    found = cost(**before, input_tokens=1_000_000, output_tokens=0, service_tier="priority")
    assert found["price_source"].startswith("corrections: OpenAI priority")
    assert found["cost_computed_usd"] == Decimal("3.5")


def test_the_tier_that_was_asked_for_counts_where_the_answer_is_silent() -> None:
    found = cost(
        **{**GPT, "started_at": datetime(2026, 11, 1, tzinfo=UTC)}, input_tokens=1_000_000, output_tokens=0, service_tier_requested="flex"
    )
    assert found["cost_computed_usd"] == Decimal("0.875")
    served = {"service_tier_requested": "flex", "service_tier": "default"}
    assert cost(**GPT, input_tokens=1_000_000, output_tokens=0, **served)["cost_computed_usd"] == Decimal("1.75")


def test_a_batch_discount_is_not_ignored() -> None:
    at = {"started_at": datetime(2026, 11, 15, tzinfo=UTC)}
    plain = cost(**CLAUDE, **at, input_tokens=1_000_000, output_tokens=0)["cost_computed_usd"]
    batch = cost(**CLAUDE, **at, input_tokens=1_000_000, output_tokens=0, service_tier="batch")
    assert (batch["price_status"], batch["cost_computed_usd"]) == ("priced", plain / 2)


def test_an_unknown_model_is_neither_free_nor_priced_at_a_default() -> None:
    for values in ({"provider": "openai", "response_model": "gpt-none-such"}, {"provider": "house", "response_model": "gpt-5.2"}, {}):
        found = cost(**values, input_tokens=1000, output_tokens=1000)
        assert (found["cost_computed_usd"], found["cost_usd"], found["cost_basis"], found["price_status"]) == (None, None, None, "unpriced")


def test_a_host_of_ones_own_does_not_get_the_price_of_the_makers_list() -> None:
    found = cost(server_address="localhost:8000", response_model="claude-sonnet-4-5", input_tokens=10, output_tokens=10)
    assert (found["price_status"], found["price_reason"]) == ("unpriced", "unknown_provider")


def test_a_raw_body_of_a_known_model_is_priced_by_its_name_and_says_so() -> None:
    found = cost(response_model="claude-sonnet-4-5-20250929", input_tokens=100_000, output_tokens=0)
    assert found["cost_computed_usd"] == Decimal("0.3")
    assert found["price_source"].endswith("anthropic, by the model's name")


def test_an_aborted_stream_is_not_counted_as_0() -> None:
    cut = {"status": "truncated", "usage_source": "partial", "input_tokens": 100_000, "output_tokens": None}
    found = cost(**CLAUDE, **cut)
    assert (found["cost_computed_usd"], found["cost_lower_bound_usd"]) == (None, Decimal("0.3"))
    assert (found["cost_usd"], found["cost_basis"], found["price_status"]) == (Decimal("0.3"), "lower_bound", "priced")
    known_so_far = cost(**CLAUDE, **{**cut, "output_tokens": 100_000})
    assert known_so_far["cost_lower_bound_usd"] == Decimal("1.8")
    nothing = cost(**CLAUDE, status="truncated")
    assert (nothing["cost_usd"], nothing["price_reason"]) == (None, "no_usage")


def test_reasoning_is_neither_lost_nor_doubled() -> None:
    with_it = cost(**GPT, input_tokens=0, output_tokens=1_000_000, reasoning_tokens=900_000)["cost_computed_usd"]
    assert with_it == cost(**GPT, input_tokens=0, output_tokens=1_000_000)["cost_computed_usd"] == 14


def test_reasoning_at_its_own_price_takes_the_place_of_output() -> None:
    deep = {"provider": "perplexity", "response_model": "sonar-deep-research"}
    found = cost(**deep, input_tokens=0, output_tokens=1_000_000, reasoning_tokens=400_000)
    assert found["unit_reasoning_usd"] != found["unit_output_usd"]
    assert found["cost_computed_usd"] == 600_000 * found["unit_output_usd"] + 400_000 * found["unit_reasoning_usd"]


def test_one_hour_cache_writes_are_not_priced_as_five_minute_ones() -> None:
    written = {"input_tokens": 100_000, "cache_write_tokens": 100_000, "output_tokens": 0}
    at = {"started_at": datetime(2026, 1, 15, tzinfo=UTC)}
    assert cost(**CLAUDE, **at, **written, cache_write_1h_tokens=0)["cost_computed_usd"] == Decimal("0.375")
    assert cost(**CLAUDE, **at, **written, cache_write_1h_tokens=100_000)["cost_computed_usd"] == Decimal("0.6")
    assert cost(**CLAUDE, **at, **written, cache_write_1h_tokens=40_000)["cost_computed_usd"] == Decimal("0.465")


def test_no_float_touches_money() -> None:
    given = [request(f"q{i}", **GPT, input_tokens=1, output_tokens=0) for i in range(1000)]
    connection = priced(given)
    assert row(connection, "select sum(cost_usd) as usd from staging.requests")["usd"] == Decimal("0.00175")
    types = {
        c.name: c.type
        for view in views.marts(connection, "staging") + views.marts(connection)
        for c in view.columns
        if c.name.endswith("_usd")
    }
    assert {name: type_ for name, type_ in types.items() if not type_.startswith("DECIMAL")} == {}


def test_a_price_is_that_of_the_utc_day() -> None:
    """o3 cost 10 USD for a million until the end of 2025-06-09 UTC and 2 USD since, whatever the report's time zone."""
    o3 = {"provider": "openai", "response_model": "o3", "input_tokens": 1_000_000, "output_tokens": 0}
    given = [
        request("before", **o3, started_at=datetime(2025, 6, 9, 23, 59, 59, tzinfo=UTC)),
        request("after", **o3, started_at=datetime(2025, 6, 10, 0, 0, tzinfo=UTC)),
    ]
    connection = priced(given, settings=views.Settings(time_zone="America/Los_Angeles"))
    found = {r["request_id"]: (r["cost_usd"], str(r["day"])) for r in rows(connection, "from staging.requests")}
    assert found == {"before": (10, "2025-06-09"), "after": (2, "2025-06-09")}


def test_an_undated_request_is_not_priced_at_todays_list() -> None:
    changed = {"provider": "openai", "response_model": "o3", "started_at": None}
    found = cost(**changed, input_tokens=10, output_tokens=10)
    assert (found["cost_computed_usd"], found["price_status"], found["price_reason"]) == (None, "undated", "undated")
    found = cost(**{**GPT, "started_at": None}, input_tokens=10, output_tokens=10)
    assert found["price_status"] == "priced", "one price ever: the date does not matter"


def test_a_part_of_an_unknown_output_takes_nothing_from_the_lower_bound() -> None:
    """Perplexity's reasoning is cheaper than its output: 1000 reasoning tokens of an unknown output made the bound less than the input."""
    found = cost(
        provider="perplexity",
        response_model="sonar-deep-research",
        input_tokens=1000,
        reasoning_tokens=1_000_000,
        usage_source="partial",
        status="truncated",
    )
    assert (found["cost_basis"], found["cost_usd"]) == ("lower_bound", Decimal("0.002"))


SEARCHED = searched(3)


def test_searches_that_the_usage_counts_are_charged() -> None:
    """10 USD a thousand at Anthropic, beside the tokens: without them this request looks ten times cheaper than it was."""
    found = cost(**CLAUDE, input_tokens=1000, output_tokens=100, **SEARCHED)
    assert (found["web_searches"], found["unit_web_search_usd"]) == (3, Decimal("0.01"))
    assert (found["cost_usd"], found["cost_basis"]) == (Decimal("0.003") + Decimal("0.0015") + Decimal("0.03"), "computed")
    none = cost(**CLAUDE, input_tokens=1000, output_tokens=100, **searched(0))
    assert (none["web_searches"], none["cost_usd"], none["cost_basis"]) == (None, Decimal("0.0045"), "computed")


def test_searches_without_a_price_make_a_lower_bound() -> None:
    claude = {"provider": "aws.bedrock", "request_model": "us.anthropic.claude-sonnet-4-20250514-v1:0"}
    found = cost(**claude, input_tokens=1000, output_tokens=100, **SEARCHED)
    assert (found["cost_usd"], found["cost_basis"], found["cost_computed_usd"]) == (Decimal("0.0045"), "lower_bound", None)
    assert (found["cost_bound_reason"], found["cost_lower_bound_usd"]) == ("search_price_unknown", Decimal("0.0045"))


def test_spend_outside_the_totals_makes_a_lower_bound() -> None:
    found = cost(**CLAUDE, input_tokens=1000, output_tokens=100, usage_anomalies=["iterations_differ_from_total"])
    assert (found["cost_usd"], found["cost_basis"], found["cost_bound_reason"]) == (
        Decimal("0.0045"),
        "lower_bound",
        "spend_outside_totals",
    )


def test_what_is_no_usage_counts_no_searches() -> None:
    said: tuple[dict[str, Any], ...] = (
        {},
        {"search": None},
        {"num_search_queries": "many"},
        {"server_tool_use": [1]},
        {"num_search_queries": 99999999999999999999},
    )
    for usage in said:
        observed = Observations("openai_chat")
        bill_usage(usage, observed)
        assert observed.units == {}, usage
    assert cost(**CLAUDE, input_tokens=1, output_tokens=1)["web_searches"] is None
