"""Owns what a framing hands on: the frames of one response body as columns.

Must not know which framing cut them, nor what a payload means. One list a column; no object a frame.
"""

from __future__ import annotations

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
