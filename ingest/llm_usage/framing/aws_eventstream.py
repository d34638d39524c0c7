"""Owns the cutting of ``application/vnd.amazon.eventstream``; must not know what a payload means and does no I/O.

Source: AWS, "Event stream encoding" (Smithy, Amazon Event Stream specification). A message is a prelude (total length,
headers length, their CRC-32), headers, payload, and a CRC-32 over all before it; integers are big-endian.

Both CRCs are checked. A message whose own CRC fails is one BROKEN frame and its length is believed, as the prelude
vouches for it; where a prelude fails, the bytes up to the next sound prelude are one BROKEN frame.
``event`` is the header ``:event-type``, else ``:exception-type``, else ``:error-code``.
"""

from __future__ import annotations

import re
from struct import Struct
from zlib import crc32

from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import BROKEN, DATA, EMPTY, Frames

_PRELUDE = Struct(">III")
_CRC = Struct(">I")
#: Lengths of a prelude and of the smallest message.
_PRELUDE_SIZE, _SMALLEST = 12, 16
#: The standard bounds headers to 128 KiB and the payload to 24 MiB; so a prelude begins with 00 or 01.
_MAX_HEADERS = 128 * 1024
_MAX_MESSAGE = 24 * 1024 * 1024 + _MAX_HEADERS + _SMALLEST
_MAY_START = re.compile(rb"[\x00\x01]")
#: Bytes of a header value by its type code; None = two bytes of length first.
_VALUE_SIZE: dict[int, int | None] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 6: None, 7: None, 8: 8, 9: 16}
_STRING = 7
_NAMES = (b":event-type", b":exception-type", b":error-code")


def _sound(buffer: bytes | bytearray, pos: int) -> tuple[int, int] | None:
    """Total and headers length from the prelude at ``pos``, or None when it is not sound."""
    total, headers, crc = _PRELUDE.unpack_from(buffer, pos)
    if _SMALLEST <= total <= _MAX_MESSAGE and headers <= total - _SMALLEST and crc32(buffer[pos : pos + 8]) == crc:
        return total, headers
    return None


def _event_name(headers: bytes) -> tuple[str | None, bool]:
    """The name of the event in encoded headers, and whether the headers are well-formed."""
    found: dict[bytes, bytes] = {}
    pos, size = 0, len(headers)
    while pos < size:
        name_end = pos + 1 + headers[pos]
        if name_end >= size:
            return None, False
        name, kind = headers[pos + 1 : name_end], headers[name_end]
        pos = name_end + 1
        if kind not in _VALUE_SIZE:
            return None, False
        length = _VALUE_SIZE[kind]
        if length is None:
            if pos + 2 > size:
                return None, False
            length = int.from_bytes(headers[pos : pos + 2], "big")
            pos += 2
        if pos + length > size:
            return None, False
        if kind == _STRING:
            found[name] = headers[pos : pos + length]
        pos += length
    for name in _NAMES:
        if name in found:
            return found[name].decode("utf-8", "replace"), True
    return None, True


class EventStreamSplitter:
    """Incremental parser."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._frames = Frames("aws_eventstream", is_stream=True)
        self._rest = bytearray()
        self._base = 0
        self._lost = 0
        """Bytes at the start of ``_rest`` that belong to no sound message."""
        self._names: dict[bytes, tuple[str | None, bool]] = {}
        """Encoded headers repeat: each is decoded once."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitError: a message, or a run of bytes without a sound prelude, is larger than ``line_bytes``.
        """
        self._rest += data
        buffer, names = self._rest, self._names
        size, pos = len(buffer), 0
        lost = self._lost
        while size - pos - lost >= _PRELUDE_SIZE:
            lengths = _sound(buffer, pos + lost)
            if lengths is None:
                following = _MAY_START.search(buffer, pos + lost + 1)
                lost = following.start() - pos if following else size - pos
                continue
            if lost:
                self._add(buffer, pos, lost, b"", BROKEN, None)
                pos, lost = pos + lost, 0
            total, headers_size = lengths
            if total > self._limits.line_bytes:
                raise self._limits.exceeded(f"body byte {self._base + pos}", "line_bytes", f"a message of {total} bytes")
            if size - pos < total:
                break
            end = pos + total
            headers_end = pos + _PRELUDE_SIZE + headers_size
            headers = bytes(buffer[pos + _PRELUDE_SIZE : headers_end])
            name = names.get(headers)
            if name is None:
                name = names[headers] = _event_name(headers)
            payload = bytes(buffer[headers_end : end - 4])
            if not name[1] or crc32(buffer[pos : end - 4]) != _CRC.unpack_from(buffer, end - 4)[0]:
                self._add(buffer, pos, total, payload, BROKEN, None)
            else:
                self._add(buffer, pos, total, payload, DATA if payload else EMPTY, name[0])
            pos = end
        if lost > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {self._base + pos}", "line_bytes", f"{lost} bytes without a sound prelude")
        del buffer[:pos]
        self._base += pos
        self._lost = lost

    def close(self) -> Frames:
        """The body has ended: what is left is a cut message, BROKEN."""
        rest = self._rest
        if rest:
            self._add(rest, 0, len(rest), b"", BROKEN, None)
            self._frames.unterminated = True
        return self._frames

    def _add(self, buffer: bytearray, pos: int, length: int, payload: bytes, mark: int, event: str | None) -> None:
        if length > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {self._base + pos}", "line_bytes", f"a message of {length} bytes")
        if mark == BROKEN and not payload:
            payload = bytes(buffer[pos : pos + length])
        self._frames.add(payload, self._base + pos, length, mark, event)


class _EventStream:
    name = "aws_eventstream"
    title = "Cutting of application/vnd.amazon.eventstream"

    def claims(self, body: bytes) -> bool:
        """The body starts with a sound prelude, with a message whose prelude alone is damaged, or with a cut prelude."""
        if not body or body[0] > 1:
            return False
        if len(body) < _PRELUDE_SIZE:
            return body[0] == 0
        return _sound(body, 0) is not None or any(name in body[:512] for name in (*_NAMES, b":message-type"))

    def splitter(self, limits: Limits) -> EventStreamSplitter:
        """A fresh parser."""
        return EventStreamSplitter(limits)


FRAMING = _EventStream()
