"""Owns Hoverfly's simulations (schema v5: ``data.pairs[]``); must not know what a body means.

The request is made of matchers, ``[{matcher: "exact", value: …}]``; ``encodedBody`` says that the body is base64; ``bodyFile`` names a
file. Hoverfly records no time (``fixedDelay`` and ``globalActions`` are for replay).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, first_of, halves, inner
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document


class _Hoverfly:
    name = "hoverfly"
    title = "Hoverfly's simulations (schema v5: data.pairs[])"

    def claims(self, document: Document) -> bool:
        """``data.pairs`` and ``meta.schemaVersion``."""
        tree = document.probe
        first = first_of(tree, "data", "pairs")
        return "schemaVersion" in inner(tree, "meta") and isinstance(first, dict) and "request" in first and "response" in first

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every pair, in the order of the file."""
        return each(document, document.items("data", "pairs", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    host, path = _exact(request.get("destination")), _exact(request.get("path"))
    scheme = _exact(request.get("scheme")) or "https"
    sent = inner(request, "headers")
    return exchange(
        document,
        index,
        place,
        method=_exact(request.get("method")),
        url=f"{scheme}://{host}{path or ''}" if isinstance(host, str) else path,
        request_headers={name: _exact(value) for name, value in sent.items()},
        request_body=_exact(request.get("body")),
        status=response.get("status"),
        response_headers=response.get("headers"),
        response_body=_body(response, place, document),
    )


def _exact(matchers: Any) -> Any:
    """The value that a field must equal; older schemas keep the plain value."""
    if not isinstance(matchers, list):
        return matchers
    first = matchers[0] if matchers else None
    if isinstance(first, dict):
        return first.get("value") if first.get("matcher") in ("exact", "json", "jsonpartial") else None
    return first


def _body(response: dict[str, Any], place: str, document: Document) -> Any:
    name = response.get("bodyFile")
    if isinstance(name, str) and name:
        found = document.sibling(name)
        if found is None:
            raise bad(document, place, "body file is not there", "Copy the body files along with the simulation")
        return found
    text = response.get("body")
    return from_base64(text, f"{document.name} {place}") if response.get("encodedBody") is True else text


FORMAT = _Hoverfly()
