"""Owns the cutting of one JSON array into its elements; must not know what they mean and does no I/O.

Gemini answers so without ``alt=sse``: one array, written element by element, which may be cut anywhere. Every complete
element is a frame, exactly its bytes (the comma behind it arrives with the next one); a cut one is BROKEN.
Only brackets and strings are looked at; whether an element is valid JSON is for whoever decodes it.
"""

from __future__ import annotations

import re

from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.frames import BROKEN, DATA, STRAY, Frames

#: ``[`` and then an element, the end, or nothing yet. ``[DONE]`` is no array.
_CLAIM = re.compile(rb'\A(?:\xef\xbb\xbf)?[ \t\r\n]*\[[ \t\r\n]*(?:[\]{\["\-0-9tfn]|\Z)')
_SPACE = b" \t\r\n\xef\xbb\xbf"
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_BLANK = re.compile(rb"[ \t\r\n]*")
#: Everything up to the next bracket, whole strings included; stops before a string that has not ended yet.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SCALAR_END = re.compile(rb"[,\]{}\[\" \t\r\n]")

_BEFORE, _GAP, _ELEMENT, _SCALAR, _AFTER = range(5)


class JsonArraySplitter:
    """Incremental parser: brackets are counted, never recursed into."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._frames = Frames("json_array", is_stream=True)
        self._rest = bytearray()
        """Bytes from the start of the element that has not ended yet."""
        self._base = 0
        self._scanned = 0
        """How much of ``_rest`` has been looked at."""
        self._state = _BEFORE
        self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            LimitError: an element is longer than ``line_bytes``.
        """
        self._rest += data
        while self._step():
            pass
        held = len(self._rest)
        if held > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {self._base}", "line_bytes", f"an array element of {held} bytes or more")

    def close(self) -> Frames:
        """The body has ended. Without its closing bracket the array was cut; an element begun is BROKEN."""
        frames = self._frames
        frames.unterminated = self._state != _AFTER
        if self._rest:
            self._frame(len(self._rest), STRAY if self._state == _AFTER else BROKEN)
        return frames

    def _step(self) -> bool:
        """Go on in ``_rest`` to the next change of state; False when more bytes are needed."""
        rest, state = self._rest, self._state
        if state == _ELEMENT:
            return self._element()
        if state == _BEFORE:
            start = rest.find(b"[")
            if start < 0:
                self._drop(len(rest))
                return False
            self._drop(start + 1)
            self._state = _GAP
        elif state == _GAP:
            skipped = _BETWEEN.match(rest)
            self._drop(skipped.end() if skipped else 0)
            if not rest:
                return False
            first = rest[0]
            if first == 0x5D:
                self._drop(1)
                self._state = _AFTER
            elif first in b'{["':
                self._state = _ELEMENT
                self._depth = 0
                self._in_string = first == 0x22
                self._scanned = int(self._in_string)
            elif first == 0x7D:  # a closing brace that nothing opened
                self._frame(1, BROKEN)
            else:
                self._state = _SCALAR
                self._scanned = 0
        elif state == _SCALAR:
            found = _SCALAR_END.search(rest, self._scanned)
            if found is None:
                self._scanned = len(rest)
                return False
            self._frame(found.start(), DATA)
            self._state = _GAP
        else:  # behind the array: blanks, or text that has no place there
            blank = _BLANK.match(rest)
            self._drop(blank.end() if blank else 0)
            return False
        return True

    def _element(self) -> bool:
        rest, pos, depth = self._rest, self._scanned, self._depth
        size = len(rest)
        while pos < size:
            if self._in_string:
                inside = _IN_STRING.match(rest, pos)
                pos = inside.end() if inside else pos
                if pos >= size or rest[pos] != 0x22:  # the end, or the backslash of an escape that is not whole yet
                    break
                pos += 1
                self._in_string = False
            else:
                skipped = _TO_BRACKET.match(rest, pos)
                pos = skipped.end() if skipped else pos
                if pos >= size:
                    break
                char = rest[pos]
                pos += 1
                if char == 0x22:
                    self._in_string = True
                    continue
                depth += 1 if char in b"{[" else -1
            if depth <= 0:
                self._frame(pos, DATA)
                self._state = _GAP
                return True
        self._scanned, self._depth = pos, depth
        return False

    def _frame(self, length: int, mark: int) -> None:
        if length > self._limits.line_bytes:
            raise self._limits.exceeded(f"body byte {self._base}", "line_bytes", f"an array element of {length} bytes")
        payload = bytes(self._rest[:length])
        if payload.strip(_SPACE):
            self._frames.add(payload, self._base, length, mark)
        self._drop(length)

    def _drop(self, length: int) -> None:
        del self._rest[:length]
        self._base += length


class _JsonArray:
    name = "json_array"
    title = "Cutting of one JSON array into its elements"

    def claims(self, body: bytes) -> bool:
        """The body starts as a JSON array."""
        return _CLAIM.match(body) is not None

    def splitter(self, limits: Limits) -> JsonArraySplitter:
        """A fresh parser."""
        return JsonArraySplitter(limits)


FRAMING = _JsonArray()
