"""Every edge rule of design/metrics.md as a case: events with their arrival, and every metric that must come out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.chunk_rows import ChunkBuilder
from llm_usage.model.exchange import Clock, Exchange
from llm_usage.model.frames import Frames
from llm_usage.model.identity import Identity
from llm_usage.model.observations import Observations
from llm_usage.model.rows import RequestRow, to_arrow
from llm_usage.model.tables import REQUESTS
from llm_usage.normalize.attempts import Attempts
from llm_usage.normalize.timing import observe_timing
from llm_usage.normalize.told_later import ToldLater
from llm_usage.pipeline.read import Options, Outcome, _one
from llm_usage.query.session import connect_tables

MS = 1_000_000
IDENTITY = Identity("0" * 32, "g", "s", "p", "h", "har")


def delta(index: int = 0, finish: str | None = None, **what: object) -> dict:
    return {"object": "chat.completion.chunk", "choices": [{"index": index, "delta": what, "finish_reason": finish}]}


def usage(tokens: int) -> dict:
    return {
        "object": "chat.completion.chunk",
        "choices": [],
        "usage": {"prompt_tokens": 3, "completion_tokens": tokens, "total_tokens": 3 + tokens},
    }


ROLE, FINISH, DONE = delta(role="assistant", content=""), delta(finish="stop"), "[DONE]"
TOOL = delta(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": ""}}])
ARGS = delta(tool_calls=[{"index": 0, "function": {"arguments": "{}"}}])


@dataclass
class Case:
    events: list[tuple[object, int]]
    """(payload, arrival in ms from the request); a str that is no [DONE] is an SSE comment."""
    expected: dict[str, float | None]
    """Columns in ms; those not named are not looked at."""
    origin: str = "request"
    headers_ms: int | None = 5
    status: str = "ok"
    merge: tuple[int, ...] = ()
    """Events that come in the same network read as the one before."""


NOTHING = {"ttft": None, "first_output": None, "e2e": None, "stream_span": None, "tpot": None}
CASES = {
    "plain": Case(
        [(ROLE, 10), (delta(content="a"), 20), (delta(content="b"), 30), (delta(content="c"), 60), (FINISH, 70), (usage(5), 71), (DONE, 72)],
        {"headers": 5, "first_chunk": 10, "ttft": 20, "first_output": 20, "e2e": 60, "duration": 72, "stream_span": 40, "tpot": 10, "gaps": [10, 30]},
    ),
    "the role frame bears no token": Case([(ROLE, 1), (delta(content="a"), 50), (FINISH, 51), (usage(1), 52)], {"first_chunk": 1, "ttft": 50, "e2e": 50}),
    "one token": Case([(delta(content="a"), 20), (FINISH, 25), (usage(1), 26)], {"ttft": 20, "e2e": 20, "stream_span": 0, "tpot": None, "decode": None, "gaps": []}),
    "one frame of several tokens": Case([(delta(content="abc"), 20), (FINISH, 25), (usage(9), 26)], {"ttft": 20, "e2e": 20, "tpot": None, "decode": None}),
    "several frames a read": Case(
        [(delta(content="a"), 20), (delta(content="b"), 20), (delta(content="c"), 20), (FINISH, 30), (usage(3), 30)],
        {"ttft": 20, "e2e": 20, "stream_span": 0, "tpot": 0, "decode": None, "gaps": [0, 0]}, merge=(1, 2),
    ),
    "reasoning before text": Case(
        [(delta(reasoning_content="hm"), 15), (delta(reasoning_content="so"), 25), (delta(content="a"), 100), (FINISH, 101), (usage(12), 102)],
        {"ttft": 15, "first_output": 100, "e2e": 100, "gaps": [10, 75]},
    ),
    "a tool-only answer": Case([(ROLE, 5), (TOOL, 30), (ARGS, 45), (delta(finish="tool_calls"), 46), (usage(7), 47)], {"ttft": 30, "first_output": 30, "e2e": 45}),
    "an empty tool delta bears nothing": Case([(delta(tool_calls=[{"index": 0, "function": {"arguments": ""}}]), 30), (FINISH, 40)], NOTHING),
    "an empty stream": Case([(DONE, 9)], {**NOTHING, "first_chunk": 9, "duration": 9}, status="empty"),
    "comments are no first chunk": Case([("keep-alive", 3), (delta(content="a"), 30), (FINISH, 31)], {"first_chunk": 30, "ttft": 30}),
    "an error after tokens": Case(
        [(delta(content="a"), 20), (delta(content="b"), 30), ({"error": {"type": "server_error"}}, 90)],
        {"ttft": 20, "e2e": 30, "duration": 90, "stream_span": 10, "tpot": None}, status="stream_error",
    ),
    "two choices interleave": Case(
        [(delta(0, content="a"), 10), (delta(1, content="x"), 14), (delta(0, content="b"), 20), (delta(1, content="y"), 26), (FINISH, 30), (usage(4), 31)],
        {"ttft": 10, "e2e": 26, "gaps": [4, 6, 6]},
    ),
    "a cut stream": Case([(delta(content="a"), 20), (delta(content="b"), 30)], {"ttft": 20, "e2e": 30, "tpot": None}, status="truncated"),
    "from the headers, headers not timed": Case(
        [(delta(content="a"), 20), (delta(content="b"), 50), (FINISH, 51), (usage(4), 52)],
        {"ttft": None, "e2e": None, "first_chunk": None, "first_output": None, "duration": None, "stream_span": 30, "tpot": 10, "after_headers_ttft": 20, "after_headers_e2e": 50},
        origin="headers", headers_ms=None,
    ),
    "from the headers, headers timed": Case(
        [(delta(content="a"), 20), (delta(content="b"), 50), (FINISH, 51), (usage(4), 52)],
        {"headers": 7, "first_chunk": 27, "ttft": 27, "e2e": 57, "duration": 59, "stream_span": 30, "after_headers_ttft": None},
        origin="headers", headers_ms=7,
    ),
}  # fmt: skip


def read(name: str, case: Case):
    body, ends, times = b"", [], []
    for i, (payload, at) in enumerate(case.events):
        text = payload if isinstance(payload, str) else json.dumps(payload)
        body += f"data: {text}\n\n".encode() if not isinstance(payload, str) or payload == DONE else f": {text}\n\n".encode()
        if i in case.merge:
            ends[-1] = len(body)
        else:
            ends.append(len(body))
            times.append(at * MS)
    clock = Clock(headers_ns=case.headers_ms * MS if case.headers_ms else None, origin=case.origin, read_ends=ends, arrivals_ns=times)
    identity = Identity(name, "g", "s", "p", "h", "har")
    exchange = Exchange(0, "case", "POST", "https://api.openai.com/v1/chat/completions", status=200, body=body, clock=clock)
    builder, outcome = ChunkBuilder(), Outcome()
    _one(exchange, identity, Attempts(), ToldLater(), builder, Options(), outcome)
    (row,) = outcome.requests
    return row, builder.take()


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Of each case its row, the gaps of its chunks, and what the view says of it."""
    read_cases = {name: read(name, case) for name, case in CASES.items()}
    rows = [row for row, _ in read_cases.values()]
    tables = {
        "requests": to_arrow(REQUESTS, rows),
        "chunks": pa.concat_tables([chunks for _, chunks in read_cases.values()]),
        "recordings": pa.concat_tables([ledger(row) for row in rows]),
    }
    names = "tpot_ms, decode_tok_s, e2e_tok_s"
    views = connect_tables(tables).sql(f"select recording_id, {names} from staging.requests").to_arrow_table().to_pylist()
    by_name = {view["recording_id"]: view for view in views}
    assert len(by_name) == len(views) == len(CASES)
    return {
        name: (row, [gap // MS for gap in chunks["gap_ns"].to_pylist() if gap is not None], by_name[name])
        for name, (row, chunks) in read_cases.items()
    }


def ledger(row: RequestRow):
    from datetime import UTC, datetime

    from llm_usage.model.tables import RECORDINGS
    from llm_usage.pipeline.discover import Refused
    from llm_usage.pipeline.ledger_rows import ledger_row
    from llm_usage.pipeline.tasks import TaskConfig

    place = Refused("s", "p", mtime=datetime.now(UTC))
    identity = row.identity
    live = ledger_row(
        TaskConfig("r", "1"), identity.recording_id, place, None, Outcome(), verdict="ingested", generation=identity.generation
    )
    return to_arrow(RECORDINGS, [live])


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, found: dict[str, Any]) -> None:
    case = CASES[name]
    row, gaps, view = found[name]
    assert row.status == case.status
    assert row.timing.timing_source == "per_chunk"
    for metric, expected in case.expected.items():
        if metric == "gaps":
            assert gaps == expected
        elif metric == "tpot":
            assert view["tpot_ms"] == (None if expected is None else pytest.approx(expected)), metric
        elif metric == "decode":
            assert view["decode_tok_s"] is None
        else:
            got = getattr(row.timing, f"{metric}_ns")
            assert got == (None if expected is None else expected * MS), metric
    if row.timing.stream_span_ns is not None:
        assert sum(gaps) * MS == row.timing.stream_span_ns


def test_a_total_is_no_ttft() -> None:
    body = json.dumps({"object": "chat.completion", "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}).encode()
    exchange = Exchange(
        0, "x", "POST", "https://api.openai.com/v1/chat/completions", status=200, body=body, clock=Clock(duration_ns=9 * MS)
    )
    outcome = Outcome()
    _one(exchange, IDENTITY, Attempts(), ToldLater(), ChunkBuilder(), Options(), outcome)
    (row,) = outcome.requests
    assert (row.timing.timing_source, row.timing.duration_ns, row.timing.ttft_ns, row.timing.e2e_ns, row.timing.first_chunk_ns) == (
        "total",
        9 * MS,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (Clock(duration_ns=9, first_chunk_ns=4), ("total", 4, 9, None)),
        (Clock(first_chunk_ns=4), ("none", None, None, None)),
        (Clock(first_chunk_ns=4, headers_ns=3), ("headers_only", None, None, 3)),
        (Clock(), ("none", None, None, None)),
    ],
)
def test_a_first_frame_is_told_only_beside_a_total(clock: Clock, expected: tuple[object, ...]) -> None:
    timing = observe_timing(clock, Frames("none", is_stream=False), ChunkColumns(0), Observations("other")).timing
    assert (timing.timing_source, timing.first_chunk_ns, timing.duration_ns, timing.headers_ns) == expected
    assert timing.ttft_ns is None
