"""Owns files that are the body of an event stream (``.sse``, ``.txt``), or several one after another; must not know dialects.

No request, no status, no headers: model and API come from the payloads. What follows the first event is free, because
recordings end in unframed errors and cut lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_usage.codecs.json import JsonError, loads
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._raw import bodies, starts
from llm_usage.recordings.document import Document

_SPACE = b" \t\r\n\xef\xbb\xbf"
_FIELD = re.compile(rb"(data|event|id|retry):[ ]?(.*)|:.*|[ \t]*", re.DOTALL)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DATA = re.compile(rb"(?:\A|(?<=[\r\n]))[ \t]*data:([^\r\n]*)")
_BLANK_LINES = re.compile(rb"(?>\r\n|\r|\n)(?>[ \t]*(?>\r\n|\r|\n))+")
#: The beginning of a payload whose event goes on beyond the head, or was cut.
_CUT = re.compile(rb'\{\s*"(?:id|type|object|choices|candidates|model|event_type|message|delta|usage|promptFeedback|responseId)"\s*:')


class _RawSse:
    name = "raw_sse"
    title = "Files that are the body of an event stream (.sse, .txt), or several one after another"
    generic = True

    def claims(self, document: Document) -> bool:
        """Every line of the first block is a field or a comment of the standard, and its data is JSON."""
        head = document.head.lstrip(_SPACE)
        if not head.startswith((b"data:", b"event:", b"id:", b"retry:", b":")):
            return False
        seen = False
        lines = _LINE_END.split(head)
        for number, line in enumerate(lines):
            field = _FIELD.fullmatch(line)
            if field is None:
                return seen and line.lstrip()[:1] in (b"{", b"[")  # an unframed error; any other word makes it YAML
            if field[1] == b"data":
                last = number == len(lines) - 1
                if not (_is_json(field[2]) or field[2].strip() == b"[DONE]" or (last and _CUT.match(field[2]))):
                    return seen
                seen = True
            elif seen and not line.strip():
                return True
        return seen

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Each response in the file."""
        return bodies(document, starts(_payloads(document.content)))


def _is_json(text: bytes) -> bool:
    """An object or a list: other words behind ``data:`` are anything."""
    if text.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        loads(text)
    except JsonError:
        return False
    return True


def _payloads(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each data line, with the start of the event that it lies in."""
    gaps = _BLANK_LINES.finditer(data)
    gap = next(gaps, None)
    start = 0
    for line in _DATA.finditer(data):
        while gap is not None and gap.end() <= line.start():
            start = gap.end()
            gap = next(gaps, None)
        yield start, line[1]


FORMAT = _RawSse()
