"""Owns what a dialect reads: the frames of one answer with their decoded payloads, and what was asked.

Must not know which framing cut the frames, nor what a payload means.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from llm_usage.codecs.json import JsonError, loads_lenient, loads_lenient_counts, loads_lenient_exact
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import BROKEN, DATA, STRAY, Frames

DONE_MARKERS = frozenset({b"[DONE]", b'"[DONE]"'})


class Stream:
    """Frames with their decoded payloads: what a dialect reads.

    ``objects[i]`` is the decoded payload of frame i, or None where it is not JSON (comments, ``[DONE]``,
    malformed frames). ``done[i]`` and ``malformed[i]`` are lists of frame numbers.
    """

    __slots__ = ("careful", "done", "frames", "http_status", "limits", "malformed", "objects", "request", "response_headers", "url_path")

    def __init__(
        self,
        frames: Frames,
        *,
        http_status: int | None = None,
        request: Any = None,
        url_path: str = "",
        response_headers: Any = None,
        limits: Limits = DEFAULT_LIMITS,
        careful: bool = False,
    ) -> None:
        self.frames = frames
        self.careful = careful
        """No number was rounded to a whole one: slower, and asked for only where a count was a number with a fraction."""
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
        fast: Callable[[bytes], Any] = orjson.loads
        slow = loads_lenient
        if self.careful:
            fast = slow = loads_lenient_counts
        for i, (payload, mark) in enumerate(zip(self.frames.payload, self.frames.mark, strict=True)):
            if mark == DATA or mark == STRAY:
                try:
                    out.append(fast(payload))
                    continue
                except ValueError:
                    pass
                if payload.strip() in DONE_MARKERS:
                    self.done.append(i)
                    out.append(None)
                    continue
                try:
                    out.append(slow(payload, self.limits))
                    continue
                except JsonError:
                    self.malformed.append(i)
            elif mark == BROKEN:
                self.malformed.append(i)
            out.append(None)

    def whole(self, body: bytes) -> Stream:
        """The same answer as one plain JSON body."""
        frames = Frames("json", is_stream=False)
        frames.add(body, 0, len(body))
        return self.of(frames)

    def of(self, frames: Frames, *, careful: bool | None = None) -> Stream:
        """Other frames of the same answer; ``careful`` as here unless told."""
        return Stream(
            frames,
            http_status=self.http_status,
            request=self.request,
            url_path=self.url_path,
            response_headers=self.response_headers,
            limits=self.limits,
            careful=self.careful if careful is None else careful,
        )

    @property
    def is_stream(self) -> bool:
        """Whether the body really was a stream of messages."""
        return self.frames.is_stream

    def exact(self, index: int) -> Any:
        """Frame ``index`` decoded again with decimals of the very text; None if it cannot be."""
        try:
            return loads_lenient_exact(self.frames.payload[index], self.limits)
        except JsonError:
            return None
