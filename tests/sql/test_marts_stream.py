"""Streams frame by frame, service levels, one common clock, audit and export: tables of cases and a plain-Python computation."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from opentelemetry.semconv._incubating.attributes import (
    error_attributes,
    gen_ai_attributes,
    http_attributes,
    openai_attributes,
    server_attributes,
    url_attributes,
)

from llm_usage.config import Slo
from llm_usage.query import views
from small_lake import NOON, Row, chunk, lake, recording, request, row, rows, run

MS = 1_000_000
CLOCK = {"timing_source": "per_chunk", "arrival_origin": "request"}


def stream(name: str, arrivals_ms: list[int], **values: Any) -> tuple[Row, list[Row]]:
    """A stream of one role frame and then token-bearing frames that arrive at these times; as the fold would leave it."""
    arrived = [at * MS for at in arrivals_ms]
    frames = [chunk(name, 0, kind="role", is_token_bearing=False, arrived_ns=0, text_bytes=0, timing_source="per_chunk")]
    for i, at in enumerate(arrived):
        gap = at - arrived[i - 1] if i else None
        frames.append(chunk(name, i + 1, arrived_ns=at, gap_ns=gap, timing_source="per_chunk"))
    made = request(
        name,
        **CLOCK,
        token_frame_count=len(arrived),
        ttft_ns=arrived[0] if arrived else None,
        e2e_ns=arrived[-1] if arrived else None,
        stream_span_ns=arrived[-1] - arrived[0] if arrived else None,
    )
    return {**made, **values}, frames


EDGES = {
    # arrivals, output tokens -> itl_gaps, p50, longest, tpot, decode
    "plain": (([100, 200, 400], 7), (2, 150.0, 200.0, 50.0, 20.0)),
    "one token": (([100], 1), (0, None, None, None, None)),
    "one frame of ten tokens": (([100], 10), (0, None, None, None, None)),
    "three frames in one read": (([100, 100, 100], 3), (2, 0.0, 0.0, 0.0, None)),
    "a read that holds two frames": (([100, 200, 200], 3), (2, 50.0, 100.0, 50.0, 20.0)),
    "an empty stream": (([], None), (0, None, None, None, None)),
    "no usage": (([100, 200], None), (1, None, 100.0, None, None)),
}


@pytest.mark.parametrize("name", EDGES)
def test_edges_of_a_stream(name: str) -> None:
    (arrivals, tokens), expected = EDGES[name]
    made, frames = stream("q", arrivals, output_tokens=tokens)
    found = row(lake([made], frames), "from stream_timing")
    assert tuple(found[k] for k in ("itl_gaps", "itl_p50_ms", "longest_gap_ms", "tpot_ms", "decode_tok_s")) == expected


def quantile(values: list[int], p: float) -> float:
    """Linear interpolation between the two nearest ranks."""
    ordered, place = sorted(values), p * (len(values) - 1)
    low = int(place)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)


def test_streams_equal_a_plain_computation() -> None:
    chance = random.Random(5)
    given, frames, expected = [], [], {}
    for number in range(25):
        at, arrivals = chance.randint(50, 500), []
        for _ in range(chance.choice([2, 5, 101, 150])):
            arrivals.append(at)
            at += chance.choice([0, 0, 5, 20, chance.randint(0, 2000)])
        tokens = chance.randint(2, 400)
        made, own = stream(f"q{number}", arrivals, output_tokens=tokens)
        given.append(made)
        frames += own
        gaps = [b - a for a, b in itertools.pairwise(arrivals)]
        expected[f"q{number}"] = (
            len(gaps),
            median(gaps) if len(gaps) >= 2 else None,
            quantile(gaps, 0.99) if len(gaps) >= 100 else None,
            (arrivals[-1] - arrivals[0]) / (tokens - 1),
        )
    found = {r["request_id"]: r for r in rows(lake(given, frames), "from stream_timing")}
    assert len(found) == 25
    for name, figures in expected.items():
        got = tuple(found[name][k] for k in ("itl_gaps", "itl_p50_ms", "itl_p99_ms", "tpot_ms"))
        assert got == pytest.approx(figures), name


def test_chunk_profile_of_a_provider() -> None:
    one, frames = stream("a", [100, 200, 200, 2200], provider="p", output_tokens=12)
    two, more = stream("b", [50, 60], provider="p", output_tokens=None)
    found = row(lake([one, two], frames + more), "from chunk_profile")
    assert (found["streams"], found["frames"], found["token_frames"]) == (2, 8, 6)
    assert (found["tokens_streams"], found["tokens_per_frame"]) == (1, 3.0)
    assert (found["frame_bytes"], found["payload_bytes"], found["envelope_pct"]) == (800, 24, 97.0)
    assert (found["itl_gaps"], found["longest_gap_ms"], found["joined_pct"], found["stalls"]) == (4, 2000.0, 25.0, 1)
    assert row(lake([one], frames, settings=views.Settings(stall_ms=3000)), "from chunk_profile")["stalls"] == 0


def test_chunk_timeline_adds_up() -> None:
    made, frames = stream("q", [100, 200, 1300])
    found = rows(lake([made], frames), "from chunk_timeline where request_id = 'q'")
    assert [r["payload_bytes_so_far"] for r in found] == [0, 4, 8, 12]
    assert [r["token_frames_so_far"] for r in found] == [0, 1, 2, 3]
    assert [r["is_stall"] for r in found] == [None, None, False, True]


class TestGoodput:
    level = Slo("fast", ttft_ms=Decimal(100), e2e_ms=Decimal(1000))

    def find(self, given: list[Row], *levels: Slo) -> list[Row]:
        return rows(lake(given, settings=views.Settings(slos=levels or (self.level,))), "from goodput")

    @pytest.mark.parametrize(
        ("values", "where"),
        [
            ({"ttft_ns": 100 * MS, "e2e_ns": 1000 * MS}, "met_requests"),
            ({"ttft_ns": 100 * MS + 1, "e2e_ns": 1000 * MS}, "missed_requests"),
            ({"ttft_ns": 100 * MS, "e2e_ns": 1001 * MS}, "missed_requests"),
            ({"ttft_ns": 100 * MS, "e2e_ns": None}, "undetermined_requests"),
            ({"ttft_ns": 500 * MS, "e2e_ns": None}, "undetermined_requests"),
            ({"headers_ns": 5000 * MS}, "undetermined_requests"),
            ({"ttft_ns": 100 * MS, "e2e_ns": 1000 * MS, "status": "truncated"}, "failed_requests"),
        ],
    )
    def test_where_a_request_counts(self, values: dict[str, Any], where: str) -> None:
        (found,) = self.find([request(**CLOCK, **values)])
        assert {name: found[name] for name in ("met_requests", "missed_requests", "undetermined_requests", "failed_requests")} == {
            **dict.fromkeys(("met_requests", "missed_requests", "undetermined_requests", "failed_requests"), 0),
            where: 1,
        }

    def test_share_is_of_what_was_observed(self) -> None:
        given = [request(f"q{i}", **CLOCK, ttft_ns=i * 50 * MS, e2e_ns=900 * MS) for i in range(1, 4)]
        (found,) = self.find([*given, request("x", **CLOCK)])
        assert (found["requests"], found["goodput_pct"]) == (4, 66.66)
        (nothing,) = self.find([request()])
        assert nothing["goodput_pct"] is None

    def test_a_level_is_for_what_it_matches(self) -> None:
        given = [request("a", provider="p"), request("b", provider="q")]
        assert [r["provider"] for r in self.find(given, Slo("s", tpot_ms=Decimal(5), match={"provider": "p"}))] == ["p"]
        assert len(self.find(given, self.level, Slo("s", tpot_ms=Decimal(5), match={"provider": "p"}))) == 3


class TestConcurrency:
    def given(self) -> list[Row]:
        def busy(name: str, start_s: int, lasts_s: int, **values: Any) -> Row:
            return request(name, started_at=NOON + timedelta(seconds=start_s), duration_ns=lasts_s * 10**9, output_tokens=30, **values)

        return [busy("a", 0, 10), busy("b", 5, 5), busy("c", 9, 1), busy("d", 10, 20), busy("e", 0, 60, source="other")]

    def test_one_clock_a_row(self) -> None:
        found = {r["source"]: r for r in rows(lake(self.given()), "from concurrency")}
        assert (found["test"]["requests"], found["test"]["peak_requests"]) == (4, 3), "one that ends as another starts is no overlap"
        assert found["test"]["system_tok_s"] == 120 / 30
        assert (found["test"]["first_start"], found["test"]["last_end"]) == (NOON, NOON + timedelta(seconds=30))
        assert found["other"]["peak_requests"] == 1

    @pytest.mark.parametrize("values", [{"started_at_source": "response_created"}, {"duration_ns": None, "headers_ns": 5}])
    def test_without_a_common_clock_there_is_no_row(self, values: dict[str, Any]) -> None:
        assert rows(lake([{**self.given()[0], **values}]), "from concurrency") == []


def test_usage_audit_splits_every_total() -> None:
    base = {"server_address": "h", "provider": "p", "input_tokens": 10, "output_tokens": 8}
    given = [
        request("sum", **base, total_tokens_reported=18),
        request("lacks", **base, total_tokens_reported=15, reasoning_tokens=3, reasoning_accounting="separate"),
        request("odd", **base, total_tokens_reported=99, usage_anomalies=["total_differs"]),
        request("none", **base),
        request("cache", **base, cache_read_tokens=11, billed_input_tokens=3),
    ]
    found = row(lake(given), "from usage_audit")
    assert (
        found["total_requests"],
        found["total_is_sum_requests"],
        found["total_lacks_reasoning_requests"],
        found["total_is_other_requests"],
    ) == (3, 1, 1, 1)
    assert (
        found["reasoning_separate_requests"],
        found["cache_exceeds_input_requests"],
        found["billed_differs_requests"],
        found["anomalous_requests"],
    ) == (1, 1, 1, 1)


SPAN_FIELDS = {
    "trace_id",
    "span_id",
    "name",
    "kind",
    "start_time",
    "end_time",
    "status_code",
    "timing_source",
    "started_at_source",
    "request_id",
}


def test_span_attributes_are_those_of_the_conventions() -> None:
    modules = (gen_ai_attributes, error_attributes, http_attributes, server_attributes, url_attributes, openai_attributes)
    known = {value for module in modules for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}
    deprecated = {
        gen_ai_attributes.GEN_AI_SYSTEM,
        gen_ai_attributes.GEN_AI_USAGE_PROMPT_TOKENS,
        gen_ai_attributes.GEN_AI_USAGE_COMPLETION_TOKENS,
    }
    (spans,) = [view for view in views.marts(lake()) if view.name == "otel_spans"]
    attributes = {c.name for c in spans.columns} - SPAN_FIELDS
    assert attributes <= known - deprecated
    assert len(attributes) > 15


def test_a_span_has_an_end_only_where_one_was_observed() -> None:
    given = [
        request("a", server_address="h:8080", request_model="m", headers_ns=5, status="http_error", http_status=429),
        request("b", server_address="h", duration_ns=1_500_000_000, finish_reason="stop"),
    ]
    found = {r["request_id"]: r for r in rows(lake(given), "from otel_spans")}
    assert (found["a"]["end_time"], found["a"]["error.type"], found["a"]["server.port"]) == (None, "429", 8080)
    assert (found["a"]["server.address"], found["a"]["name"], found["a"]["gen_ai.response.finish_reasons"]) == ("h", "chat m", None)
    assert found["b"]["end_time"] - found["b"]["start_time"] == timedelta(seconds=1.5)
    assert (found["b"]["error.type"], found["b"]["server.port"], found["b"]["gen_ai.response.finish_reasons"]) == (None, None, ["stop"])
    assert len(found["a"]["trace_id"]) == 32
    assert len(found["a"]["span_id"]) == 16


def test_attempts_at_one_request_share_a_trace() -> None:
    given = [request(f"a{i}", logical_request_id="a", attempt=i) for i in (1, 2)]
    found = rows(lake(given), "from otel_spans")
    assert len({r["trace_id"] for r in found}) == 1
    assert len({r["span_id"] for r in found}) == 2


def test_freshness_and_runs() -> None:
    now = NOON + timedelta(hours=5)
    ledger = [recording("r1"), recording("r2", outcome="rejected", rejected_exchanges=1, ingested_at=NOON - timedelta(days=1))]
    connection = lake(
        [request(started_at=datetime(2025, 9, 30, 12, tzinfo=UTC))],
        recordings=ledger,
        runs=[run(finished_at=NOON + timedelta(seconds=90))],
        settings=views.Settings(as_of=now),
    )
    found = row(connection, "from freshness")
    assert (found["recordings"], found["rejected_recordings"], found["requests"]) == (2, 1, 1)
    assert (found["since_ingest_h"], found["since_request_h"]) == (5.0, 29.0)
    assert row(connection, "from marts.runs")["duration_s"] == 90.0
