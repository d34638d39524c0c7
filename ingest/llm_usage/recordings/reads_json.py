"""Owns JSON whose ``chunks[].b64`` are the network reads of one response (req_llm's fixtures); must not know what a body means.

A response that was not streamed is in ``response.body``: base64 in ``b64``, or a tree. ``captured_at`` is when the file was written,
after the response; the reads have no times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, pair
from llm_usage.recordings._values import from_base64, instant, raw_bytes
from llm_usage.recordings.document import Document


class _ReadsJson:
    name = "reads_json"
    title = "JSON whose chunks[].b64 are the network reads of one response (req_llm's fixtures)"

    def claims(self, document: Document) -> bool:
        """A pair with ``chunks`` of ``b64``, or with a ``b64`` body or a ``canonical_json`` and ``captured_at``."""
        tree = document.probe
        request, response = inner(tree, "request"), inner(tree, "response")
        if not request or not response:
            return False
        first = first_of(tree, "chunks")
        if isinstance(first, dict) and "b64" in first:
            return True
        return "captured_at" in tree and (
            "b64" in inner(request, "body") or "canonical_json" in request or "b64" in inner(response, "body")
        )

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """The one exchange."""
        return each(document, [("exchange", document.tree(exact=True))], _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    where = f"{document.name} {place}"
    chunks = item.get("chunks")
    if isinstance(chunks, list) and chunks:
        response_body: Any = b"".join(raw_bytes(_body(chunk, where)) for chunk in chunks)
    else:
        response_body = _body(response.get("body"), where)
    request_body = _body(request.get("body"), where)
    return pair(
        document,
        index,
        place,
        request,
        response,
        request_body=request.get("canonical_json") if request_body is None else request_body,
        response_body=response_body,
        clock=Clock(recorded_at=instant(item.get("captured_at"))),
    )


def _body(found: Any, place: str) -> Any:
    return from_base64(found["b64"], place) if isinstance(found, dict) and "b64" in found else found


FORMAT = _ReadsJson()
