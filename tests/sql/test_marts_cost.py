"""The cost reports: a partial total can never be read as a total, and every way to split adds up to the picodollar."""

from __future__ import annotations

from decimal import Decimal

import pytest

from llm_usage.query import views
from small_lake import lake, request, row, rows

PICO = Decimal("0.000000000001")
REPORTED = request("a", provider="p", response_model="m", input_tokens=10, output_tokens=5, cost_reported_usd=Decimal("0.000032000001"))
UNKNOWN = request("b", provider="p", response_model="m", input_tokens=10, output_tokens=5)
REFUSED = request("c", provider="p", response_model="m", status="http_error", http_status=429)
COSTS = ("cost_daily", "cost_by_model", "cost_by_provider", "cost_by_project")


@pytest.mark.parametrize("mart", COSTS)
@pytest.mark.parametrize(
    ("given", "reads", "coverage", "cost"),
    [
        ([REPORTED], "total", 100.0, Decimal("0.000032000001")),
        ([REPORTED, REFUSED], "total", 100.0, Decimal("0.000032000001")),
        ([REPORTED, UNKNOWN], "at least", 50.0, Decimal("0.000032000001")),
        ([UNKNOWN], "unknown", 0.0, None),
        ([REFUSED], "nothing charged", None, None),
    ],
)
def test_how_a_sum_reads(mart: str, given: list[dict[str, object]], reads: str, coverage: float | None, cost: Decimal | None) -> None:
    found = row(lake(given), f"from {mart}")
    assert (found["cost_reads"], found["coverage_pct"], found["cost_usd"]) == (reads, coverage, cost)
    assert found["requests"] == len(given)
    assert found["unpriced_requests"] == given.count(UNKNOWN)


def test_coverage_says_100_only_when_nothing_is_missing() -> None:
    given = [dict(REPORTED, request_id=f"q{i}") for i in range(29_999)]
    found = row(lake([*given, dict(UNKNOWN, request_id="x")]), "from cost_by_model")
    assert found["coverage_pct"] == 99.99
    assert found["cost_reads"] == "at least"


@pytest.mark.exhaustive
@pytest.mark.parametrize("mart", COSTS)
@pytest.mark.parametrize("by", [(), ("provider", "model"), ("source", "day", "user_label"), views.DIMENSIONS])
def test_every_grouping_adds_up_to_the_picodollar(mart: str, by: tuple[str, ...]) -> None:
    given = [
        request(f"q{i}", provider=f"p{i % 3}", response_model=f"m{i % 4}", user_label=f"u{i % 5}", cost_reported_usd=i * PICO + i % 7)
        for i in range(200)
    ]
    connection = lake(given, settings=views.Settings(by=by))
    assert sum(r["cost_usd"] for r in rows(connection, f"from {mart}")) == sum(r["cost_reported_usd"] for r in given)


def test_a_duplicate_is_no_second_spend() -> None:
    twin = {"response_id": "r", "body_sha256": "b"}
    given = [dict(REPORTED, **twin), dict(REPORTED, request_id="z", recording_id="r2", recording_path="r2.yaml", **twin)]
    assert row(lake(given), "from cost_daily")["cost_usd"] == Decimal("0.000032000001")
    assert row(lake(given, settings=views.Settings(include_duplicates=True)), "from cost_daily")["cost_usd"] == Decimal("0.000064000002")


def test_unknown_tokens_are_null_and_not_zero() -> None:
    found = row(lake([request()]), "from cost_by_model")
    assert (found["input_tokens"], found["output_tokens"], found["usage_requests"]) == (None, None, 0)
    assert row(lake([request(input_tokens=0, output_tokens=0)]), "from cost_by_model")["input_tokens"] == 0


def test_absurd_counts_do_not_stop_a_report() -> None:
    given = [request(f"q{i}", input_tokens=2**63 - 1, output_tokens=2**63 - 1) for i in range(3)]
    assert row(lake(given), "from cost_by_model")["input_tokens"] is None


def test_byok_without_the_upstream_bill_is_a_lower_bound() -> None:
    fee = request("a", input_tokens=1, output_tokens=1, cost_reported_usd=Decimal("0.01"), is_byok=True)
    assert row(lake([fee]), "select cost_basis, cost_usd from requests") == {
        "cost_basis": "lower_bound",
        "cost_usd": Decimal("0.010000000000"),
    }
    both = dict(fee, upstream_cost_usd=Decimal("0.2"))
    assert row(lake([both]), "select cost_basis from requests")["cost_basis"] == "reported"
