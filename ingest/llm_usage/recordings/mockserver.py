"""Owns MockServer's recorded expectations and request/response logs (mock-server.com, JSON); must not know what a body means.

A list of ``{httpRequest, httpResponse}``, or one. A body is text, or typed: ``{type: STRING|JSON|BINARY, string|json|base64Bytes}``.
MockServer writes no time with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import each, exchange, first_of, halves, inner
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document


class _MockServer:
    name = "mockserver"
    title = "MockServer's recorded expectations and request/response logs (mock-server.com, JSON)"

    def claims(self, document: Document) -> bool:
        """An ``httpRequest`` with an ``httpResponse``."""
        tree = document.probe
        first = first_of(tree) if isinstance(tree, list) else tree
        return bool(inner(first, "httpRequest")) and bool(inner(first, "httpResponse"))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every expectation, in the order of the file."""
        if isinstance(document.probe, list):
            return each(document, document.items(exact=True), _exchange)
        return each(document, [("expectation", document.tree(exact=True))], _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document, "httpRequest", "httpResponse")
    path = _value(request.get("path"))
    address = inner(request, "socketAddress")
    host = address.get("host")
    scheme = str(address.get("scheme") or "https").lower()
    return exchange(
        document,
        index,
        place,
        method=_value(request.get("method")),
        url=f"{scheme}://{host}{path or ''}" if isinstance(host, str) else path,
        request_headers=request.get("headers"),
        request_body=_body(request.get("body"), f"{document.name} {place}"),
        status=response.get("statusCode", 200),
        response_headers=response.get("headers"),
        response_body=_body(response.get("body"), f"{document.name} {place}"),
    )


def _value(field: Any) -> Any:
    """A field as text; a matcher keeps it under ``value``."""
    return field.get("value") if isinstance(field, dict) else field


def _body(body: Any, place: str) -> Any:
    if not isinstance(body, dict) or "type" not in body:
        return body
    if "base64Bytes" in body:
        return from_base64(body["base64Bytes"], place)
    return next((body[key] for key in ("json", "string", "xml", "parameters") if key in body), body)


FORMAT = _MockServer()
