"""Owns files of one JSON payload a line (``.ndjson``, ``.jsonl``, ``.chunks.txt``): a stream's frames, or whole answers; no dialects.

Data sets are JSON lines too, so the first lines must look like what an LLM API sends.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_usage.codecs.json import JsonError, loads
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._evidence import is_payload
from llm_usage.recordings._raw import bodies, starts
from llm_usage.recordings.document import Document

_SPACE = b" \t\r\n\xef\xbb\xbf"
_LINES = 20


class _RawNdjson:
    name = "raw_ndjson"
    title = "Files of one JSON payload a line (.ndjson, .jsonl, .chunks.txt): a stream's frames, or whole answers"
    generic = True

    def claims(self, document: Document) -> bool:
        """The first lines are JSON objects, more than one, and most of them payloads of an LLM API."""
        if document.head.lstrip(_SPACE)[:1] != b"{" or document.syntax != "text" or document.problem is not None:
            return False
        lines = [line for line in document.content.lstrip(_SPACE).split(b"\n", _LINES)[:_LINES] if line.strip()]
        payloads = objects = 0
        for number, line in enumerate(lines):
            try:
                tree = loads(line.strip(_SPACE))
            except JsonError:
                if number + 1 == len(lines) and objects:
                    break  # the last line of a cut file
                return False
            if not isinstance(tree, dict):
                return line.strip() == b'"[DONE]"'
            objects += 1
            payloads += is_payload(tree)
        return len(lines) > 1 and payloads * 2 > objects

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Each response in the file."""
        return bodies(document, starts(_lines(document.content)))


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    pos = 0
    while pos < len(data):
        end = data.find(b"\n", pos)
        end = len(data) if end < 0 else end + 1
        yield pos, data[pos:end].strip(_SPACE)
        pos = end


FORMAT = _RawNdjson()
