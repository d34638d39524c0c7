"""The reports behind the totals: bill against list, what is missing, caching, reasoning, retries, routes, budgets, export."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from llm_usage.config import Budget
from llm_usage.pricing import resolve as pricing
from llm_usage.query import views
from small_lake import NOON, Row, install, lake, raw, recording, request, row, rows

USD = Decimal
ROUTE = {"gateway": "g", "provider": "p", "response_model": "m"}


def price_list(given: list[Row], **units: str) -> pa.Table:
    """Prices in USD for a token for every combination in the requests, whatever a real list says."""
    prices = pricing.resolve(raw(given)).to_pylist()
    for price in prices:
        price.update(price_status="priced", price_reason=None, price_source="test list")
        price.update({f"{unit}_usd": USD(value) for unit, value in units.items()})
    return pa.Table.from_pylist(prices, schema=pricing.PRICES)


def at_prices(given: list[Row], settings: views.Settings | None = None, **units: str) -> Any:
    """A lake with these prices."""
    ledger = [recording(name) for name in sorted({r["recording_id"] for r in given})]
    connection = raw(given, recordings=ledger)
    install(connection, settings, price_list(given, **units), comments=False)
    return connection


class TestReconciliation:
    given = (
        request("same", **ROUTE, input_tokens=100, output_tokens=10, cost_reported_usd=USD("0.000120")),
        request("dear", **ROUTE, input_tokens=100, output_tokens=10, cost_reported_usd=USD("0.000240")),
        request("near", **ROUTE, input_tokens=100, output_tokens=10, cost_reported_usd=USD("0.0001212")),
        request("unlisted", **ROUTE, input_tokens=None, output_tokens=None, cost_reported_usd=USD("5")),
        request("unreported", **ROUTE, input_tokens=100, output_tokens=10),
    )

    def test_sums_ratios_and_what_they_stand_on(self) -> None:
        found = row(at_prices(list(self.given), input="0.000001", output="0.000002"), "from cost_reconciliation")
        assert (found["requests"], found["reported_requests"], found["compared_requests"]) == (5, 4, 3)
        assert (found["reported_usd"], found["computed_usd"], found["difference_usd"]) == (
            USD("0.0004812"),
            USD("0.00036"),
            USD("0.0001212"),
        )
        assert found["off_by_1pct_requests"] == 1, "1.01 is off by 1 %, not by more"
        assert (found["min_ratio"], found["max_ratio"], found["p50_ratio"]) == (1.0, 2.0, 1.01)
        assert found["price_source"] == "test list"
        assert found["not_compared_because"] == "no_usage"

    def test_a_fee_is_not_compared_with_the_price_of_the_tokens(self) -> None:
        """A key of one's own, the provider's bill unknown: 0 reported against the list would read as a discount of 100 %."""
        fee = request("fee", **ROUTE, input_tokens=100, output_tokens=10, cost_reported_usd=USD(0), is_byok=True)
        found = row(at_prices([*self.given, fee], input="0.000001", output="0.000002"), "from cost_reconciliation")
        assert (found["reported_requests"], found["compared_requests"], found["min_ratio"]) == (5, 3, 1.0)
        assert found["not_compared_because"] == "byok_bill_unknown, no_usage"
        implied = row(at_prices([*self.given, fee], input="0.000001", output="0.000002"), "from price_implied")
        assert (implied["blended_requests"], implied["blended_usd_per_mtok"]) == (3, pytest.approx(float(USD("0.0004812") / 330 * 10**6)))
        whole = dict(fee, upstream_cost_usd=USD("0.00012"), cost_reported_usd=USD("0.000126"))
        assert row(at_prices([whole], input="0.000001", output="0.000002"), "from cost_reconciliation")["compared_requests"] == 1

    def test_routes_that_report_nothing_are_left_out(self) -> None:
        assert rows(at_prices([self.given[4]], input="0.000001", output="0.000002"), "from cost_reconciliation") == []


def test_price_implied_is_what_a_million_tokens_cost() -> None:
    split = {"cost_reported_input_usd": USD("0.0003"), "cost_reported_output_usd": USD("0.0006")}
    given = [
        request("a", **ROUTE, input_tokens=100, output_tokens=20, cost_reported_usd=USD("0.0009"), **split),
        request("b", **ROUTE, input_tokens=300, output_tokens=80, cost_reported_usd=USD("0.0041")),
    ]
    found = row(at_prices(given, input="0.000002", output="0.000010"), "from price_implied")
    assert (found["split_requests"], found["blended_requests"]) == (1, 2)
    assert (found["input_usd_per_mtok"], found["output_usd_per_mtok"], found["blended_usd_per_mtok"]) == pytest.approx((3, 30, 10))
    assert (found["list_input_min_usd_per_mtok"], found["list_output_max_usd_per_mtok"]) == (2, 10)


class TestUnpriced:
    def test_every_reason_has_a_remedy(self) -> None:
        given = [
            request("a", **ROUTE, input_tokens=1, output_tokens=1),
            request("b", provider="openai", response_model="none", input_tokens=1, output_tokens=1),
            request("c", provider="openai", response_model="gpt-4o", input_tokens=1, output_tokens=1, started_at=None),
            request("d", provider="openai", response_model="gpt-4o"),
            request("e", provider="openai", response_model="gpt-4o", input_tokens=1, output_tokens=1, service_tier="scale"),
            request("f", provider="openai", response_model="gpt-4o", input_tokens=1, output_tokens=1, cache_read_tokens=2),
            request("g", provider="openai", response_model="gpt-4o", input_tokens=10, status="truncated", usage_source="partial"),
            request("h", **ROUTE, cost_reported_usd=USD("0.01"), is_byok=True),
            request("i", status="http_error", http_status=500),
            request(
                "k",
                provider="openai",
                response_model="gpt-4o",
                input_tokens=1,
                output_tokens=1,
                usage_anomalies=["iterations_differ_from_total"],
            ),
            request(
                "l",
                provider="mistral_ai",
                response_model="mistral-large-latest",
                input_tokens=1,
                output_tokens=1,
                billed_units=[{"unit": "web_search", "quantity": Decimal(1), "read_from": "usage.num_search_queries"}],
            ),
            request("j", **ROUTE, input_tokens=1, output_tokens=1, cost_reported_usd=USD(1)),
        ]
        connection = raw(given, recordings=[recording()])
        install(connection, prices=pricing.resolve(connection), comments=False)
        found = {(r["reason"], r["cost_reads"]): r for r in rows(connection, "from unpriced")}
        assert set(found) == {
            ("unknown_provider", "unknown"),
            ("unknown_model", "unknown"),
            ("undated", "unknown"),
            ("no_usage", "unknown"),
            ("tier_unknown", "unknown"),
            ("subset_exceeds_total", "unknown"),
            ("output_incomplete", "at least"),
            ("byok_bill_unknown", "at least"),
            ("spend_outside_totals", "at least"),
            ("search_price_unknown", "at least"),
        }
        assert all(r["remedy"] for r in found.values())
        assert found["output_incomplete", "at least"]["lower_bound_usd"] == USD("0.000025")

    def test_what_totals_miss_and_what_they_hold_is_all_there_is(self) -> None:
        given = [request(str(i), provider=f"p{i % 3}", cost_reported_usd=USD(1) if i % 2 else None, status="ok") for i in range(20)]
        connection = lake(given)
        totals = rows(connection, "from cost_by_provider")
        assert sum(r["requests"] for r in rows(connection, "from unpriced")) == sum(r["unpriced_requests"] for r in totals) == 10


class TestCache:
    units = {"input": "0.000003", "cache_read": "0.0000003", "cache_write": "0.00000375", "cache_write_1h": "0.000006", "output": "0"}  # noqa: RUF012

    def test_hits_savings_and_premium(self) -> None:
        given = [
            request(
                "a", **ROUTE, input_tokens=1000, output_tokens=0, cache_read_tokens=0, cache_write_tokens=800, cache_write_1h_tokens=300
            ),
            request("b", **ROUTE, input_tokens=1000, output_tokens=0, cache_read_tokens=800, cache_write_tokens=0),
            request("silent", **ROUTE, input_tokens=5000, output_tokens=0),
        ]
        found = row(at_prices(given, **self.units), "from cache")
        assert (found["requests"], found["reporting_requests"], found["priced_requests"]) == (3, 2, 2), (
            "of a silent request no saving is known"
        )
        assert (found["input_tokens"], found["cache_read_tokens"], found["hit_pct"]) == (2000, 800, 40.0)
        assert found["saved_usd"] == 800 * USD("0.0000027")
        assert found["write_premium_usd"] == 800 * USD("0.00000075") + 300 * USD("0.00000225")
        assert found["net_saved_usd"] == found["saved_usd"] - found["write_premium_usd"]
        assert found["break_even_hits"] == pytest.approx(float(found["write_premium_usd"] / (800 * USD("0.0000027"))))

    def test_writes_that_are_not_reported_are_not_free(self) -> None:
        """Reads without a count of writes: what was saved on balance is known only where writing costs as plain input does."""
        given = [request("a", **ROUTE, input_tokens=1000, output_tokens=0, cache_read_tokens=800)]
        found = row(at_prices(given, **self.units), "from cache")
        assert (found["reporting_requests"], found["hit_pct"], found["priced_requests"], found["net_saved_usd"]) == (1, 80.0, 0, None)
        plain = {"input": "0.000003", "cache_read": "0.0000003", "output": "0"}
        found = row(at_prices(given, **plain), "from cache")
        assert (found["priced_requests"], found["write_premium_usd"], found["net_saved_usd"]) == (1, 0, 800 * USD("0.0000027"))

    def test_savings_are_what_the_bill_would_have_been_more(self) -> None:
        """Against the arithmetic of the cost itself: with every cached token at the price of plain input."""
        given = [
            request(
                "a", **ROUTE, input_tokens=1000, output_tokens=0, cache_read_tokens=400, cache_write_tokens=300, cache_write_1h_tokens=100
            )
        ]
        found = row(at_prices(given, **self.units), "from cache")
        real = row(at_prices(given, **self.units), "select cost_usd from staging.requests")["cost_usd"]
        assert real + found["net_saved_usd"] == 1000 * USD(self.units["input"])

    def test_without_a_price_there_are_tokens_and_no_money(self) -> None:
        found = row(lake([request(**ROUTE, input_tokens=10, output_tokens=1, cache_read_tokens=5)]), "from cache")
        assert (found["hit_pct"], found["priced_requests"], found["saved_usd"], found["net_saved_usd"]) == (50.0, 0, None, None)


def test_reasoning_share_and_cost() -> None:
    given = [
        request(
            "a", **ROUTE, input_tokens=1, output_tokens=100, reasoning_tokens=80, reasoning_frame_count=0, reasoning_accounting="included"
        ),
        request("b", **ROUTE, input_tokens=1, output_tokens=100, reasoning_tokens=0, reasoning_accounting="none"),
        request("silent", **ROUTE, input_tokens=1, output_tokens=500),
        request(
            "odd", **ROUTE, input_tokens=1, output_tokens=10, reasoning_tokens=12, reasoning_accounting="ambiguous", reasoning_frame_count=3
        ),
    ]
    found = row(at_prices(given, input="0", output="0.00001"), "from reasoning")
    assert (found["reporting_requests"], found["reasoning_requests"], found["hidden_requests"], found["ambiguous_requests"]) == (3, 2, 1, 1)
    assert (found["output_tokens"], found["reasoning_tokens"], found["reasoning_pct"]) == (210, 92, 43.8)
    assert found["reasoning_usd"] == 92 * USD("0.00001")


class TestAttempts:
    def test_attempts_are_not_counted_as_requests(self) -> None:
        given = [
            request("a1", logical_request_id="a", attempt=1, provider="p", status="http_error", http_status=429),
            request(
                "a2", logical_request_id="a", attempt=2, provider="p", status="stream_error", output_tokens=7, cost_reported_usd=USD("0.5")
            ),
            request("a3", logical_request_id="a", attempt=3, provider="p"),
            request("b1", logical_request_id="b", attempt=1, provider="p", status="truncated", usage_source="partial"),
            request("c1", logical_request_id="c", attempt=1, provider="p"),
        ]
        found = row(lake(given), "from attempts")
        assert (found["requests"], found["logical_requests"], found["retried_requests"]) == (5, 3, 1)
        assert (found["recovered_requests"], found["failed_requests"], found["most_attempts"]) == (1, 1, 3)
        assert (found["failed_attempts"], found["http_429_attempts"]) == (3, 1)
        assert (found["wasted_usd"], found["wasted_output_tokens"], found["wasted_unknown_requests"]) == (USD("0.5"), 7, 1)

    def test_a_request_that_never_succeeds_is_one_failed_request(self) -> None:
        given = [request(f"a{i}", logical_request_id="a", attempt=i, status="http_error", http_status=503) for i in (1, 2)]
        found = row(lake(given), "from attempts")
        assert (found["logical_requests"], found["retried_requests"], found["recovered_requests"], found["failed_requests"]) == (1, 1, 0, 1)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("asked", "answered", "answer"),
    [
        ("gpt-4o", "gpt-4o", "as asked"),
        ("gpt-4o", "gpt-4o-2024-08-06", "a dated version"),
        ("claude-sonnet-4", "claude-sonnet-4@20250514", "a dated version"),
        ("openai/gpt-4o:nitro", "gpt-4o", "as asked, spelt otherwise"),
        ("claude-3-7-sonnet@20250219", "claude-3-7-sonnet-20250219", "as asked, spelt otherwise"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5-20251001", "as asked, spelt otherwise"),
        ("us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6", "as asked, spelt otherwise"),
        ("anthropic/claude-haiku-4.5", "anthropic/claude-4.5-haiku-20251001", "a dated version"),
        ("gemini-flash-latest", "gemini-3.6-flash", "what the alias stands for"),
        ("gemini-3-pro-preview", "gemini-3.1-pro-preview", "a longer name"),
        ("gpt-3.5-turbo", "gpt-3.5-turbo-0125", "a dated version"),
        ("grok-3-mini", "grok-3-mini-high", "a longer name"),
        ("gpt-4o", "gpt-4o-mini", "a longer name"),
        ("gpt-4o-mini", "gpt-4o", "another model"),
        ("deepseek-v3", "deepseek-v4", "another model"),
        ("gpt-4.1-mini", "moonshotai/kimi-k2", "another model"),
        ("openrouter/auto", "openai/gpt-4o", "chosen by the gateway"),
        ("gpt-4o", "claude-3", "another model"),
        ("gpt-4o", None, "not stated"),
        (None, "gpt-4o", "not stated"),
    ],
)
def test_routing_compares_asked_and_answered(asked: str | None, answered: str | None, answer: str) -> None:
    assert row(lake([request(request_model=asked, response_model=answered)]), "from routing")["answer"] == answer


def test_provider_compare_puts_the_routes_of_one_model_side_by_side() -> None:
    speed = {"timing_source": "per_chunk", "arrival_origin": "request", "ttft_ns": 100_000_000}
    given = [
        request(
            "a",
            gateway="openrouter",
            provider="groq",
            response_model="moonshotai/Kimi-K2",
            input_tokens=900,
            output_tokens=100,
            cost_reported_usd=USD("0.001"),
        ),
        request("b", gateway="openrouter", provider="groq", response_model="moonshotai/Kimi-K2", status="http_error", http_status=429),
        request("c", provider="moonshot_ai", response_model="kimi-k2", **speed),
        request("d", provider="moonshot_ai", response_model="kimi-k2", **{**speed, "ttft_ns": 300_000_000}),
    ]
    found = {r["provider"]: r for r in rows(lake(given), "from provider_compare")}
    assert {r["model_key"] for r in found.values()} == {"kimi-k2"}
    assert {r["routes"] for r in found.values()} == {2}
    assert (found["groq"]["ok_pct"], found["groq"]["http_429_pct"]) == (50.0, 50.0)
    assert (found["groq"]["cost_requests"], found["groq"]["blended_usd_per_mtok"], found["groq"]["output_pct"]) == (1, 1.0, 10.0)
    assert (found["groq"]["ttft_requests"], found["groq"]["ttft_p50_ms"]) == (0, None)
    assert (found["moonshot_ai"]["ttft_requests"], found["moonshot_ai"]["ttft_p50_ms"], found["moonshot_ai"]["ttft_p90_ms"]) == (
        2,
        200.0,
        None,
    )


@pytest.mark.parametrize(
    ("gateway", "name", "key"),
    [
        (None, "llama3.2:1b", "llama3-2:1b"),
        (None, "llama3.2:3b", "llama3-2:3b"),
        (None, "library/Qwen3:0.6b", "qwen3:0-6b"),
        ("openrouter", "openai/gpt-4o:nitro", "gpt-4o"),
        ("openrouter", "deepseek/deepseek-r1:free", "deepseek-r1"),
        ("huggingface", "meta-llama/Llama-3.3-70B-Instruct:groq", "llama-3-3-70b-instruct"),
        (None, "anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku"),
    ],
)
def test_provider_compare_never_takes_two_models_for_one(gateway: str | None, name: str, key: str) -> None:
    assert row(lake([request(gateway=gateway, response_model=name)]), "from provider_compare")["model_key"] == key


class TestBudget:
    now = datetime(2025, 10, 11, tzinfo=UTC)

    def state(
        self, given: list[Row], monthly: str = "100", match: dict[str, str] | None = None, zone: str = "UTC", now: datetime | None = None
    ) -> Row:
        settings = views.Settings(budgets=(Budget("team", USD(monthly), match or {}),), as_of=now or self.now, time_zone=zone)
        return row(lake(given, settings=settings), "from budget")

    @pytest.mark.parametrize(
        ("spent", "monthly", "state"),
        [("10", "100", "ok"), ("40", "100", "heading over"), ("32", "99.2", "ok"), ("101", "100", "over"), ("0", "100", "ok")],
    )
    def test_states(self, spent: str, monthly: str, state: str) -> None:
        found = self.state([request(cost_reported_usd=USD(spent))], monthly)
        assert found["state"] == state
        assert (found["spent_usd"], found["left_usd"]) == (USD(spent), USD(monthly) - USD(spent))
        assert found["elapsed_pct"] == pytest.approx(1000 / 31)
        assert float(found["forecast_usd"]) == pytest.approx(float(spent) * 3.1)

    def test_80_percent_warns(self) -> None:
        assert self.state([request(cost_reported_usd=USD(80))], now=datetime(2025, 10, 31, 23, tzinfo=UTC))["state"] == "warn"

    def test_only_this_month_in_the_time_zone_of_the_session(self) -> None:
        given = [
            request("sep", started_at=datetime(2025, 9, 30, 21, 59, tzinfo=UTC), cost_reported_usd=USD(1)),
            request("oct", started_at=datetime(2025, 9, 30, 22, 0, tzinfo=UTC), cost_reported_usd=USD(2)),
            request("nov", started_at=datetime(2025, 10, 31, 23, 0, tzinfo=UTC), cost_reported_usd=USD(4)),
        ]
        late = datetime(2025, 10, 31, 23, 30, tzinfo=UTC)
        assert self.state(given)["spent_usd"] == 0, "as of the 11th, what comes later is not spent"
        assert self.state(given, now=late)["spent_usd"] == 4
        assert self.state(given, now=late - timedelta(hours=1), zone="Europe/Berlin")["spent_usd"] == 2
        assert self.state(given, now=late, zone="Europe/Berlin")["spent_usd"] == 4, "there it is November"

    def test_the_first_day_forecasts_nothing(self) -> None:
        given = [request(started_at=datetime(2025, 10, 1, 0, 1, tzinfo=UTC), cost_reported_usd=USD("0.05"))]
        first = self.state(given, now=datetime(2025, 10, 1, 0, 10, tzinfo=UTC))
        assert (first["state"], first["forecast_usd"], first["spent_usd"]) == ("ok", None, USD("0.05"))
        assert self.state(given, "0.04", now=datetime(2025, 10, 1, 0, 10, tzinfo=UTC))["state"] == "over"
        second = self.state(given, "1", now=datetime(2025, 10, 2, tzinfo=UTC))
        assert (second["state"], second["forecast_usd"]) == ("heading over", USD("1.55"))

    def test_budgets_of_one_name_are_two(self) -> None:
        """One for each of two projects: their spend is not thrown together, nor counted once for each."""
        budgets = tuple(Budget("team", USD(10), {"project": project}) for project in ("x", "y"))
        given = [request(p, project=p, cost_reported_usd=USD(n)) for p, n in (("x", 4), ("y", 9))]
        found = rows(lake(given, settings=views.Settings(budgets=budgets, as_of=datetime(2025, 10, 31, 23, tzinfo=UTC))), "from budget")
        assert [(r["spent_usd"], r["state"], r["requests"]) for r in found] == [(4, "ok", 1), (9, "warn", 1)]

    def test_an_undated_refusal_makes_no_total_uncertain(self) -> None:
        refused = request("r", started_at=None, status="http_error", http_status=429)
        found = self.state([request("a", cost_reported_usd=USD(1)), refused])
        assert (found["spent_reads"], found["undated_requests"]) == ("total", 0)

    def test_what_is_missing_is_said(self) -> None:
        given = [request("a", cost_reported_usd=USD(1)), request("b"), request("c", started_at=None, cost_reported_usd=USD(7))]
        found = self.state(given)
        assert (found["spent_usd"], found["spent_reads"]) == (1, "at least")
        assert (found["requests"], found["costed_requests"], found["unpriced_requests"], found["undated_requests"]) == (2, 1, 1, 1)

    @pytest.mark.parametrize(
        ("match", "spent"), [({}, 3), ({"project": "x"}, 1), ({"project": "x", "provider": "q"}, 0), ({"model": "m"}, 2)]
    )
    def test_a_budget_covers_what_matches(self, match: dict[str, str], spent: int) -> None:
        given = [
            request("a", project="x", provider="p", cost_reported_usd=USD(1)),
            request("b", project="y", response_model="m", cost_reported_usd=USD(2)),
        ]
        assert self.state(given, match=match)["spent_usd"] == spent

    def test_a_budget_without_any_request_stands_at_0(self) -> None:
        found = self.state([])
        assert (found["spent_usd"], found["requests"], found["state"], found["spent_reads"]) == (0, 0, "ok", "total")


def test_focus_has_a_row_per_day_and_loses_no_money() -> None:
    given = [
        request("a", **ROUTE, project="x", input_tokens=10, output_tokens=5, cost_reported_usd=USD("0.000000000001")),
        request("b", **ROUTE, project="x", input_tokens=10, output_tokens=5, cost_reported_usd=USD(2)),
        request("c", **ROUTE, project="x", input_tokens=10, output_tokens=5),
        request("d", provider="p", response_model="m", started_at=datetime(2025, 9, 30, 23, 30, tzinfo=UTC), cost_reported_usd=USD(4)),
    ]
    connection = lake(given, settings=views.Settings(time_zone="Europe/Berlin"))
    found = rows(connection, "from focus")
    assert sum(r["BilledCost"] for r in found) == row(connection, "select sum(cost_usd) as usd from staging.requests")["usd"]
    first = next(r for r in found if r["x_Requests"] == 3)
    assert (first["x_UnpricedRequests"], first["x_CostReads"], first["ConsumedQuantity"]) == (1, "at least", 45)
    assert (first["ProviderName"], first["PublisherName"], first["SkuId"], first["SubAccountId"]) == ("g", "p", "m", "x")
    assert first["ListCost"] is None
    assert {r["ChargePeriodStart"] for r in found} == {datetime(2025, 9, 30, 22, tzinfo=UTC)}, "the day in Berlin"
    assert {r["BillingPeriodStart"] for r in found} == {datetime(2025, 9, 30, 22, tzinfo=UTC)}
    assert all(r["ChargePeriodStart"] <= NOON < r["ChargePeriodEnd"] for r in found)
