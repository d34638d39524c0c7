"""Owns the trivial framing: one JSON document is the whole body; must not know what it means and does no I/O."""

from __future__ import annotations

from llm_usage.codecs.json import JsonError, loads_lenient
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import DATA, Frames

_SPACE = b" \t\r\n\xef\xbb\xbf"


class JsonSplitter:
    """Collects the body; its one frame is all of it."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitError: the body is larger than ``body_bytes``.
        """
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._limits.body_bytes:
            raise self._limits.exceeded("the response body", "body_bytes", f"a body of {self._size} bytes or more")

    def close(self) -> Frames:
        """The body has ended."""
        body = b"".join(self._parts)
        frames = Frames("json", is_stream=False)
        if body:
            frames.add(body, 0, len(body), DATA)
        return frames


def is_one_object(body: bytes) -> bool:
    """Whether the body starts as a JSON object that spans more than its first line, or is the only line.

    A cut object is one too: it becomes one malformed frame. NDJSON is told apart by its first line, which is a
    complete document with another line behind it.
    """
    text = body.lstrip(_SPACE)
    if not text.startswith(b"{"):
        return False
    first, _, rest = text.partition(b"\n")
    if not rest.strip(_SPACE):
        return True
    try:
        loads_lenient(first)
    except JsonError:
        return True
    return False


class _Json:
    name = "json"
    title = "Trivial framing: one JSON document is the whole body"

    def claims(self, body: bytes) -> bool:
        """The body is one JSON object, perhaps cut."""
        return is_one_object(body)

    def splitter(self, limits: Limits) -> JsonSplitter:
        """A fresh parser."""
        return JsonSplitter(limits)


FRAMING = _Json()
