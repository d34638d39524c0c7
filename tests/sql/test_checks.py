"""Every check can fail: a sound lake passes all of them, and each planted fault is found by the check that is for it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from llm_usage.model.tables import TABLES
from llm_usage.pricing import resolve as pricing
from llm_usage.query import views
from llm_usage.query.sql_files import sql_files
from small_lake import Row, chunk, install, lake, raw, recording, request

CLOCK = {"timing_source": "per_chunk", "arrival_origin": "request"}
Lake = tuple[list[Row], list[Row], list[Row]]


def sound() -> Lake:
    """Two recordings: a timed stream that reports a cost and its failed first attempt, and a body without a clock."""
    stream = request(
        "a2",
        logical_request_id="a1",
        attempt=2,
        **CLOCK,
        provider="openai",
        response_model="gpt-4o",
        input_tokens=20,
        output_tokens=4,
        cache_read_tokens=5,
        reasoning_tokens=1,
        usage_json="{}",
        cost_reported_usd=Decimal("0.000032"),
        headers_ns=5,
        first_chunk_ns=10,
        ttft_ns=20,
        first_output_ns=20,
        e2e_ns=50,
        duration_ns=60,
        stream_span_ns=30,
        exchange_index=1,
        frame_count=4,
        token_frame_count=3,
        body_bytes=400,
        text_bytes=12,
        reasoning_bytes=0,
        tool_bytes=0,
        finish_reason="stop",
    )
    timed = {"timing_source": "per_chunk"}
    frames = [
        chunk("a2", 0, **timed, arrived_ns=20),
        chunk("a2", 1, **timed, arrived_ns=20, gap_ns=0),
        chunk("a2", 2, **timed, arrived_ns=50, gap_ns=30),
        chunk(
            "a2",
            3,
            **timed,
            arrived_ns=55,
            kind="usage",
            is_token_bearing=False,
            text_bytes=0,
            has_usage=True,
            cum_input_tokens=20,
            cum_output_tokens=4,
            cost_usd=Decimal("0.000032"),
        ),
        chunk("b1", 0, recording_id="r2", kind="body"),
    ]
    refused = request("a1", status="http_error", http_status=429, frame_count=0, token_frame_count=0)
    body = request(
        "b1",
        recording_id="r2",
        recording_path="r2.yaml",
        provider="openai",
        response_model="gpt-4o",
        input_tokens=9,
        output_tokens=9,
        usage_json="{}",
        exchange_index=0,
        frame_count=1,
        is_stream=False,
        text_bytes=4,
        reasoning_bytes=0,
        tool_bytes=0,
        body_bytes=100,
    )
    ledger = [
        recording(
            "r1",
            exchanges=4,
            llm_requests=2,
            ignored_exchanges=1,
            rejected_exchanges=1,
            ignored_reasons=["2: x"],
            rejected_reasons=["3: y"],
            chunks=4,
        ),
        recording("r2", exchanges=1, llm_requests=1, chunks=1),
        recording("r3", outcome="rejected", error="place: thing. remedy"),
    ]
    return [refused, stream, body], frames, ledger


def connect(given: Lake) -> duckdb.DuckDBPyConnection:
    requests, chunks, ledger = given
    connection = raw(requests, chunks, ledger)
    install(connection, prices=pricing.resolve(connection), comments=False)
    return connection


def fails(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether one check finds something; the others, slow together, are not asked."""
    text = next(file.text for file in sql_files("checks") if file.name == name)
    return connection.sql(text.strip().rstrip(";")).to_arrow_table().num_rows > 0


