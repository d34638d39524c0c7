"""One test for each kind of charge that others get wrong: what is charged beside tokens, what is not charged, what is not known in full."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pytest

from llm_usage.pricing.resolve import PRICES
from llm_usage.reports.explain import explain
from llm_usage.reports.sentences import cost_sentences
from small_lake import NOON, Row, lake, recording, request, row, rows

#: USD: input 1, cached 0.1, audio 2, cached audio 0.2, output 10 a million tokens; a search 0.01, an audio second 0.0001.
LISTED: dict[str, Any] = {
    "input_usd": Decimal("0.000001"),
    "cache_read_usd": Decimal("0.0000001"),
    "input_audio_usd": Decimal("0.000002"),
    "output_usd": Decimal("0.00001"),
    "unit_prices": {
        "web_search": Decimal("0.01"),
        "audio_second": Decimal("0.0001"),
        "cache_read_audio": Decimal("0.0000002"),
    }.items(),
}
USED: dict[str, Any] = {"input_tokens": 1000, "output_tokens": 100}
TOKENS = Decimal("0.002")


def price(**values: Any) -> Row:
    """A row of the price table that meets `asked`."""
    return {
        "request_model": "m",
        "is_dated": True,
        "is_date_assumed": False,
        "week_from_us": 0,
        "week_until_us": 604_800_000_000,
        "input_over": -1,
        "input_upto": 2**62,
        "price_status": "priced",
        "price_source": "a list",
        **LISTED,
        **values,
    }


def asked(*given: Row, prices: list[Row] | None = None, **of_recording: Any) -> duckdb.DuckDBPyConnection:
    """A lake of these requests to a model that the list has."""
    table = pa.Table.from_pylist([{**p, "unit_prices": list(p["unit_prices"])} for p in prices or [price()]], schema=PRICES)
    return lake(given, recordings=[recording(**of_recording)] if of_recording else None, prices=table)


def cost(prices: list[Row] | None = None, **values: Any) -> Row:
    """What one request with 1,000 tokens of input and 100 of output came to."""
    return row(asked(request(**{"request_model": "m", **USED, **values}), prices=prices), "from all_requests")


def units(**quantities: float) -> list[Row]:
    return [{"unit": unit, "quantity": Decimal(str(n)), "read_from": "usage"} for unit, n in quantities.items()]


class TestUnits:
    def test_searches_are_charged_once_beside_tokens(self) -> None:
        found = cost(billed_units=units(web_search=3))
        assert (found["cost_usd"], found["cost_basis"], found["web_searches"]) == (TOKENS + Decimal("0.03"), "computed", 3)

    def test_a_fraction_of_a_unit_is_priced_to_the_digit(self) -> None:
        assert cost(billed_units=units(audio_second=12.345678))["cost_usd"] == TOKENS + Decimal("0.001234567800")

    def test_a_unit_without_a_price_makes_it_a_lower_bound(self) -> None:
        found = cost(billed_units=units(web_search=1, x_search=2))
        assert (found["cost_usd"], found["cost_basis"]) == (TOKENS + Decimal("0.01"), "lower_bound")
        assert (found["cost_bound_reason"], found["unpriced_units"]) == ("unit_price_unknown", ["x_search"])
        assert found["cost_computed_usd"] is None

    def test_searches_without_a_price_say_so(self) -> None:
        found = cost([price(unit_prices={})], billed_units=units(web_search=1))
        assert (found["cost_usd"], found["cost_basis"], found["cost_bound_reason"]) == (TOKENS, "lower_bound", "search_price_unknown")

    def test_a_fee_by_request_has_its_searches_in_it(self) -> None:
        found = cost([price(unit_prices={}, request_usd=Decimal("0.005"))], billed_units=units(web_search=4, request_low=1))
        assert (found["cost_usd"], found["cost_basis"]) == (TOKENS + Decimal("0.005"), "computed")

    def test_what_is_charged_by_the_unit_alone_needs_no_tokens(self) -> None:
        listed = price(input_usd=None, output_usd=None, cache_read_usd=None, input_audio_usd=None)
        given = {"operation": "transcription", "input_tokens": None, "output_tokens": None, "billed_units": units(audio_second=60)}
        found = cost([listed], **given)
        assert (found["cost_usd"], found["cost_basis"]) == (Decimal("0.006"), "computed")
        assert cost([listed], **{**given, "billed_units": units(image=1)})["cost_usd"] is None

    def test_unpriced_names_the_units(self) -> None:
        connection = asked(request(request_model="m", billed_units=units(x_search=2), **USED))
        assert row(connection, "select reason, unpriced_units from unpriced") == {
            "reason": "unit_price_unknown",
            "unpriced_units": "x_search",
        }


class TestExplain:
    """Units, parts, dimensions and lists of a cost are told, and come to what the views say."""

    CASES: ClassVar[dict[str, tuple[Row, list[str]]]] = {
        "units": (
            {"billed_units": units(audio_second=12.345678, web_search=2)},
            ["audio second: 12.345678 × 0.0001 USD = 0.0012345678", "searches: 2 × 0.01 USD = 0.02", "0.0232345678 USD (computed)"],
        ),
        "a unit without a price": (
            {"billed_units": units(x_search=2)},
            ["x search: 2, read from usage: no price is known.", "0.002 USD (lower_bound, at least: units beside tokens have no price)"],
        ),
        "cached audio": (
            {"input_audio_tokens": 400, "cache_read_tokens": 300, "cache_read_audio_tokens": 100},
            ["cached audio: 100 × 0.2", "cache read: 200 × 0.1", "audio input: 300 × 2", "input (the rest): 400 × 1", "together 0.00204,"],
        ),
        "hidden output": ({"usage_anomalies": ["hidden_output"]}, ["at least: the total names output that its parts do not tell"]),
        "dimensions": (
            {"service_tier": "default", "speed": "standard", "inference_region": "us"},
            ["The price depends on service tier default, speed standard, region of inference us."],
        ),
        "a gateway's cache": ({"gateway_cache_hit": True}, ["its own cache", "So it counts with 0 USD (not_charged)."]),
        "a plan": ({"traffic": "subscription"}, ["A plan pays", "So it is in no sum (not_charged)."]),
        "another currency": (
            {"cost_other": Decimal("0.5"), "cost_currency": "EUR"},
            ["reports 0.5 EUR: kept apart", "other_currency", "its cost is not known"],
        ),
    }

    @pytest.mark.parametrize("name", CASES)
    def test_it_is_told(self, name: str) -> None:
        given, words = self.CASES[name]
        dimensions = {name: given.get(name) for name in ("speed", "traffic", "inference_region")}
        listed = price(**dimensions, tier=given.get("service_tier"))
        account = explain(asked(request(**{"request_model": "m", **USED, **given}), prices=[listed]), "q1")
        text = "\n".join(cost_sentences(account.cost))
        for word in words:
            assert word in text, text
        assert "please report" not in text, text

    def test_a_date_that_was_assumed_is_told(self) -> None:
        assumed = price(is_dated=False, is_date_assumed=True)
        account = explain(asked(request(request_model="m", started_at=None, **USED), prices=[assumed]), "q1")
        text = "\n".join(cost_sentences(account.cost))
        assert "a date that was assumed" in text
        assert "0.002 USD (assumed_date)" in text


class TestNotCharged:
    def test_a_gateways_cache_hit_costs_nothing(self) -> None:
        found = cost(gateway_cache_hit=True)
        assert (found["cost_usd"], found["cost_basis"], found["is_billable"]) == (0, "not_charged", False)

    def test_nor_does_it_where_the_stored_answer_names_a_cost(self) -> None:
        found = cost(gateway_cache_hit=True, cost_reported_usd=Decimal(1))
        assert (found["cost_usd"], found["cost_basis"], found["cost_reported_usd"]) == (0, "not_charged", 1)

    @pytest.mark.parametrize("traffic", ["subscription", "provisioned"])
    def test_a_plan_stands_apart_from_spend(self, traffic: str) -> None:
        connection = asked(request("a", request_model="m", **USED), request("b", request_model="m", traffic=traffic, **USED))
        found = {r["request_id"]: (r["cost_usd"], r["cost_basis"], r["not_charged_because"]) for r in rows(connection, "from requests")}
        assert found["b"] == (None, "not_charged", traffic)
        total = row(connection, "from cost_daily")
        assert (total["cost_usd"], total["cost_reads"], total["not_charged_requests"], total["coverage_pct"]) == (TOKENS, "total", 1, 100)
        assert rows(connection, "from unpriced") == []

    def test_what_a_plans_response_reports_is_spend(self) -> None:
        found = cost(traffic="subscription", cost_reported_usd=Decimal(1))
        assert (found["cost_usd"], found["cost_basis"]) == (1, "reported")


class TestNotKnownInFull:
    def test_hidden_output_is_a_lower_bound(self) -> None:
        found = cost(usage_anomalies=["total_differs", "hidden_output"])
        assert (found["cost_usd"], found["cost_basis"], found["cost_bound_reason"]) == (TOKENS, "lower_bound", "output_hidden")

    def test_another_currency_is_no_usd_and_no_list_price_takes_its_place(self) -> None:
        connection = asked(request(request_model="m", cost_other=Decimal("0.5"), cost_currency="EUR", **USED))
        assert row(connection, "select cost_usd, cost_basis, price_reason from requests") == {
            "cost_usd": None,
            "cost_basis": None,
            "price_reason": "other_currency",
        }
        assert row(connection, "select reason, cost_other, currency from unpriced") == {
            "reason": "other_currency",
            "cost_other": Decimal("0.5"),
            "currency": "EUR",
        }

    def test_usd_beside_another_currency_wins(self) -> None:
        found = cost(cost_other=Decimal("0.5"), cost_currency="RUB", cost_reported_usd=Decimal("0.01"))
        assert (found["cost_usd"], found["cost_basis"]) == (Decimal("0.01"), "reported")


class TestCachedParts:
    def given(self, cached: int | None) -> Row:
        return cost(input_audio_tokens=400, cache_read_tokens=300, cache_read_audio_tokens=cached)

    def test_none_of_the_cached_tokens_is_audio(self) -> None:
        # 300 cached, 400 audio, 300 text
        assert self.given(0)["cost_usd"] == Decimal("0.00003") + Decimal("0.0008") + Decimal("0.0003") + Decimal("0.001")

    def test_cached_audio_has_its_own_price(self) -> None:
        # 100 cached audio, 200 cached text, 300 audio, 400 text
        parts = ("0.00002", "0.00002", "0.0006", "0.0004", "0.001")
        assert self.given(100)["cost_usd"] == sum(map(Decimal, parts))

    def test_how_much_is_audio_is_not_told(self) -> None:
        assert (self.given(None)["cost_usd"], self.given(None)["price_reason"]) == (None, "overlap_unknown")

    def test_cached_audio_has_no_price(self) -> None:
        found = cost([price(unit_prices={})], input_audio_tokens=400, cache_read_tokens=300, cache_read_audio_tokens=100)
        assert (found["cost_usd"], found["price_reason"]) == (None, "overlap_unknown")

    def test_more_of_it_than_there_is(self) -> None:
        assert self.given(301)["price_reason"] == "subset_exceeds_total"


class TestAssumedDate:
    def test_it_has_a_basis_and_a_line_of_its_own(self) -> None:
        assumed = price(is_dated=False, is_date_assumed=True)
        given = [request("a", request_model="m", **USED), request("b", request_model="m", started_at=None, **USED)]
        connection = asked(*given, prices=[price(), assumed])
        found = {r["request_id"]: (r["cost_usd"], r["cost_basis"]) for r in rows(connection, "from requests")}
        assert found == {"a": (TOKENS, "computed"), "b": (TOKENS, "assumed_date")}
        total = row(connection, "from cost_by_model")
        assert (total["cost_reads"], total["assumed_date_requests"], total["coverage_pct"]) == ("assumed", 1, 50)
        assert (total["cost_usd"], total["computed_usd"], total["assumed_date_usd"]) == (2 * TOKENS, TOKENS, TOKENS)

    def test_the_time_of_the_file_chooses_the_price(self) -> None:
        change = datetime(2025, 10, 1, tzinfo=UTC)
        undated = {"is_dated": False, "is_date_assumed": True}
        prices = [
            price(**undated, valid_until=change, output_usd=Decimal("0.00002")),
            price(**undated, valid_from=change),
        ]
        given = request(request_model="m", started_at=None, **USED)
        for mtime, usd in ((NOON, "0.002"), (datetime(2025, 9, 30, tzinfo=UTC), "0.003")):
            found = row(asked(given, prices=prices, mtime=mtime), "from requests")
            assert (found["cost_usd"], found["cost_basis"]) == (Decimal(usd), "assumed_date")


class TestOneModelManySpellings:
    SPELT = ("claude-haiku-4-5-20251001", "anthropic/claude-haiku-4.5", "us.anthropic.claude-haiku-4-5-20251001-v1:0")

    def test_marts_have_one_row_and_the_names_stay(self) -> None:
        connection = lake([request(str(i), response_model=name) for i, name in enumerate(self.SPELT)])
        found = row(connection, "from cost_by_model")
        assert (found["model"], found["requests"]) == ("claude-haiku-4-5", 3)
        assert found["spellings"] == ", ".join(sorted(self.SPELT))
        assert {r["response_model"] for r in rows(connection, "from requests")} == set(self.SPELT)

    def test_an_alias_and_its_dated_name_are_not_another_model(self) -> None:
        pairs = [(a, b) for a in (*self.SPELT, "claude-haiku-4-5") for b in self.SPELT]
        connection = lake([request(str(i), request_model=a, response_model=b) for i, (a, b) in enumerate(pairs)])
        assert rows(connection, "from routing where answer in ('another model', 'a longer name')") == []


class TestEverythingChargedIsARow:
    def test_each_operation_stands_apart(self) -> None:
        kinds = ["embeddings", "rerank", "transcription", "speech", "image_generation", "chat"]
        timed: dict[str, Any] = {"timing_source": "per_chunk", "arrival_origin": "request", "ttft_ns": 10**9, "e2e_ns": 2 * 10**9}
        connection = lake([request(kind, operation=kind, request_model="m", **timed) for kind in kinds])
        found = {r["operation_class"] for r in rows(connection, "from cost_by_model")}
        assert found == {*kinds[:-1], "generation"}
        for mart in ("latency", "timing_observability", "stream_health", "throughput", "provider_compare"):
            assert {r["requests"] for r in rows(connection, f"from {mart}")} == {1}, mart
        assert {r["request_id"] for r in rows(connection, "from stream_timing")} == {"chat"}
