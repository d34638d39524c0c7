"""What each framing cuts out of a body: payload, mark, event, and the bytes of the body that are the frame."""

from __future__ import annotations

from struct import pack
from zlib import crc32

import pytest

from llm_usage.framing import split
from llm_usage.model.frames import BROKEN, COMMENT, DATA, EMPTY, STRAY


def aws(headers: dict[str, str], payload: bytes) -> bytes:
    """One event-stream message with string headers."""
    encoded = b"".join(bytes([len(n)]) + n.encode() + b"\x07" + pack(">H", len(v)) + v.encode() for n, v in headers.items())
    prelude = pack(">II", 16 + len(encoded) + len(payload), len(encoded))
    head = prelude + pack(">I", crc32(prelude)) + encoded + payload
    return head + pack(">I", crc32(head))


def damaged(message: bytes, at: int) -> bytes:
    return message[:at] + bytes([message[at] ^ 0xFF]) + message[at + 1 :]


A = aws({":event-type": "chunk", ":message-type": "event"}, b'{"a":1}')
B = aws({":event-type": "end", ":message-type": "event"}, b'{"b":2}')
EXCEPTION = aws({":exception-type": "throttlingException", ":message-type": "exception"}, b'{"message":"slow"}')
ERROR = aws({":error-code": "InternalFailure", ":error-message": "x", ":message-type": "error"}, b"")
OTHER_HEADERS = (
    b"\x01t\x00\x01f\x01\x01b\x02\x07\x01s\x03\x00\x07\x01i\x04\x00\x00\x00\x07\x01l\x05\x00\x00\x00\x00\x00\x00\x00\x07"
    b"\x01y\x06\x00\x02hi\x01d\x08\x00\x00\x00\x00\x00\x00\x00\x07\x01u\x09" + b"u" * 16 + b"\x0b:event-type\x07\x00\x04last"
)


def raw(headers: bytes, payload: bytes = b"{}") -> bytes:
    prelude = pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + pack(">I", crc32(prelude)) + headers + payload
    return head + pack(">I", crc32(head))