def failing(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {result.name for result in views.run_checks(connection) if not result.passed}


def on_request(name: str = "a2", **values: Any) -> Callable[[Lake], None]:
    """Overwrite values of a request row."""

    def plant(given: Lake) -> None:
        next(r for r in given[0] if r["request_id"] == name).update(values)

    return plant


def on_chunk(index: int, **values: Any) -> Callable[[Lake], None]:
    def plant(given: Lake) -> None:
        given[1][index].update(values)

    return plant


def on_ledger(index: int, **values: Any) -> Callable[[Lake], None]:
    def plant(given: Lake) -> None:
        given[2][index].update(values)

    return plant


#: check -> faults that it has to find, each alone: a change of the rows, or a statement on the connection
FAULTS: dict[str, list[Callable[[Lake], None] | str]] = {
    "request_key_unique": [lambda g: g[0].append(dict(g[0][2]))],
    "chunk_key_unique": [lambda g: g[1].append(dict(g[1][0]))],
    "chunks_have_a_request": [on_chunk(4, request_id="nobody"), on_chunk(3, chunk_index=9), on_chunk(4, chunk_index=1)],
    "last_usage_is_the_requests": [
        on_chunk(3, cum_input_tokens=19),
        on_chunk(3, cum_output_tokens=5),
        on_chunk(3, cost_usd=Decimal("0.000033")),
        on_request(output_tokens=8),
    ],
    "sums_equal_every_grouping": [
        "create or replace view marts.cost_by_model as select * replace (cost_usd + 0.000000000001 as cost_usd) from marts.cost_by_provider",
        "create or replace view marts.cost_daily as select * replace (requests + 1 as requests) from marts.cost_by_provider",
        "create or replace view marts.routing as from marts.cost_by_provider where provider is null",
    ],
    "cost_parts_add_up": [
        "create or replace view marts.cost_by_model as select null as model, * replace ('total' as cost_reads, 1 as unpriced_requests) from marts.cost_by_provider",
        "create or replace view marts.cost_by_model as select null as model, * replace (0 as reported_usd) from marts.cost_by_provider",
    ],
    "ledger_adds_up": [
        on_ledger(0, exchanges=5),
        on_ledger(0, exchanges=5, llm_requests=3),
        on_ledger(0, rejected_reasons=[]),
        on_ledger(0, ignored_reasons=None),
        on_ledger(1, chunks=2),
        on_ledger(2, error=None),
        on_request(exchange_index=0),
        on_request(exchange_index=4),
    ],
    "no_invented_latency": [
        on_request("b1", ttft_ns=5),
        on_request("b1", duration_ns=5),
        on_request("b1", headers_ns=5),
        on_request("b1", timing_source="server", e2e_ns=1),
        on_request("b1", timing_source="headers_only", headers_ns=5, after_headers_ttft_ns=1),
        on_request("b1", timing_source="total", duration_ns=5, first_output_ns=1),
        on_request("b1", timing_source="headers_only", headers_ns=5, first_chunk_ns=6),
        on_request("b1", first_chunk_ns=6),
        on_request("b1", timing_source="total"),
        on_request("b1", timing_source="headers_only"),
        on_request("b1", timing_source="per_chunk"),
        on_request("b1", arrival_origin="request"),
        on_request(arrival_origin="headers"),
        on_request(after_headers_e2e_ns=3),
        on_chunk(4, arrived_ns=4),
    ],
    "latencies_are_in_order": [
        on_request(ttft_ns=51),
        on_request(first_chunk_ns=21),
        on_request(headers_ns=-1),
        on_request(stream_span_ns=31),
    ],
    "gaps_add_up": [on_chunk(1, gap_ns=-1), on_chunk(2, gap_ns=29), on_chunk(3, gap_ns=0), on_request(stream_span_ns=None)],
    "broken_usage_is_flagged": [
        on_request(cache_read_tokens=21),
        on_request(cache_write_tokens=16),
        on_request(cache_write_1h_tokens=1),
        on_request(reasoning_tokens=5),
        on_request(input_audio_tokens=21),
    ],
    "enums_are_closed": [
        on_request(status="fine"),
        on_request(usage_source="guess"),
        on_chunk(0, kind="words"),
        on_ledger(0, outcome="done"),
        "update raw.prices set price_status = 'cheap'",
    ],
    "counts_are_not_negative": [on_request(total_tokens_reported=-1), on_request(cost_reported_usd=Decimal(-1))],
    "status_is_plausible": [
        on_request("a1", http_status=200),
        on_request(http_status=500),
        on_request(status="empty"),
        on_request("b1", status="unparseable"),
        on_request(started_at=None),
        on_request(started_at_source="unknown"),
    ],
    "usage_source_is_plausible": [on_request("b1", usage_source="none"), on_request("a1", usage_source="final")],
    "cost_has_a_basis": [
        "update raw.prices set price_source = null",
        "update raw.prices set price_status = 'unpriced'",
    ],
    "price_is_met_once": ["insert into raw.prices from raw.prices", "delete from raw.prices where response_model is null"],
    "duplicates_name_what_counts": [
        "insert into staging.duplicates values ('a2', 'nobody')",
        "insert into staging.duplicates values ('a2', 'b1'), ('b1', 'a2')",
    ],
    "attempts_are_in_order": [on_request(attempt=3), on_request("a1", status="ok", http_status=200)],
    "frames_add_up": [
        on_request(token_frame_count=2),
        on_request(comment_count=1),
        on_request(text_bytes=11),
        on_request(body_bytes=399),
        on_chunk(0, reasoning_bytes=3),
        on_chunk(0, tool_bytes=3),
        on_request(frame_count=5),
        on_request("a1", frame_count=1),
        on_request(is_stream=False),
        on_chunk(0, kind="body"),
        on_chunk(0, kind="malformed"),
        on_request("b1", malformed_frame_count=1),
    ],
}
CASES = [(name, number) for name, faults in FAULTS.items() for number in range(len(faults))]


def test_a_sound_lake_passes_every_check() -> None:
    assert failing(connect(sound())) == set()


def test_an_empty_lake_passes_every_check() -> None:
    assert failing(lake()) == set()


def test_a_total_with_a_first_frame_is_no_invention() -> None:
    """aimock notes both, and where the frames are not kept, nothing else."""
    given = sound()
    on_request("b1", timing_source="total", duration_ns=5, first_chunk_ns=1)(given)
    assert failing(connect(given)) == set()


#: The first fault of each check every time, the others with the exhaustive tests.
FAULT_CASES = [pytest.param(*case, marks=[pytest.mark.exhaustive] if case[1] else []) for case in CASES]


@pytest.mark.parametrize(("name", "number"), FAULT_CASES)
def test_a_planted_fault_is_found(name: str, number: int) -> None:
    given, fault = sound(), FAULTS[name][number]
    if not isinstance(fault, str):
        fault(given)
    connection = connect(given)
    if isinstance(fault, str):
        connection.execute(fault)
    assert fails(connection, name)


def test_every_check_is_shown_to_fail() -> None:
    assert {file.name for file in sql_files("checks")} == FAULTS.keys()
    assert len(FAULTS) >= 15


def test_a_result_carries_the_first_failing_rows_and_counts_all() -> None:
    requests, chunks, ledger = sound()
    requests += [dict(requests[0], request_id=f"x{i}", status="empty", finish_reason="stop") for i in range(30)]
    result = {r.name: r for r in views.run_checks(connect((requests, chunks, ledger)), limit=7)}["status_is_plausible"]
    assert (result.failures, result.rows.num_rows, result.passed) == (30, 7, False)
    assert result.title.startswith("The status is the first that applies")


def test_the_closed_sets_are_those_of_the_schema() -> None:
    text = next(file.text for file in sql_files("checks") if file.name == "enums_are_closed")
    found = {}
    for part in text.split("union all"):
        table, column = part.split("'")[1], part.split("'")[3]
        inside = part[part.index("not in (") :].split(")")[0]
        found[table, column] = tuple(inside.split("'")[1::2])
    declared = {(table.name, c.name): c.values for table in TABLES for c in table.columns if c.values}
    assert {key: found[key] for key in declared} == declared
