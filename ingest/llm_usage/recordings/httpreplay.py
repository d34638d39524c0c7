"""Owns the logs of ``cloud.google.com/go/httpreplay``: ``Entries[]`` in Go's own JSON; must not know what a body means.

Bodies are ``[]byte`` and so base64: the request's in ``BodyParts``, the response's in ``Body``. ``Initial`` is the test's own state. No
time is recorded. Source: httpreplay/internal/proxy/log.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import each, exchange, first_of, halves, inner
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document


class _HttpReplay:
    name = "httpreplay"
    title = "Logs of cloud.google.com/go/httpreplay: Entries[] in Go's own JSON"

    def claims(self, document: Document) -> bool:
        """``Entries``, whose first has a ``Request.URL`` and a ``Response.StatusCode``."""
        first = first_of(document.probe, "Entries")
        return isinstance(inner(first, "Request").get("URL"), str) and "StatusCode" in inner(first, "Response")

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every entry, in the order of the file."""
        return each(document, document.items("Entries"), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document, "Request", "Response")
    where = f"{document.name} {place}"
    parts = request.get("BodyParts")
    return exchange(
        document,
        index,
        place,
        method=request.get("Method"),
        url=request.get("URL"),
        request_headers=request.get("Header"),
        request_body=b"".join(from_base64(part, where) for part in parts) if isinstance(parts, list) else None,
        status=response.get("StatusCode"),
        response_headers=response.get("Header"),
        response_body=from_base64(response["Body"], where) if response.get("Body") is not None else None,
    )


FORMAT = _HttpReplay()
