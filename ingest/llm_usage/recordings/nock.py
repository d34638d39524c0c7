"""Owns the fixtures of nock's recorder (``output_objects``, nock back); must not know what a body means.

A list of ``{scope, method, path, body, status, response, rawHeaders}``. ``response`` is a tree, text, hex of the bytes when
``responseIsBinary``, or a list of hex pieces when the body had a content coding. nock records no time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, first_of, headers
from llm_usage.recordings.document import Document


class _Nock:
    name = "nock"
    title = "Fixtures of nock's recorder (output_objects, nock back)"

    def claims(self, document: Document) -> bool:
        """A list whose first item has ``scope``, ``path``, ``status`` and ``response``."""
        first = first_of(document.probe)
        return isinstance(first, dict) and {"scope", "path", "status", "response"} <= first.keys() and isinstance(first["scope"], str)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every definition, in the order of the file."""
        return each(document, document.items(exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if not isinstance(item, dict) or not isinstance(item.get("scope"), str) or "response" not in item:
        raise bad(document, place, "definition has no scope or no response", "Record it again, or take it out of the file")
    path = item.get("path")
    received = _pairs(item.get("rawHeaders", item.get("headers")))
    coded = "content-encoding" in headers(received, document)
    return exchange(
        document,
        index,
        place,
        method=item.get("method"),
        url=item["scope"].rstrip("/") + (path if isinstance(path, str) else ""),
        request_headers=item.get("reqheaders"),
        request_body=item.get("body") or None,
        status=item.get("status"),
        response_headers=received,
        response_body=_bytes(item["response"], document, place) if coded or item.get("responseIsBinary") is True else item["response"],
    )


def _pairs(raw: Any) -> Any:
    """Node's rawHeaders: names and values in turn."""
    if isinstance(raw, list) and not any(isinstance(part, (list, dict)) for part in raw):
        return [list(pair) for pair in zip(raw[::2], raw[1::2], strict=False)]
    return raw


def _bytes(value: Any, document: Document, place: str) -> Any:
    """Hex, whole or in pieces. Text that is none was decoded by whoever edited the fixture."""
    pieces = value if isinstance(value, list) else [value]
    if not all(isinstance(piece, str) for piece in pieces):
        return value
    try:
        return bytes.fromhex("".join(pieces))
    except ValueError:
        if isinstance(value, list):
            raise bad(document, place, "body is not the hex that it says it is", "Restore or re-record the file") from None
        return value


FORMAT = _Nock()
