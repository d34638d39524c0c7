"""Owns HTTP/1.1 chunked transfer coding as values; must not know recordings, framings or what a body means.

For recordings that keep the bytes as they went over the wire. Source: RFC 9112, section 7.1. Departures: a line may end with
a bare LF, and a body may be cut anywhere.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from llm_usage.errors import InputError
from llm_usage.limits import DEFAULT_LIMITS, Limits

#: Chunk size in hex, extensions, line end. Sixteen digits are 2^64.
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
#: What may be left of a size line in a cut body.
_SIZE_CUT = re.compile(rb"(?:[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\r\n]*)?\r?)?\Z")
_LINE_END = re.compile(rb"\r?\n")


class Unchunked(NamedTuple):
    """A body with its transfer coding removed."""

    body: bytes
    read_ends: list[int]
    """Where each chunk ends in ``body``."""
    complete: bool
    """The last chunk, of size 0, was there: the body was not cut off."""


def looks_chunked(data: bytes) -> bool:
    """Whether the bytes still are in chunked coding: a size line, and a line end (or the end) where it says.

    The header ``transfer-encoding: chunked`` is no evidence: most recorders keep it over a decoded body.
    """
    line = _SIZE_LINE.match(data)
    if line is None:
        return False
    end = line.end() + int(line[1], 16)
    if int(line[1], 16) == 0:
        return data[end:].strip(b"\r\n") == b"" or b":" in data[end:]
    return end >= len(data) or _LINE_END.match(data, end) is not None or data[end:] == b"\r"


def decode_chunked(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Unchunked:
    """Remove chunked transfer coding. A body cut in the middle gives what was there, ``complete`` False.

    Raises:
        InputError: bytes that can be no chunk where one has to start.
        LimitError: the decoded body is larger than ``body_bytes``.
    """
    parts: list[bytes] = []
    ends: list[int] = []
    pos = total = 0
    while True:
        line = _SIZE_LINE.match(data, pos)
        if line is None:
            if _SIZE_CUT.match(data, pos) is None:
                raise InputError(f"body byte {pos}", "is no chunk size, though the body is in chunked coding", "Record the response again")
            return Unchunked(b"".join(parts), ends, complete=False)
        size = int(line[1], 16)
        if size == 0:  # trailers may follow; they are headers and dropped
            return Unchunked(b"".join(parts), ends, complete=True)
        start = line.end()
        part = data[start : start + size]
        total += len(part)
        if total > limits.body_bytes:
            raise limits.exceeded(f"body byte {pos}", "body_bytes", f"a body of {total} bytes or more")
        if part:
            parts.append(part)
            ends.append(total)
        pos = start + size
        if pos >= len(data):
            return Unchunked(b"".join(parts), ends, complete=False)
        end = _LINE_END.match(data, pos)
        if end is None:
            if data[pos:] == b"\r":
                return Unchunked(b"".join(parts), ends, complete=False)
            raise InputError(
                f"body byte {pos}", "is not the end of a chunk, though the body is in chunked coding", "Record the response again"
            )
        pos = end.end()
