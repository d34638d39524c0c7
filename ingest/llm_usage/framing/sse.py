"""Owns the cutting of Server-Sent Events; must not know what a payload means and does no I/O.

Follows the WHATWG HTML standard, "Parsing an event stream", with the departures that recordings need:
comments are kept (they are the provider's keep-alives), a last event without its blank line is read and marked,
lines that the standard would drop are kept as STRAY frames (an unframed JSON error after good events), and data lines
that are each a whole JSON object are each an event (blank lines that a server or a recorder left out).

Lines end with CRLF, LF or CR and with nothing else: ``str.splitlines`` would also cut at U+2028 inside JSON.
"""

from __future__ import annotations

import re

from llm_usage.codecs.json import JsonError, loads_lenient
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import COMMENT, DATA, EMPTY, STRAY, Frames

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
#: A body is SSE when its first line that is not blank is a comment or one of the standard's fields. A recorder may have
#: indented it: that line is no field then and becomes a STRAY frame, the rest is read.
_FIRST_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?[ \t\r\n]*(?::|(?:data|event|id|retry)(?::|[\r\n]|\Z))")


_Frame = tuple[bytes, int, int, int, str | None, str | None]


class SseSplitter:
    """Incremental parser: `feed` bytes in any pieces, then `close`.

    The blank line that ends an event belongs to its frame; so ``body[offset:offset+length]`` is the event as sent.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._frames = Frames("sse", is_stream=True)
        self._rest = b""
        self._base = 0
        """Offset in the body of the first byte of ``_rest``."""
        self._bom_checked = False
        self._reset()

    def _reset(self) -> None:
        self._data: list[bytes] = []
        self._lines: list[tuple[int, str | None]] = []
        """Where the field lines of each data line begin, and the event's name by then."""
        self._field = -1
        self._stray: list[bytes] = []
        self._comments: list[_Frame] = []
        self._event: str | None = None
        self._id: str | None = None
        self._start = -1
        self._open = False
        """A field line of the current event has been seen."""
        self._run = -1
        """Where the last run of field lines, or of lines that are none, begins."""
        self._run_is_stray = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitError: a line is longer than ``line_bytes``.
        """
        buffer = self._rest + data if self._rest else data
        pos = 0
        if not self._bom_checked:
            if len(buffer) < len(BOM) and BOM.startswith(buffer):
                self._rest = buffer
                return
            self._bom_checked = True
            if buffer.startswith(BOM):
                pos = len(BOM)
        pos = self._take(buffer, pos)
        self._rest = buffer[pos:]
        self._base += pos
        held = len(self._rest) - self._rest.endswith(b"\r")  # which may be half of a line end, and is no part of the line
        if held > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {self._base}", "line_bytes", f"a line of {held} bytes or more")

    def close(self) -> Frames:
        """The body has ended: an event without its blank line is read, and marked."""
        rest, base = self._rest, self._base
        self._rest = b""
        if rest.endswith(b"\r"):
            self._line(rest[:-1], base, base + len(rest))
            base += len(rest)
            rest = b""
        if rest and not (not self._bom_checked and BOM.startswith(rest)):
            self._line(rest, base, base + len(rest))
        end = base + len(rest)
        if self._open or self._stray:
            self._frames.unterminated = self._open and bool(rest or self._data)
            self._dispatch(end)
        return self._frames

    def _take(self, buffer: bytes, pos: int) -> int:
        """Read every complete event or line in ``buffer`` from ``pos``; returns where it stopped."""
        crlf = b"\r" in buffer
        gap = b"\r\n\r\n" if crlf else b"\n\n"
        width = len(gap)
        frames, base = self._frames, self._base
        payload, event, event_id = frames.payload, frames.event, frames.event_id
        offset, length, mark = frames.offset, frames.length, frames.mark
        # Bounded, so that mixed line ends cannot make the search look at the whole body once an event.
        window = min(65536, self._limits.line_bytes)
        size = len(buffer)
        while pos < size:
            # The common shapes, `data: …` and `event: …` + `data: …`, are cut without looking at single lines.
            if not self._open and not self._stray:
                end = buffer.find(gap, pos, pos + window)
                if end >= 0:
                    block = buffer[pos:end]
                    name = None
                    line_end = block.find(b"\n")
                    if line_end >= 0 and block.startswith(b"event:"):
                        head = block[6:line_end]
                        block = block[line_end + 1 :]
                        if crlf:
                            head = head[:-1] if head.endswith(b"\r") else b"\r"
                        if b"\r" in head:
                            block = b""  # mixed line ends: line by line
                        else:
                            name = _text(head)
                    if block.startswith(b"data:") and b"\n" not in block and b"\r" not in block:
                        payload.append(block[6:] if block[5:6] == b" " else block[5:])
                        event.append(name)
                        event_id.append(None)
                        offset.append(base + pos)
                        length.append(end + width - pos)
                        mark.append(DATA)
                        pos = end + width
                        continue
            found = _LINE_END.search(buffer, pos)
            if found is None or (found.end() == size and buffer[size - 1 :] == b"\r"):
                break  # a CR at the very end may be half of a CRLF
            self._line(buffer[pos : found.start()], base + pos, base + found.end())
            pos = found.end()
        return pos

    def _line(self, line: bytes, start: int, end: int) -> None:
        """Take one line that lies at ``start`` and whose line end stops at ``end`` of the body."""
        if len(line) > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {start}", "line_bytes", f"a line of {len(line)} bytes")
        if not line:
            if self._open or self._stray:
                self._dispatch(end)
            return
        if line.startswith(b":"):
            comment = (line[1:].removeprefix(b" "), start, end - start, COMMENT, None, None)
            if self._start < 0:
                self._frames.add(*comment)
            else:
                self._comments.append(comment)
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if self._start < 0:
            self._start = start
        if self._field < 0:
            self._field = start
        if name == b"data":
            self._data.append(value)
            self._lines.append((self._field, self._event))
            self._field = -1
        elif name == b"event":
            self._event = _text(value)
        elif name == b"id":
            self._id = _text(value)
        elif name != b"retry":
            self._stray.append(value if name == b"error" else line)
            if not self._run_is_stray:
                self._run_is_stray, self._run = True, start
            return
        self._open = True
        if self._run_is_stray:
            self._run_is_stray, self._run = False, start

    def _dispatch(self, end: int) -> None:
        """The lines since the last blank one are whole: their frames, in the order in which they end."""
        made = self._comments
        event = stray = self._start, end
        if self._stray and self._open:
            # Two frames share these lines: the one with the last line has that run for its own, the other what is before. So no
            # byte counts twice, and an event does not end before its last line.
            before, run = (self._start, self._run), (self._run, end)
            event, stray = (before, run) if self._run_is_stray else (run, before)
        if self._stray:
            made.append((b"\n".join(self._stray), stray[0], stray[1] - stray[0], STRAY, None, None))
        if len(self._data) > 1 and not self._stray and _is_whole(self._data[0]):
            cuts = [*(at for at, _ in self._lines[1:]), end]
            for data, (at, name), stop in zip(self._data, self._lines, cuts, strict=True):
                made.append((data, at, stop - at, DATA, name, self._id))
        elif self._open:
            mark = DATA if self._data else EMPTY
            made.append((b"\n".join(self._data), event[0], event[1] - event[0], mark, self._event, self._id))
        for frame in sorted(made, key=_end):
            self._frames.add(*frame)
        self._reset()


def _end(frame: _Frame) -> int:
    return frame[1] + frame[2]


def _is_whole(data: bytes) -> bool:
    """A JSON object: whatever follows it is no part of it."""
    if not data.startswith(b"{"):
        return False
    try:
        loads_lenient(data)
    except JsonError:
        return False
    return True


def _text(value: bytes) -> str:
    return value.removeprefix(b" ").decode("utf-8", "replace")


class _Sse:
    name = "sse"
    title = "Cutting of Server-Sent Events"

    def claims(self, body: bytes) -> bool:
        """First line that is not blank is a comment or a field of the standard."""
        return _FIRST_LINE.match(body) is not None

    def splitter(self, limits: Limits) -> SseSplitter:
        """A fresh parser."""
        return SseSplitter(limits)


FRAMING = _Sse()
