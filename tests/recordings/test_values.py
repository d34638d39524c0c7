"""Single values as recorders spell them: tables of what is read and what is declined. Unknown is None, never 0."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llm_usage.codecs.json import JsonError, extent, loads, loads_exact, open_chain
from llm_usage.errors import InputError
from llm_usage.recordings._parts import headers, media_type
from llm_usage.recordings._sse import event, event_ends
from llm_usage.recordings._values import arrivals, from_base64, go_duration_ns, instant, millis, nanos, raw_bytes, status_code, to_json
from llm_usage.recordings.document import Document

DOCUMENT = Document("x", b"")


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1.158s", 1_158_000_000),
        ("409.35ms", 409_350_000),
        ("980.667µs", 980_667),  # U+00B5
        ("980.667μs", 980_667),  # U+03BC
        ("7us", 7_000),
        ("1m2.3s", 62_300_000_000),
        ("1h0m0.5s", 3_600_500_000_000),
        ("15ns", 15),
        (".5s", 500_000_000),
        ("1.s", 1_000_000_000),
        (123456789, 123_456_789),
        ("0s", None),
        (0, None),
        (-5, None),
        ("-1s", None),
        ("", None),
        ("1", None),
        ("1 s", None),
        ("1s2", None),
        ("s", None),
        ("1e3s", None),
        (1.5, None),
        (True, None),
        (None, None),
        ([], None),
        ("9" * 60 + "h", None),
    ],
)
def test_go_durations(text: Any, ns: int | None):
    assert go_duration_ns(text) == ns


@pytest.mark.parametrize(
    "spelling",
    [
        {"Content-Type": "text/event-stream", "Authorization": "Bearer planted"},
        {"content-type": ["text/event-stream", "second"], "x-api-key": ["planted"]},
        [{"name": "CONTENT-TYPE", "value": "text/event-stream"}, {"name": "Cookie", "value": "planted"}],
        [{"key": "Content-Type", "value": "text/event-stream"}],
        [{"name": "Content-Type", "values": ["text/event-stream"]}],
        [["Content-Type", "text/event-stream"], ["set-cookie", "planted"], ["content-type", "second"]],
        {b"Content-Type": b"text/event-stream"},
    ],
)
def test_headers_in_every_spelling(spelling: Any):
    assert dict(headers(spelling, DOCUMENT)) == {"content-type": "text/event-stream"}
    assert media_type(spelling) == "text/event-stream"


@pytest.mark.parametrize(
    "spelling",
    [None, "a: b", 5, [], {}, [None], [["a"]], [{"name": 5}], {"content-type": None}, {"content-type": []}, {5: 6}, {"content-type": {}}],
)
def test_headers_that_are_none(spelling: Any):
    assert dict(headers(spelling, DOCUMENT)) == {}


def test_header_numbers_keep_their_digits_and_long_values_are_cut():
    found = headers({"x-litellm-response-cost": Decimal("0.000012345678901234567"), "retry-after": 7, "x-request-id": "r" * 5000}, DOCUMENT)
    assert found["x-litellm-response-cost"] == "0.000012345678901234567"
    assert found["retry-after"] == "7"
    assert len(found["x-request-id"]) == 1000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-10-09T08:53:20.125Z", datetime(2025, 10, 9, 8, 53, 20, 125000, UTC)),
        ("2025-10-09T10:53:20.125+02:00", datetime(2025, 10, 9, 8, 53, 20, 125000, UTC)),
        ("2025-10-09T08:53:20.123456789Z", datetime(2025, 10, 9, 8, 53, 20, 123456, UTC)),
        ("Thu, 09 Oct 2025 08:53:20 GMT", datetime(2025, 10, 9, 8, 53, 20, 0, UTC)),
        (1760000000125, datetime(2025, 10, 9, 8, 53, 20, 125000, UTC)),
        (1760000000125.25, datetime(2025, 10, 9, 8, 53, 20, 125250, UTC)),
        (Decimal("1760000000125.001"), datetime(2025, 10, 9, 8, 53, 20, 125001, UTC)),
        ("2025-10-09T08:53:20", None),  # no zone: it may be anywhere
        ("2025-10-09", None),
        (1760000000, None),  # seconds: no format here writes them
        ("0001-01-01T00:00:00Z", None),  # Go's zero time
        (0, None),
        (True, None),
        ("", None),
        ("soon", None),
        ("Thu, 99 Oct 2025 08:53:20 GMT", None),
        (None, None),
        ({}, None),
        (Decimal("NaN"), None),
        (float("inf"), None),
        (10**30, None),
    ],
)
def test_instants(text: Any, at: datetime | None):
    assert instant(text) == at


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (200, 200),
        ("200", 200),
        ("200 OK", 200),
        ({"code": 429, "message": "x"}, 429),
        ({"code": "404"}, 404),
        (Decimal(200), 200),
        (0, None),
        (99, None),
        (1000, None),
        (True, None),
        ("OK", None),
        (None, None),
        ({}, None),
        ("2000", None),
        (Decimal("200.5"), None),
        ([200], None),
    ],
)
def test_statuses(value: Any, status: int | None):
    assert status_code(value) == status


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("YWJj", b"abc"),
        ("YWI=", b"ab"),
        ("YWI", b"ab"),
        ("YW\nJj\n", b"abc"),
        ("-_-_", b"\xfb\xff\xbf"),
        ('["YWI=", "Yw=="]', b"abc"),
        ("YWI=Yw==", b"abc"),
        ("", b""),
        ("[]", b""),
    ],
)
def test_base64(text: str, data: bytes):
    assert from_base64(text, "x") == data


@pytest.mark.parametrize("text", ["!", "a b!", '["!"]', "[1]", '{"a":1}', "[", None, 5, "Y", "====", '[{"a":1}]'])
def test_what_is_no_base64(text: Any):
    with pytest.raises(InputError, match=r"file\.json: body is not the base64"):
        from_base64(text, "file.json")


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        (0, 0),
        (5, 5),
        (0.1, Decimal("0.1")),
        (Decimal("1.23456789"), Decimal("1.23456789")),
        (300.125, Decimal("300.125")),
        (-1, None),
        (True, None),
        ("5", None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**20, None),
        (Decimal("1e999"), None),
    ],
)
def test_milliseconds(value: Any, ms: Decimal | None):
    assert millis(value) == ms


def test_nanoseconds_are_exact_and_zero_is_unknown():
    assert nanos(Decimal("0.3")) == 300_000
    assert nanos(Decimal("1199.875")) == 1_199_875_000
    assert nanos(Decimal(0)) is None
    assert nanos(None) is None


@pytest.mark.parametrize(
    ("gaps", "count", "at"),
    [
        ([1, 0, 2], 3, [1_000_000, 1_000_000, 3_000_000]),
        ([0.1, 0.2], 2, [100_000, 300_000]),  # 0.1 + 0.2 as floats is 0.30000000000000004
        ([Decimal("0.0000004"), Decimal("0.0000006")], 2, [0, 1]),  # parts of a nanosecond add up, and are not rounded one by one
        ([], 0, []),
        ([1, 2], 3, []),
        ([1, -2], 2, []),
        ([1, None], 2, []),
        ([1, "2"], 2, []),
        (None, 2, []),
        ({}, 0, []),
    ],
)
def test_arrivals(gaps: Any, count: int, at: list[int]):
    assert arrivals(gaps, count) == at


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ({"cost": Decimal("0.00001234567890123456789")}, b'{"cost":0.00001234567890123456789}'),
        ({"n": Decimal("1E-7")}, b'{"n":1E-7}'),
        ({"n": 2**80}, b'{"n":1208925819614629174706176}'),
        ({"n": 2**80, "d": Decimal("0.10")}, b'{"n":1208925819614629174706176,"d":0.10}'),
        (["\ud83d", Decimal("1.50")], b'["\\ud83d",1.50]'),
        ("text", b"text"),
        (b"\x00\xff", b"\x00\xff"),
        (None, b""),
        (5, b"5"),
        ({"b": b"bytes"}, b'{"b":"bytes"}'),
        ("half \ud83d", b"half \xed\xa0\xbd"),
        ("\x1f\x8b\x08\xff", b"\x1f\x8b\x08\xff"),
        ("\x1f\x8b \u20ac", b"\x1f\xc2\x8b \xe2\x82\xac"),
    ],
)
def test_bodies_keep_their_digits(tree: Any, text: bytes):
    assert raw_bytes(tree) == text


def test_a_tree_that_is_no_json_is_an_error():
    deep: Any = []
    for _ in range(2000):
        deep = [deep]
    with pytest.raises(InputError, match="cannot be written as JSON"):
        to_json(deep)
    with pytest.raises(InputError, match="cannot be written as JSON"):
        to_json({"x": object()})


def test_exact_json_keeps_digits_and_reads_what_python_writes():
    assert loads_exact(b'[0.10, 1e-7, 123456789012345678901, 5, NaN, -Infinity, "\\ud83d", "a\tb"]') == [
        Decimal("0.10"),
        Decimal("1e-7"),
        Decimal(123456789012345678901),
        5,
        None,
        None,
        "\ud83d",
        "a\tb",
    ]
    assert loads(b'["\\ud83d"]') == ["\ud83d"]


@pytest.mark.parametrize("text", [b"", b"{", b"[1,]", b"{'a': 1}", b"\xff", b"nul", b'{"a" 1}'])
def test_what_is_no_json(text: bytes):
    with pytest.raises(JsonError) as caught:
        loads(text)
    assert str(caught.value) != "a"


@pytest.mark.parametrize(
    ("cut", "repaired", "chain"),
    [
        (b'{"a": [1, 2', {"a": [1]}, 2),
        (b'{"a": [1, {"b": 2}', {"a": [1, {"b": 2}]}, 2),
        (b'{"a": [{"b": 2}, {"c": [3, "x', {"a": [{"b": 2}, {"c": [3]}]}, 4),
        (b'{"a": "x\\"', {}, 1),
        (b'{"a": 1, "b": ', {"a": 1}, 1),
        (b'{"a": 1, "b"', {"a": 1}, 1),
        (b'[{"a": "}]"}, {', [{"a": "}]"}, {}], 2),
    ],
)
def test_a_cut_document_is_closed_where_it_was_complete(cut: bytes, repaired: Any, chain: int):
    found = extent(cut)
    assert found is not None
    assert len(found.closers) == chain
    tree = loads(cut[: found.end] + found.closers)
    assert tree == repaired
    opened = open_chain(tree, len(found.closers))
    assert len(opened) == chain
    assert all(
        outer and (outer[-1] if isinstance(outer, list) else [*outer.values()][-1]) is inner for outer, inner in itertools.pairwise(opened)
    )


@pytest.mark.parametrize(("text", "end"), [(b"{} {}", 2), (b'[{"a": "]"}] x', 12), (b" {}", 3)])
def test_where_a_document_ends(text: bytes, end: int):
    assert extent(text) == (end, b"")


@pytest.mark.parametrize("text", [b"", b"]", b"{]", b"1", b", {}", b"text"])
def test_what_has_no_extent(text: bytes):
    assert extent(text) is None


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        (b"data: a\n\ndata: b\n\n", [9, 18]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [11, 22]),
        (b"data: a\r\rdata: b\r\r", [9, 18]),
        (b": c\n\ndata: a\n\n: d\n\n", [19]),  # a comment belongs to no event: the last read carries what is behind it
        (b"event: e\ndata: a\n\n\n\ndata: b", [20, 27]),
        (b"event: e\n\ndata: a\n\n", [19]),
        (b"data: a\n\n{}", []),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_where_events_end(body: bytes, ends: list[int]):
    assert event_ends(body) == ends


def test_an_event_is_written_as_it_would_be_sent():
    assert event('{"a":1}') == b'data: {"a":1}\n\n'
    assert event("a\nb", "delta", "7", 5) == b"event: delta\nid: 7\nretry: 5\ndata: a\ndata: b\n\n"
    assert event("", "message") == b"data: \n\n"
    assert event(None, 5, 6, "x") == b"data: \n\n"
