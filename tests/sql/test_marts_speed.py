"""The speed reports: which clock, how many, and nothing concluded from a time that was not observed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from small_lake import NOON, chunk, lake, request, row, rows

SEED = request(
    provider="groq", gateway="openrouter", timing_source="headers_only", headers_ns=211_675_292, output_tokens=4, token_frame_count=3
)
STREAM = request(
    provider="p",
    timing_source="per_chunk",
    arrival_origin="request",
    output_tokens=11,
    token_frame_count=5,
    headers_ns=50_000_000,
    first_chunk_ns=90_000_000,
    ttft_ns=100_000_000,
    first_output_ns=100_000_000,
    e2e_ns=1_100_000_000,
    stream_span_ns=1_000_000_000,
    duration_ns=1_200_000_000,
)


def test_the_seed_has_a_lower_bound_and_nothing_else() -> None:
    found = {(r["metric"], r["reads"]): r["min_ms"] for r in rows(lake([SEED]), "from latency")}
    assert found == {("headers", "observed"): 211.675292, ("ttft", "at least"): 211.675292, ("e2e", "at least"): 211.675292}
    said = row(lake([SEED]), "from timing_observability")
    assert (said["ttft_requests"], said["ttft_at_least_requests"], said["tpot_requests"], said["ttft_at_least_min_ms"]) == (
        0,
        1,
        0,
        211.675292,
    )
    assert "at least 211.675 ms" in said["conclusion"]
    assert "Speed is not known" in said["conclusion"]


def test_speed_never_comes_from_a_header_time() -> None:
    found = row(lake([SEED]), "from throughput")
    assert {k: v for k, v in found.items() if k.endswith(("_tok_s", "_ms"))} == dict.fromkeys(
        [
            "tpot_p50_ms",
            "tpot_p90_ms",
            "decode_p50_tok_s",
            "decode_pooled_tok_s",
            "e2e_p50_tok_s",
            "server_p50_tok_s",
            "server_emitted_p50_tok_s",
        ]
    )
    assert found["conclusion"] == "no client speed: the clock stops at the headers"


def test_an_observed_stream() -> None:
    found = {r["metric"]: r["min_ms"] for r in rows(lake([STREAM]), "from latency")}
    assert found == {"headers": 50, "first_chunk": 90, "ttft": 100, "first_output": 100, "e2e": 1100, "duration": 1200, "stream_span": 1000}
    speed = row(lake([STREAM]), "from throughput")
    assert (speed["tpot_requests"], speed["decode_pooled_tok_s"], speed["e2e_requests"], speed["conclusion"]) == (
        1,
        10.0,
        1,
        "client speed observed",
    )


@pytest.mark.parametrize(
    ("n", "known"),
    [
        (1, []),
        (2, ["p50"]),
        (9, ["p50"]),
        (10, ["p50", "p90"]),
        (19, ["p50", "p90"]),
        (20, ["p50", "p90", "p95"]),
        (99, ["p50", "p90", "p95"]),
        (100, ["p50", "p90", "p95", "p99"]),
    ],
)
def test_a_percentile_needs_enough_observations(n: int, known: list[str]) -> None:
    found = row(lake([dict(STREAM, request_id=f"q{i}") for i in range(n)]), "from latency where metric = 'ttft'")
    assert found["n"] == n
    assert [p for p in ("p50", "p90", "p95", "p99") if found[f"{p}_ms"] is not None] == known


def test_percentiles_interpolate() -> None:
    given = [dict(STREAM, request_id=f"q{i}", ttft_ns=(i + 1) * 1_000_000) for i in range(10)]
    found = row(lake(given), "from latency where metric = 'ttft'")
    assert (found["p50_ms"], found["p90_ms"], found["min_ms"], found["max_ms"]) == (5.5, 9.1, 1.0, 10.0)


def test_arrivals_from_the_headers_are_lower_bounds() -> None:
    given = dict(
        STREAM,
        arrival_origin="headers",
        ttft_ns=None,
        e2e_ns=None,
        first_chunk_ns=None,
        first_output_ns=None,
        duration_ns=None,
        headers_ns=None,
    )
    given |= {"after_headers_ttft_ns": 70_000_000, "after_headers_e2e_ns": 1_070_000_000}
    found = {(r["metric"], r["reads"]): r["min_ms"] for r in rows(lake([given]), "from latency")}
    assert found == {("ttft", "at least"): 70, ("e2e", "at least"): 1070, ("stream_span", "observed"): 1000}
    assert row(lake([given]), "from throughput")["decode_pooled_tok_s"] == 10.0


def test_server_times_stand_in_rows_of_their_own() -> None:
    given = dict(SEED, server_ttft_ns=30_000_000, server_decode_ns=2_000_000_000, output_tokens=20)
    found = {(r["clock"], r["metric"]) for r in rows(lake([given]), "from latency")}
    assert found == {("client", "headers"), ("client", "ttft"), ("client", "e2e"), ("server", "ttft"), ("server", "decode")}
    clients = rows(lake([given]), "from latency where clock = 'client'")
    assert {r["min_ms"] for r in clients} == {211.675292}
    speed = row(lake([given, dict(given, request_id="q2")]), "from throughput")
    assert (speed["server_requests"], speed["server_p50_tok_s"], speed["decode_requests"]) == (2, 10.0, 0)


def test_clocks_are_never_mixed() -> None:
    given = [SEED, dict(STREAM, request_id="q2", provider="groq"), request("q3", provider="groq")]
    assert {r["timing_source"] for r in rows(lake(given), "from timing_observability")} == {"headers_only", "per_chunk", "none"}
    assert len(rows(lake(given), "from throughput")) == 3


def test_nothing_recorded_is_said() -> None:
    assert row(lake([request()]), "from timing_observability")["conclusion"] == "No time was recorded. Nothing may be concluded."
    assert rows(lake([request()]), "from latency") == []


def test_reasoning_that_was_not_streamed_is_counted() -> None:
    given = dict(STREAM, reasoning_tokens=8, reasoning_frame_count=0)
    assert row(lake([given]), "from throughput")["hidden_reasoning_requests"] == 1
    assert row(lake([dict(given, reasoning_frame_count=2)]), "from throughput")["hidden_reasoning_requests"] == 0


def test_stream_health_counts_every_ending() -> None:
    endings = ("ok", "http_error", "stream_error", "truncated", "empty", "unparseable")
    given = [request(s, status=s, http_status=429 if s == "http_error" else 200, output_tokens=7, error_code="overloaded") for s in endings]
    found = row(lake(given), "from stream_health")
    assert found["requests"] == 6
    assert all(found[f"{s}_requests"] == 1 for s in endings)
    assert (found["ok_pct"], found["http_429_requests"], found["output_tokens_at_risk"]) == (16.66, 1, 35)
    assert found["most_frequent_error"] == "overloaded"


def test_data_quality_names_what_is_missing() -> None:
    given = [
        request("a", started_at=None, api="other", usage_anomalies=["total_differs"]),
        request("b", status="truncated", usage_source="partial"),
    ]
    found = {r["finding"]: r["n"] for r in rows(lake(given), "from data_quality")}
    expected = {
        "undated": 1,
        "unknown dialect": 1,
        "truncated": 1,
        "partial usage": 1,
        "total_differs": 1,
        "cost unknown": 2,
        "no time recorded": 2,
    }
    assert expected.items() <= found.items()


def test_stamps_of_the_server_are_a_second_account_and_no_client_speed() -> None:
    """11 tokens, stamped over 2 and over 4 seconds; the durations that the server sums up say 10 and 10 tokens a second."""
    given, frames = [], []
    for name, seconds in (("a", 2), ("b", 4)):
        given.append(
            request(name, provider="ollama", timing_source="server", output_tokens=11, token_frame_count=2, server_decode_ns=1_100_000_000)
        )
        for i, at in enumerate((0, seconds, seconds + 9)):
            stamp = {"server_created_at": NOON + timedelta(seconds=at), "timing_source": "server"}
            frames.append(chunk(name, i, **stamp, is_token_bearing=i < 2))
    found = row(lake(given, frames), "from throughput")
    assert (found["server_requests"], found["server_p50_tok_s"]) == (2, pytest.approx(10))
    assert (found["server_emitted_requests"], found["server_emitted_p50_tok_s"]) == (2, pytest.approx((5 + 2.5) / 2))
    assert (found["tpot_requests"], found["decode_requests"], found["e2e_requests"], found["conclusion"]) == (0, 0, 0, "server speed only")
    one_stamp = lake(given[:1], frames[:1])
    assert row(one_stamp, "from throughput")["server_emitted_requests"] == 0
