"""What holds for every framing: any split gives the same frames, any bytes give frames or a LimitError, one claim at most."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from struct import pack
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_usage.errors import LimitError
from llm_usage.framing import Framing, registry, split
from llm_usage.limits import Limits
from llm_usage.model.frames import COMMENT, Frames


def aws(event: str, payload: bytes, kind: str = ":event-type") -> bytes:
    """One event-stream message; the encoding is the specification's."""
    headers = b"".join(
        bytes([len(n)]) + n + b"\x07" + pack(">H", len(v)) + v
        for n, v in ((kind.encode(), event.encode()), (b":content-type", b"application/json"), (b":message-type", b"event"))
    )
    prelude = pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + pack(">I", crc32(prelude)) + headers + payload
    return head + pack(">I", crc32(head))


#: body → the framing that claims it, by name; None = nobody's.
BODIES: list[tuple[str, bytes, str | None]] = [
    ("empty", b"", None),
    ("plain text", b"Internal Server Error", None),
    ("html", b"<!doctype html><p>502</p>", None),
    ("bare done marker", b"[DONE]", None),
    ("number", b"42", None),
    ("sse", b'data: {"a":1}\n\ndata: [DONE]\n\n', "sse"),
    ("sse crlf", b'event: x\r\ndata: {"a":"\xe2\x80\xa8"}\r\n\r\n: keep\r\n\r\nid: 3\r\ndata: {}\r\n\r\n', "sse"),
    ("sse cr", b'data: {"a":1}\r\rdata: {"b":2}\r\r', "sse"),
    ("sse after bom", b'\xef\xbb\xbfdata: {"a":1}\n\n', "sse"),
    ("sse comment first", b": OPENROUTER PROCESSING\n\ndata: {}\n\n", "sse"),
    ("sse unframed error", b'data: {"a":1}\n\n{"error":{"code":500}}\n', "sse"),
    ("sse field cut behind an event", b'data: {"a":1}\nd\n\n', "sse"),
    ("sse field cut before an event", b':\ndat\nevent: x\ndata: {"a":1}\n\n', "sse"),
    ("sse cut", b'data: {"a":1}\n\ndata: {"b', "sse"),
    ("sse multi-line data", b"data: {\ndata: }\n\nevent: ping\n\n", "sse"),
    ("sse first line indented", b' data: {"a":1}\n\ndata: {"b":2}\n\n', "sse"),
    ("json on one line", b'{"a":1}\n', "json"),
    ("json pretty", b'{\n  "a": 1\n}\n', "json"),
    ("json cut", b'{"a":1,"b":', "json"),
    ("json cut pretty", b'{\n  "a": [\n {"x":1},\n', "json"),
    ("json whose first line has balanced braces", b'{"a":{"b":1}\n,"c":2}', "json"),
    ("ndjson", b'{"a":1}\n{"b":2}\n', "ndjson"),
    ("ndjson crlf", b'{"a":1}\r\n{"b":2}\r\n', "ndjson"),
    ("ndjson blank lines", b'\n{"a":1}\n\n{"b":2}\n\n', "ndjson"),
    ("ndjson cut", b'{"a":1}\n{"b":2', "ndjson"),
    ("ndjson after bom", b'\xef\xbb\xbf{"a":1}\n{"b":2}\n', "ndjson"),
    ("ndjson first line with a lone surrogate", b'{"a":"\\ud83d"}\n{"b":2}\n', "ndjson"),
    ("ndjson done marker", b'{"a":1}\n[DONE]\n', "ndjson"),
    ("ndjson then text", b'{"a":1}\nupstream went away\n', "ndjson"),
    ("array", b'[{"a":1}\n,\r\n{"b":[2,"]}\\"",{"c":3}]}\n]\n', "json_array"),
    ("array empty", b"[]", "json_array"),
    ("array opened", b" [\n", "json_array"),
    ("array cut in a string", b'[{"a":1},{"b":"[{', "json_array"),
    ("array cut in an escape", b'[{"a":"x\\', "json_array"),
    ("array cut between", b'[{"a":1},\n', "json_array"),
    ("array of scalars", b'[1, "two", null, -3.5e1, [4]]', "json_array"),
    ("array with text behind", b'[{"a":1}] \n trailing\n', "json_array"),
    ("array with stray brackets", b'[{"a":1}} :x {"b":2}]', "json_array"),
    ("event stream", aws("chunk", b'{"a":1}') + aws("end", b""), "aws_eventstream"),
    ("event stream cut", (aws("chunk", b'{"a":1}') + aws("chunk", b'{"b":2}'))[:-3], "aws_eventstream"),
    ("event stream cut in the first prelude", aws("chunk", b"{}")[:7], "aws_eventstream"),
    ("event stream, first prelude damaged", b"\x00\x00\x00\x01" + aws("a", b"{}")[4:] + aws("b", b'{"b":2}'), "aws_eventstream"),
]
IDS = [name for name, _, _ in BODIES]


