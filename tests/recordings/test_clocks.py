"""What each format may say about time: exact nanoseconds, only what its tool observed, from the origin that it counted from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from golden import read

from llm_usage import recordings
from llm_usage.model.exchange import Clock, Exchange
from llm_usage.recordings.document import Document


def one(content: Any) -> Exchange:
    """The one exchange of a JSON recording."""
    document = Document("x", json.dumps(content).encode())
    found = recordings.identify(document)
    assert found is not None
    (item,), error = read(document, found)
    assert error is None
    assert isinstance(item, Exchange)
    return item


def har(timings: Any, time: Any = None, text: str = "{}", **more: Any) -> Clock:
    entry = {
        "request": {"url": "https://h/"},
        "response": {"status": 200, "content": {"text": text}},
        "timings": timings,
        "time": time,
        **more,
    }
    return one({"log": {"entries": [entry]}}).clock


@pytest.mark.parametrize(
    ("timings", "time", "headers_ns", "duration_ns"),
    [
        # A browser: sent, waited, received. What went before the sending is no part of it.
        (
            {"blocked": 2.5, "dns": 1, "connect": 30, "ssl": 20, "send": 0.25, "wait": 300.125, "receive": 1199.875},
            1533.75,
            300_375_000,
            1_500_250_000,
        ),
        ({"blocked": -1, "dns": -1, "connect": -1, "send": 1, "wait": 40, "receive": 9}, 50, 41_000_000, 50_000_000),
        ({"send": 0.1, "wait": 0.2, "receive": 0.3}, None, 300_000, 600_000),  # floats would give 0.30000000000000004
        # Polly: one figure, and no headers.
        ({"blocked": -1, "connect": -1, "dns": -1, "receive": 0, "send": 0, "ssl": -1, "wait": 1234}, 1234, None, 1_234_000_000),
        ({"receive": 0, "send": 0, "wait": 1234}, None, None, 1_234_000_000),
        ({"blocked": 5, "receive": 0, "send": 1, "wait": 94}, 100, None, 95_000_000),
        # -1 and absent are unknown, 0 was not measured.
        ({"send": -1, "wait": 40, "receive": -1}, 50, 40_000_000, None),
        ({"send": -1, "wait": -1, "receive": -1}, 50, None, 50_000_000),
        ({"send": 0, "wait": 0, "receive": 0}, 0, None, None),
        ({}, 12.5, None, 12_500_000),
        (None, -1, None, None),
        (None, None, None, None),
        ({"wait": "40"}, "50", None, None),
    ],
)
def test_har(timings: Any, time: Any, headers_ns: int | None, duration_ns: int | None):
    clock = har(timings, time)
    assert (clock.headers_ns, clock.duration_ns) == (headers_ns, duration_ns)
    assert clock.started_at is None
    assert clock.origin is None


MESSAGES = [{"time": 1760000000.2, "data": "{}"}, {"time": 1760000000.2, "data": "{}"}, {"time": 1760000000.7123456, "data": "[DONE]"}]
STREAM = "data: {}\n\ndata: {}\n\ndata: [DONE]\n\n"


def messages(text: str = STREAM, start: str | None = "2025-10-09T08:53:20Z", items: Any = MESSAGES) -> Clock:
    return har({"dns": 50, "send": 1, "wait": 99, "receive": 600}, 750, text, startedDateTime=start, _eventSourceMessages=items)


def test_event_source_messages_are_arrivals_from_the_sending_of_the_request():
    clock = messages()
    assert clock.started_at == datetime(2025, 10, 9, 8, 53, 20, 0, UTC)
    assert clock.origin == "request"
    assert list(clock.read_ends) == [10, 20, 34]
    assert list(clock.arrivals_ns) == [150_000_000, 150_000_000, 662_345_600]
    assert (clock.headers_ns, clock.duration_ns) == (100_000_000, 700_000_000)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "data: {}\n\ndata: {}\n\n"},  # not the events of this body
        {"text": STREAM + "rest"},
        {"start": None},
        {"start": "2025-10-09T08:53:21Z"},  # they would have arrived before the request
        {"items": [*MESSAGES[:2], {"data": "{}"}]},
        {"items": [*MESSAGES[:2], {"time": 5, "data": "{}"}]},
        {"items": [*MESSAGES[:2], {"time": 1760000000.1, "data": "{}"}]},  # backwards
        {"items": [*MESSAGES[:2], None]},
        {"items": "x"},
    ],
)
def test_messages_that_do_not_fit_give_no_arrivals(changed: dict[str, Any]):
    clock = messages(**changed)
    assert clock.origin is None
    assert not clock.arrivals_ns
    assert not clock.read_ends


def recorder(chunks: Any, timings: Any) -> Exchange:
    response = {"status": 200, "headers": {}, "chunks": chunks, "chunkTimings": timings, "isStreaming": True}
    return one([{"hash": "0", "request": {"url": "https://h/", "timestamp": 1760000000125}, "response": response}])


def test_llm_recorder_counts_from_the_headers_in_bytes():
    item = recorder(["data: ü", "🙂\n\ndata: a\n\n", "data: b\n\n"], [0.1, 0.2, 300])
    assert item.clock.started_at == datetime(2025, 10, 9, 8, 53, 20, 125_000, UTC)
    assert item.clock.origin == "headers"
    assert list(item.clock.read_ends) == [8, 23, 32]
    assert list(item.clock.arrivals_ns) == [100_000, 300_000, 300_300_000]
    assert item.clock.headers_ns is None
    assert item.clock.duration_ns is None
    assert len(item.body) == 32


@pytest.mark.parametrize("timings", [[1], [1, 2, 3], [1, -1], [1, None], None, "x", [1, "2"]])
def test_llm_recorder_without_a_time_for_each_read_has_no_arrivals(timings: Any):
    clock = recorder(["a", "b"], timings).clock
    assert clock.origin is None
    assert not clock.arrivals_ns
    assert clock.started_at is not None


def tape(events: Any) -> Clock:
    return one({"id": "x", "request": {"url": "https://h/", "body_hash": ""}, "response": {"status_code": 200, "sse_events": events}}).clock


def test_httptape_counts_from_the_headers():
    clock = tape([{"offset_ms": 0, "data": "ü"}, {"offset_ms": 7, "type": "t", "data": "b"}])
    assert (clock.origin, list(clock.read_ends), list(clock.arrivals_ns)) == ("headers", [10, 28], [0, 7_000_000])


@pytest.mark.parametrize(
    "events", [[{"offset_ms": 5, "data": ""}, {"offset_ms": 4, "data": ""}], [{"data": "x"}], [{"offset_ms": -1, "data": "x"}], [5]]
)
def test_httptape_offsets_that_are_none_give_no_arrivals(events: Any):
    assert tape(events).origin is None


def aimock(timings: Any, response: Any) -> Clock:
    return one({"fixtures": [{"match": {}, "response": response, "recordedTimings": timings}]}).clock


def test_aimock_knows_the_first_frame_and_the_total_of_a_collapsed_stream():
    clock = aimock({"ttftMs": 210.5, "interChunkDelaysMs": [1, 2], "totalDurationMs": 300}, {"content": "x"})
    assert clock == Clock(first_chunk_ns=210_500_000, duration_ns=300_000_000)
    assert aimock({"ttftMs": 0, "interChunkDelaysMs": [], "totalDurationMs": 0}, {"content": "x"}) == Clock()
    assert aimock(None, {"content": "x"}) == Clock()


def test_aimock_with_frames_has_arrivals_from_the_request():
    clock = aimock({"ttftMs": 210.5, "interChunkDelaysMs": [1, 2], "totalDurationMs": 300}, {"body": STREAM})
    assert (clock.origin, list(clock.read_ends)) == ("request", [10, 20, 34])
    assert list(clock.arrivals_ns) == [210_500_000, 211_500_000, 213_500_000]
    assert clock.duration_ns == 300_000_000


@pytest.mark.parametrize(
    "content",
    [
        {
            "http_interactions": [
                {"request": {"uri": "https://h/"}, "response": {"status": {"code": 200}}, "recorded_at": "Thu, 09 Oct 2025 08:53:21 GMT"}
            ]
        },
        {"captured_at": "2025-10-09T08:53:21Z", "chunks": [{"b64": ""}], "request": {"url": "https://h/"}, "response": {"status": 200}},
        {
            "entries": [
                {"recordedAt": "2025-10-09T08:53:21Z", "request": {"url": "h", "body": {"kind": "json"}}, "response": {"status": 200}}
            ]
        },
        {
            "interactions": [
                {"recorded_at": "2025-10-09T08:53:21Z", "request": {"uri": "h", "body_type": "text"}, "response": {"status": 200}}
            ]
        },
        {"id": "x", "recorded_at": "2025-10-09T08:53:21Z", "request": {"url": "h", "body_hash": ""}, "response": {"status_code": 200}},
    ],
)
def test_when_a_recording_was_kept_is_no_start(content: Any):
    assert one(content).clock == Clock(recorded_at=datetime(2025, 10, 9, 8, 53, 21, 0, UTC))


def test_go_vcr_stops_its_clock_at_the_headers():
    content = {"version": 2, "interactions": [{"request": {"url": "h"}, "response": {"code": 200, "body": "x", "duration": "409.35ms"}}]}
    assert one(content).clock == Clock(headers_ns=409_350_000)
