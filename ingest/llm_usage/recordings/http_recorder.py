"""Owns the recordings of opencode's ``@opencode-ai/http-recorder`` (JSON); must not know what a body means.

As a go-vcr cassette by its keys, but JSON, with a number as ``status``, plain headers, and ``bodyEncoding: "base64"`` where a body is no
text. No times are kept. Source: anomalyco/opencode, packages/http-recorder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, pair
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document

_REQUEST = frozenset({"method", "url", "headers", "body", "bodyEncoding"})
_RESPONSE = frozenset({"status", "headers", "body", "bodyEncoding"})


class _HttpRecorder:
    name = "http_recorder"
    title = "Recordings of opencode's http-recorder"
    refines = ("go_vcr",)

    def claims(self, document: Document) -> bool:
        """A version 1 of interactions whose halves have these keys and no other, and a number as status."""
        if document.syntax != "json" or not isinstance(document.probe, dict) or document.probe.get("version") != 1:
            return False
        first = first_of(document.probe, "interactions")
        request, response = inner(first, "request"), inner(first, "response")
        if not {"method", "url", "headers"} <= request.keys() <= _REQUEST or not {"status"} <= response.keys() <= _RESPONSE:
            return False
        return isinstance(response["status"], int) and all(isinstance(value, str) for value in inner(response, "headers").values())

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    sent, received = (_body(half, f"{document.name} {place}") for half in (request, response))
    return pair(document, index, place, request, response, request_body=sent, response_body=received)


def _body(half: dict[str, Any], place: str) -> Any:
    body = half.get("body")
    return from_base64(body, place) if half.get("bodyEncoding") == "base64" and body else body


FORMAT = _HttpRecorder()
