"""Owns what a framing hands on: the frames of one response body as columns, and their decoded payloads.

Must not know which framing cut them, nor what a payload means. One list a column; no object a frame.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson

from ingest.limits import DEFAULT_LIMITS, Limits

#: Codes of the `Frames.mark` column.
DATA, COMMENT, STRAY, EMPTY, BROKEN = 0, 1, 2, 3, 4


class Frames:
    """The frames of one body, as parallel lists.

    ``mark``: DATA a payload; COMMENT an SSE comment or a bare keep-alive; STRAY text that the framing does not
    allow there (an unframed JSON error after good events); EMPTY an event without data; BROKEN bytes that fail
    the framing's own checks (a CRC, a cut frame).
    ``body[offset : offset + length]`` are the bytes of the frame, its terminator included.
    """

    __slots__ = ("event", "event_id", "framing", "is_stream", "length", "mark", "offset", "payload", "unterminated")

    def __init__(self, framing: str, *, is_stream: bool) -> None:
        self.framing = framing
        self.is_stream = is_stream
        self.payload: list[bytes] = []
        self.event: list[str | None] = []
        self.event_id: list[str | None] = []
        self.offset: list[int] = []
        self.length: list[int] = []
        self.mark: list[int] = []
        self.unterminated = False
        """The last frame lacks its terminator: the body may have been cut there."""

    def __len__(self) -> int:
        return len(self.payload)

    def add(
        self,
        payload: bytes,
        offset: int,
        length: int,
        mark: int = DATA,
        event: str | None = None,
        event_id: str | None = None,
    ) -> None:
        """Append one frame."""
        self.payload.append(payload)
        self.event.append(event)
        self.event_id.append(event_id)
        self.offset.append(offset)
        self.length.append(length)
        self.mark.append(mark)


class NotJsonError(ValueError):
    """A payload is not JSON, or is deeper or larger than the limits allow."""


def loads(payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Decode a JSON payload; falls back to the standard library for what orjson refuses but others send: a BOM, a lone
    surrogate escape, Python's NaN and Infinity (None here), a raw tab in a string, text in Latin-1 (U+FFFD here).

    Raises:
        NotJsonError: the bytes are no JSON.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    return _slow(payload, limits, exact=False)


def loads_exact(payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Decode a JSON payload with every non-integer number as a Decimal of its very text. Slow: for money only.

    Raises:
        NotJsonError: the bytes are no JSON.
    """
    return _slow(payload, limits, exact=True)


def _slow(payload: bytes, limits: Limits, *, exact: bool) -> Any:
    try:
        text = payload.decode("utf-8-sig", "replace")
        if text.count("[") + text.count("{") > limits.depth and _depth(text) > limits.depth:
            raise NotJsonError("too deep")
        return json.loads(text, parse_constant=lambda _: None, parse_float=Decimal if exact else float, strict=False)
    except (RecursionError, ValueError) as error:
        raise NotJsonError(str(type(error).__name__)) from None


def _depth(text: str) -> int:
    """Deepest bracket nesting outside strings."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


DONE_MARKERS = frozenset({b"[DONE]", b'"[DONE]"'})


class Stream:
    """Frames with their decoded payloads: what a dialect reads.

    ``objects[i]`` is the decoded payload of frame i, or None where it is not JSON (comments, ``[DONE]``,
    malformed frames). ``done[i]`` and ``malformed[i]`` are lists of frame numbers.
    """

    __slots__ = ("done", "frames", "http_status", "limits", "malformed", "objects", "request", "response_headers", "url_path")

    def __init__(
        self,
        frames: Frames,
        *,
        http_status: int | None = None,
        request: Any = None,
        url_path: str = "",
        response_headers: Any = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.frames = frames
        self.http_status = http_status
        self.request = request
        """The decoded JSON request body, or None."""
        self.url_path = url_path
        self.response_headers = response_headers or {}
        """Allow-listed response headers, lower-case."""
        self.limits = limits
        self.objects: list[Any] = []
        self.done: list[int] = []
        self.malformed: list[int] = []
        self._decode()

    def _decode(self) -> None:
        out = self.objects
        fast = orjson.loads
        for i, (payload, mark) in enumerate(zip(self.frames.payload, self.frames.mark, strict=True)):
            if mark == DATA or mark == STRAY:
                try:
                    out.append(fast(payload))
                    continue
                except orjson.JSONDecodeError:
                    pass
                if payload.strip() in DONE_MARKERS:
                    self.done.append(i)
                    out.append(None)
                    continue
                try:
                    out.append(_slow(payload, self.limits, exact=False))
                    continue
                except NotJsonError:
                    self.malformed.append(i)
            elif mark == BROKEN:
                self.malformed.append(i)
            out.append(None)

    @property
    def is_stream(self) -> bool:
        """Whether the body really was a stream of messages."""
        return self.frames.is_stream

    def exact(self, index: int) -> Any:
        """Frame ``index`` decoded again with decimals of the very text; None if it cannot be."""
        try:
            return loads_exact(self.frames.payload[index], self.limits)
        except NotJsonError:
            return None
