"""Owns files that are one JSON answer of an LLM API, an array of its messages, or several answers; must not know dialects.

An array of frames is one response, an array of whole answers is several. Also an API's error on its own. Any JSON may be a config, so
the content must look like an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.json import JsonError, extent, loads
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._evidence import is_payload, is_ping, is_whole
from llm_usage.recordings._parts import each, exchange
from llm_usage.recordings._raw import bodies
from llm_usage.recordings.document import Document

_SPACE = b" \t\r\n\xef\xbb\xbf"
#: Between one document and the next.
_GAP = re.compile(rb"[ \t\r\n,]*(?=[{\[])")


class _RawJson:
    name = "raw_json"
    title = "Files that are one JSON answer of an LLM API, an array of its messages, or several answers"
    generic = True

    def claims(self, document: Document) -> bool:
        """One answer, an array of payloads (Gemini without ``alt=sse``), or answers that each span several lines."""
        if document.head.lstrip(_SPACE)[:1] not in (b"{", b"["):
            return False
        if document.syntax == "json":
            return _is_answer(document.probe)
        return document.syntax == "text" and _several(document)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Each answer in the file. One that was cut is read as far as it goes: the framing tells."""
        if isinstance(document.probe, list) and len(document.probe) > 1 and all(is_whole(item) for item in document.probe):
            return each(
                document, _elements(document.content), lambda index, place, body, doc: exchange(doc, index, place, response_body=body)
            )
        return bodies(document, [] if document.syntax == "json" else _starts(document.content))


def _is_answer(tree: Any) -> bool:
    if isinstance(tree, list):
        return bool(tree) and is_payload(tree[0]) and all(is_payload(item) or is_ping(item) for item in tree[1:-1])  # the last may be cut
    return is_payload(tree)


def _several(document: Document) -> bool:
    """The first document spans several lines (else it is NDJSON) and is an answer, and another follows."""
    head = document.head.lstrip(_SPACE)
    try:
        first = extent(head)
        if first is None or first.closers or b"\n" not in head[: first.end]:
            return False
        return head[first.end :].lstrip(_SPACE)[:1] in (b"{", b"[") and _is_answer(loads(head[: first.end]))
    except JsonError:
        return False


def _elements(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each object of an array, as its bytes."""
    pos = data.find(b"{")
    while pos >= 0:
        one = extent(data, pos)
        end = one.end if one is not None and not one.closers else len(data)
        yield f"byte {pos}", data[pos:end]
        pos = data.find(b"{", end)


def _starts(data: bytes) -> list[int]:
    """Where each document but the first begins; what is no document stays with the one before."""
    found: list[int] = []
    pos = 0
    while True:
        try:
            one = extent(data, pos)
        except JsonError:
            return found
        gap = _GAP.match(data, one.end) if one is not None and not one.closers else None
        if gap is None:
            return found
        pos = gap.end()
        found.append(pos)


FORMAT = _RawJson()