CASES: dict[str, tuple[bytes, list[tuple[object, int, str | None, bytes]], bool]] = {
    # name: (body, [(payload, mark, event, bytes of the frame)], unterminated)
    "sse": (
        b': hi\n\nevent: x\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:[DONE]\n\n',
        [
            (b"hi", COMMENT, None, b": hi\n"),
            (b'{"a":\n1}', DATA, "x", b'event: x\nid: 7\ndata: {"a":\ndata: 1}\n\n'),
            (b"[DONE]", DATA, None, b"data:[DONE]\n\n"),
        ],
        False,
    ),
    "sse keeps U+2028 inside a payload": (
        b'data: "\xe2\x80\xa8"\r\n\r\n',
        [(b'"\xe2\x80\xa8"', DATA, None, b'data: "\xe2\x80\xa8"\r\n\r\n')],
        False,
    ),
    "sse event without data, and an unframed error": (
        b'event: ping\n\n{"error":\n{}}\n\ndata: 1',
        [
            (b"", EMPTY, "ping", b"event: ping\n\n"),
            (b'{"error":\n{}}', STRAY, None, b'{"error":\n{}}\n\n'),
            (b"1", DATA, None, b"data: 1"),
        ],
        True,
    ),
    "sse field line cut behind the data, then a blank line": (
        b'data: {"a":1}\nd\n\ndata: 2\n\n',
        [
            (b'{"a":1}', DATA, None, b'data: {"a":1}\n'),
            (b"d", STRAY, None, b"d\n\n"),
            (b"2", DATA, None, b"data: 2\n\n"),
        ],
        False,
    ),
    "sse lines that are no field before, inside and behind an event": (
        b"id: 1\nnone\nevent: x\n: hi\ndata: 1\n\nnone\nevent: y\nnone\ndata: 2\n\n",
        [
            (b"none", STRAY, None, b"id: 1\nnone\n"),
            (b"hi", COMMENT, None, b": hi\n"),
            (b"1", DATA, "x", b"event: x\n: hi\ndata: 1\n\n"),
            (b"none\nnone", STRAY, None, b"none\nevent: y\nnone\n"),
            (b"2", DATA, "y", b"data: 2\n\n"),
        ],
        False,
    ),
    "sse whose blank lines were left out": (
        b'event: a\ndata: {"a":1}\nevent: b\ndata: {"b":2}\ndata: [DONE]\n',
        [
            (b'{"a":1}', DATA, "a", b'event: a\ndata: {"a":1}\n'),
            (b'{"b":2}', DATA, "b", b'event: b\ndata: {"b":2}\n'),
            (b"[DONE]", DATA, "b", b"data: [DONE]\n"),
        ],
        True,
    ),
    "json": (b'{\n "a": 1}\n', [(b'{\n "a": 1}\n', DATA, None, b'{\n "a": 1}\n')], False),
    "ndjson": (
        b'\n {"a":1} \r\n\n{"b":2}',
        [(b'{"a":1}', DATA, None, b' {"a":1} \r\n'), (b'{"b":2}', DATA, None, b'{"b":2}')],
        True,
    ),
    "ndjson complete": (b'{"a":1}\n{"b":2}\n', [(b'{"a":1}', DATA, None, b'{"a":1}\n'), (b'{"b":2}', DATA, None, b'{"b":2}\n')], False),
    "array": (
        b'[{"a":"]"}\n,\r\n{"b":"\\"[\\\\"} , 12]\n',
        [
            (b'{"a":"]"}', DATA, None, b'{"a":"]"}'),
            (b'{"b":"\\"[\\\\"}', DATA, None, b'{"b":"\\"[\\\\"}'),
            (b"12", DATA, None, b"12"),
        ],
        False,
    ),
    "array cut in an element": (
        b'[{"a":1},{"b":{"c":2}',
        [(b'{"a":1}', DATA, None, b'{"a":1}'), (b'{"b":{"c":2}', BROKEN, None, b'{"b":{"c":2}')],
        True,
    ),
    "array cut between elements": (b'[{"a":1}\n,', [(b'{"a":1}', DATA, None, b'{"a":1}')], True),
    "array with text behind": (
        b'[{"a":1}]\n{"error":{}}',
        [(b'{"a":1}', DATA, None, b'{"a":1}'), (b'{"error":{}}', STRAY, None, b'{"error":{}}')],
        False,
    ),
    "event stream": (A + B, [(b'{"a":1}', DATA, "chunk", A), (b'{"b":2}', DATA, "end", B)], False),
    "event stream, exception and error": (
        A + EXCEPTION + ERROR,
        [
            (b'{"a":1}', DATA, "chunk", A),
            (b'{"message":"slow"}', DATA, "throttlingException", EXCEPTION),
            (b"", EMPTY, "InternalFailure", ERROR),
        ],
        False,
    ),
    "event stream cut": (A + B[:-5], [(b'{"a":1}', DATA, "chunk", A), (B[:-5], BROKEN, None, B[:-5])], True),
    "event stream, message CRC wrong: its length is believed": (
        damaged(A, len(A) - 8) + B,
        [(damaged(A, len(A) - 8)[-11:-4], BROKEN, None, damaged(A, len(A) - 8)), (b'{"b":2}', DATA, "end", B)],
        False,
    ),
    "event stream, prelude CRC wrong: on from the next sound prelude": (
        B + damaged(A, 9) + B,
        [(b'{"b":2}', DATA, "end", B), (damaged(A, 9), BROKEN, None, damaged(A, 9)), (b'{"b":2}', DATA, "end", B)],
        False,
    ),
    "event stream, headers of every type": (raw(OTHER_HEADERS), [(b"{}", DATA, "last", raw(OTHER_HEADERS))], False),
    "event stream, headers run over": (
        A + raw(b"\x05:ev"),
        [(b'{"a":1}', DATA, "chunk", A), (b"{}", BROKEN, None, raw(b"\x05:ev"))],
        False,
    ),
    "event stream, header of an unknown type": (
        A + raw(b"\x01x\x63"),
        [(b'{"a":1}', DATA, "chunk", A), (b"{}", BROKEN, None, raw(b"\x01x\x63"))],
        False,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_frames(name: str) -> None:
    body, expected, unterminated = CASES[name]
    frames = split(body)
    got = [
        (payload, mark, event, body[offset : offset + length])
        for payload, mark, event, offset, length in zip(
            frames.payload, frames.mark, frames.event, frames.offset, frames.length, strict=True
        )
    ]
    assert got == expected
    assert frames.unterminated is unterminated
    assert frames.is_stream is (frames.framing != "json")


def test_event_ids_are_kept() -> None:
    assert split(b"id: 1:0\ndata: a\n\ndata: b\n\n").event_id == ["1:0", None]
