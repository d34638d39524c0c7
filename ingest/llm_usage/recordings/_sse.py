"""Owns the little that formats need of Server-Sent Events: where events end, how one is written; must not know payloads.

Formats that keep events instead of bytes write them out again, as the tool itself would replay them.
"""

from __future__ import annotations

import re
from typing import Any

#: A blank line: the end of an event. Atomic, so that one CRLF is never taken for two line ends.
_BLANK_LINE = re.compile(rb"(?>\r\n|\r|\n)(?>\r\n|\r|\n)+")
_DATA_LINE = re.compile(rb"(?:\A|[\r\n])data:")
_LINE_END = re.compile(r"\r\n|\r|\n")


def event(data: Any, name: Any = None, event_id: Any = None, retry: Any = None) -> bytes:
    """One event, its blank line included. Values that are no text are left out; the name ``message`` is the default and unwritten."""
    lines = []
    if isinstance(name, str) and name not in ("", "message"):
        lines.append(f"event: {name}")
    if isinstance(event_id, str) and event_id:
        lines.append(f"id: {event_id}")
    if isinstance(retry, int) and retry > 0:
        lines.append(f"retry: {retry}")
    lines.extend(f"data: {line}" for line in _LINE_END.split(data if isinstance(data, str) else ""))
    return ("\n".join(lines) + "\n\n").encode("utf-8", "surrogatepass")


def event_ends(body: bytes) -> list[int]:
    """Where each event with data ends in a body, its blank line included. Empty when something else is behind the last."""
    ends = []
    start = 0
    for blank in _BLANK_LINE.finditer(body):
        if _DATA_LINE.search(body, max(start - 1, 0), blank.start()):
            ends.append(blank.end())
        start = blank.end()
    rest = body[start:]
    if rest.strip():
        if _DATA_LINE.search(rest) is None:
            return []
        ends.append(len(body))
    elif ends:
        ends[-1] = len(body)
    return ends
