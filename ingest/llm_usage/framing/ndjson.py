"""Owns the cutting of newline-delimited JSON, one document a line; must not know what a line means and does no I/O.

Also one SSE payload a line without its ``data:``, as test fixtures of SDKs keep them. A body that is one JSON object,
on one line or on many, belongs to `llm_usage.framing.json_body`: both ask the same predicate, so they never both claim.
"""

from __future__ import annotations

from llm_usage.framing.json_body import is_one_object
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import DATA, Frames

_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class NdjsonSplitter:
    """Incremental parser. A line end belongs to its frame; blank lines (keep-alives) are nobody's."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._frames = Frames("ndjson", is_stream=True)
        self._parts: list[bytes] = []
        """Pieces of the line that has not ended yet."""
        self._held = 0
        self._base = 0
        """Offset in the body of the first byte of ``_parts``."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitError: a line is longer than ``line_bytes``.
        """
        end = data.find(b"\n")
        if end < 0:
            self._parts.append(data)
            self._held += len(data)
        else:
            self._parts.append(data[: end + 1])
            self._line(b"".join(self._parts))
            pos = end + 1
            while (end := data.find(b"\n", pos)) >= 0:
                self._line(data[pos : end + 1])
                pos = end + 1
            self._parts = [data[pos:]]
            self._held = len(data) - pos
        if self._held > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {self._base}", "line_bytes", f"a line of {self._held} bytes or more")

    def close(self) -> Frames:
        """The body has ended: a last line without its line end is read, and marked."""
        rest = b"".join(self._parts)
        self._parts = []
        if self._line(rest):
            self._frames.unterminated = True
        return self._frames

    def _line(self, line: bytes) -> bool:
        """Take one line with its line end; whether it was a frame."""
        offset = self._base
        self._base += len(line)
        if len(line) > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {offset}", "line_bytes", f"a line of {len(line)} bytes")
        payload = line.strip(_BLANK)
        if offset == 0:
            payload = payload.removeprefix(_BOM).strip(_BLANK)
        if not payload:
            return False
        self._frames.add(payload, offset, len(line), DATA)
        return True


class _Ndjson:
    name = "ndjson"
    title = "Cutting of newline-delimited JSON, one document a line"

    def claims(self, body: bytes) -> bool:
        """The first line is a complete JSON object and another line follows it."""
        return body.lstrip(_BLANK + _BOM).startswith(b"{") and not is_one_object(body)

    def splitter(self, limits: Limits) -> NdjsonSplitter:
        """A fresh parser."""
        return NdjsonSplitter(limits)


FRAMING = _Ndjson()
