"""Owns the cassettes of ReqCassette (Elixir, JSON format 1.0); must not know what a body means.

``body_type`` says where a body is: ``json`` in ``body_json`` as a tree, ``text`` in ``body``, ``blob`` in ``body_blob`` as base64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, pair
from llm_usage.recordings._values import from_base64, instant
from llm_usage.recordings.document import Document


class _ReqCassette:
    name = "req_cassette"
    title = "Cassettes of ReqCassette (Elixir, JSON format 1.0)"
    refines = ("vcrpy",)

    def claims(self, document: Document) -> bool:
        """``interactions`` whose first request has a ``uri`` and a ``body_type``."""
        request = inner(first_of(document.probe, "interactions"), "request")
        return isinstance(request.get("uri"), str) and "body_type" in request

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    return pair(
        document,
        index,
        place,
        request,
        response,
        url=request.get("uri"),
        request_body=_body(request, f"{document.name} {place}"),
        response_body=_body(response, f"{document.name} {place}"),
        clock=Clock(recorded_at=instant(item.get("recorded_at"))),
    )


def _body(half: dict[str, Any], place: str) -> Any:
    if "body_json" in half:
        return half["body_json"]
    return from_base64(half["body_blob"], place) if "body_blob" in half else half.get("body")


FORMAT = _ReqCassette()
