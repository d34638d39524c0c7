"""HTTP chunked transfer coding: RFC 9112 section 7.1, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_usage.codecs.chunked import decode_chunked, looks_chunked
from llm_usage.errors import InputError, LimitError
from llm_usage.limits import Limits


def chunked(parts: list[bytes], end: bytes = b"\r\n", tail: bytes = b"") -> bytes:
    return b"".join(b"%x" % len(p) + end + p + end for p in parts if p) + b"0" + end + tail + end


@given(parts=st.lists(st.binary(max_size=40), max_size=8), lf=st.booleans())
def test_what_was_chunked_comes_back(parts: list[bytes], lf: bool) -> None:
    coded = chunked(parts, b"\n" if lf else b"\r\n")
    body, ends, complete = decode_chunked(coded)
    assert body == b"".join(parts) and complete
    assert [body[a:b] for a, b in zip([0, *ends], ends, strict=False)] == [p for p in parts if p]
    assert looks_chunked(coded)


@given(parts=st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5), lf=st.booleans())
def test_a_cut_body_gives_what_was_there(parts: list[bytes], lf: bool) -> None:
    coded = chunked(parts, b"\n" if lf else b"\r\n")
    whole = b"".join(parts)
    before = 0
    for size in range(len(coded)):
        body, ends, complete = decode_chunked(coded[:size])
        assert whole.startswith(body) and len(body) >= before
        assert not complete or body == whole
        assert ends[-1:] == ([len(body)] if body else [])
        before = len(body)


@pytest.mark.parametrize(
    ("coded", "expected"),
    [
        (b'4;ext=1\r\nwiki\r\n5;a="b"\r\npedia\r\n0\r\n\r\n', (b"wikipedia", [4, 9], True)),
        (b"A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n", (b"0123456789", [10], True)),
        (b"", (b"", [], False)),
        (b"4\r\nwi", (b"wi", [2], False)),
        (b"4\r\nwiki\r", (b"wiki", [4], False)),
    ],
)
def test_cases(coded: bytes, expected: tuple[bytes, list[int], bool]) -> None:
    assert tuple(decode_chunked(coded)) == expected


@pytest.mark.parametrize(
    "coded", [b"data: {}\n\n", b'{"a":1}', b"4\r\nwikiX5\r\n", b"4\r\nwiki\r\nzz\r\n", b"-1\r\n", b"11111111111111111\r\n"]
)
def test_bytes_in_no_chunked_coding_are_refused(coded: bytes) -> None:
    with pytest.raises(InputError) as caught:
        decode_chunked(coded)
    assert caught.value.place.startswith("body byte ") and caught.value.remedy


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"4\r\nwiki\r\n0\r\n\r\n", True),
        (b"fff\r\ncut", True),
        (b"0\r\n\r\n", True),
        (b"data: x\n\n", False),
        (b'{"a":1}', False),
        (b"4\nwikipedia", False),
        (b"12\n", True),
        (b"", False),
    ],
)
def test_looks_chunked(data: bytes, answer: bool) -> None:
    assert looks_chunked(data) is answer


def test_the_limit_holds() -> None:
    with pytest.raises(LimitError, match="body_bytes"):
        decode_chunked(chunked([b"x" * 10] * 5), Limits(body_bytes=30))
