"""Owns files that are the body of an AWS event stream (``application/vnd.amazon.eventstream``); must not know what frames mean.

The first frame's prelude carries its own CRC: nothing else is taken for one. Source: AWS, "Amazon event stream encoding".
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._raw import bodies
from llm_usage.recordings.document import Document

_MAX_FRAME = 24 * 1024 * 1024
_PRELUDE = 12


class _RawEventStream:
    name = "raw_eventstream"
    title = "Files that are the body of an AWS event stream (application/vnd.amazon.eventstream)"
    generic = True

    def claims(self, document: Document) -> bool:
        """A prelude whose CRC is right."""
        head = document.head[:_PRELUDE]
        if len(head) < _PRELUDE:
            return False
        total, header_bytes = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
        if not 16 <= total <= _MAX_FRAME or header_bytes > total - 16:
            return False
        return zlib.crc32(head[:8]) == int.from_bytes(head[8:12], "big")

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """The one response."""
        return bodies(document, [])


FORMAT = _RawEventStream()
