"""Owns what Gemini CLI writes with ``--record-responses`` (``.responses``): one call a line; must not know what an answer means.

``method`` is the SDK's: ``generateContent``, ``generateContentStream`` (the answer is the list of the stream's pieces), ``countTokens``,
``embedContent``. No request, no address and no times are kept. Source: google-gemini/gemini-cli, packages/core, fakeContentGenerator.ts
and recordingContentGenerator.ts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.values import as_str
from llm_usage.model.account import Account
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings._records import records, sample
from llm_usage.recordings._values import to_json
from llm_usage.recordings.document import Document

_METHODS = frozenset({"generateContent", "generateContentStream", "countTokens", "embedContent"})


class _GeminiCli:
    name = "gemini_cli"
    title = "Responses recorded by Gemini CLI (--record-responses)"

    def claims(self, document: Document) -> bool:
        """Every record is a method of the SDK and its response, and nothing else."""
        found = sample(document)
        return bool(found) and all(as_str(item.get("method")) in _METHODS and item.keys() <= {"method", "response"} for item in found)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every call, in the order of the file."""
        return each(document, records(document), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if not isinstance(item, dict) or as_str(item.get("method")) not in _METHODS:
        raise bad(document, place, "is no recorded call", "Record it again; the file may be cut off there")
    response, is_stream = item.get("response"), item["method"] == "generateContentStream"
    if is_stream and isinstance(response, list):
        response = b"".join(b"data: " + to_json(piece) + b"\r\n\r\n" for piece in response)
    return exchange(
        document,
        index,
        place,
        response_body=response,
        account=Account(
            ignored="token counting" if item["method"] == "countTokens" else None,
            api="embeddings" if item["method"] == "embedContent" else "gemini",
            is_stream=is_stream,
        ),
    )


FORMAT = _GeminiCli()