def columns(frames: Frames) -> tuple[object, ...]:
    return (
        frames.framing,
        frames.is_stream,
        frames.payload,
        frames.event,
        frames.event_id,
        frames.offset,
        frames.length,
        frames.mark,
        frames.unterminated,
    )


def fed(framing: Framing, pieces: list[bytes], limits: Limits | None = None) -> Frames:
    splitter = framing.splitter(limits or Limits())
    for piece in pieces:
        splitter.feed(piece)
    return splitter.close()


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({p % (len(body) + 1) for p in places}), len(body)]
    return [body[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize(("body", "owner"), [(b, o) for _, b, o in BODIES], ids=IDS)
def test_one_claim(body: bytes, owner: str | None) -> None:
    assert [f.name for f in registry() if f.claims(body)] == ([owner] if owner else [])
    assert split(body).framing == (owner or "none")


def test_shuffled_registration_changes_nothing() -> None:
    order = list(registry())
    for seed in range(6):
        random.Random(seed).shuffle(order)
        for _, body, owner in BODIES:
            assert split(body, among=order).framing == (owner or "none")


@pytest.mark.parametrize("body", [b for _, b, _ in BODIES], ids=IDS)
@pytest.mark.parametrize("framing", registry(), ids=lambda f: f.name)
def test_every_split_in_two_and_byte_by_byte(framing: Framing, body: bytes) -> None:
    """Also of bodies that the framing would decline: bytes are bytes."""
    whole = columns(fed(framing, [body]))
    assert columns(fed(framing, [body[i : i + 1] for i in range(len(body))])) == whole
    for i in range(len(body) + 1):
        assert columns(fed(framing, [body[:i], body[i:]])) == whole
        assert columns(fed(framing, [b"", body[:i], b"", body[i:]])) == whole


ALPHABET = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b"\\",
            b",",
            b":",
            b" ",
            b"\n",
            b"\r",
            b"\r\n",
            b"data: ",
            b"event: x",
            b"id:",
            b"1",
            b"nul",
            b'{"a":1}',
            b"\x00",
            b"\xef\xbb\xbf",
            b"\xff",
            b"\xe2\x80\xa8",
            aws("e", b"{}"),
            aws("e", b"{}")[:12],
            aws("f", b"")[5:],
        ]
    ),
    max_size=24,
).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(body=st.one_of(st.binary(max_size=200), ALPHABET), places=st.lists(st.integers(0, 5000), max_size=6))
@pytest.mark.parametrize("framing", registry(), ids=lambda f: f.name)
def test_any_bytes_in_any_pieces(framing: Framing, body: bytes, places: list[int]) -> None:
    whole = fed(framing, [body])
    assert columns(fed(framing, cut(body, places))) == columns(whole)
    last = ended = 0
    for offset, length, mark in zip(whole.offset, whole.length, whole.mark, strict=True):
        assert length > 0
        assert last <= offset + length <= len(body), "frames are in the order in which they end, inside the body"
        # An SSE comment may stand inside an event; nowhere else do frames share a byte.
        assert offset >= (last if framing.name != "sse" or mark == COMMENT else ended)
        last = offset + length
        ended = ended if mark == COMMENT else last


@settings(max_examples=600, deadline=None)
@given(body=st.one_of(st.binary(max_size=64), ALPHABET))
def test_two_framings_never_claim_one_body(body: bytes) -> None:
    assert len([f.name for f in registry() if f.claims(body)]) <= 1


@settings(max_examples=200, deadline=None)
@given(
    body=st.one_of(st.binary(max_size=400), ALPHABET),
    places=st.lists(st.integers(0, 5000), max_size=4),
    size=st.integers(1, 40),
)
@pytest.mark.parametrize("framing", registry(), ids=lambda f: f.name)
def test_limits_hold_however_the_bytes_come(framing: Framing, body: bytes, places: list[int], size: int) -> None:
    """Too long is too long in one piece or in many; nothing else is ever raised."""
    limits = Limits(line_bytes=size, body_bytes=size * 4)

    def outcome(pieces: list[bytes]) -> object:
        try:
            return columns(fed(framing, pieces, limits))
        except LimitError:
            return LimitError

    assert outcome(cut(body, places)) == outcome([body])


def test_limit_errors_name_the_limit() -> None:
    for framing in registry():
        body = {
            "sse": b"data: " + b"x" * 100 + b"\n\n",
            "json": b"{" + b" " * 100,
            "ndjson": b'{"a":1}\n{"b":"' + b"x" * 100 + b'"}\n',
            "json_array": b"[" + json.dumps({"a": "x" * 100}).encode() + b"]",
            "aws_eventstream": aws("e", b"x" * 100),
        }[framing.name]
        with pytest.raises(LimitError, match=r"line_bytes|body_bytes"):
            fed(framing, [body], Limits(line_bytes=50, body_bytes=50))
