"""Owns the recordings of google/test-server: ``interactions[]`` with ``bodySegments``; must not know what a body means.

A segment is a JSON tree. Of an event stream each was the ``data:`` of one event and is written out so again; a body that was
not a stream is one segment. The server is in ``serverAddress``, ``port`` and ``protocol``. No time is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.exchange import Exchange, Unreadable
from ingest.recordings._parts import each, exchange, first_of, halves, inner
from ingest.recordings._values import raw_bytes
from ingest.recordings.document import Document


class _TestServer:
    name = "test_server"

    def claims(self, document: Document) -> bool:
        """``interactions`` whose first has ``bodySegments``."""
        first = first_of(document.probe, "interactions")
        return "bodySegments" in inner(first, "request") or "bodySegments" in inner(first, "response")

    def read(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    host, path, port = request.get("serverAddress"), request.get("url"), request.get("port")
    if isinstance(host, str) and isinstance(path, str) and path.startswith("/"):
        at = host if port in (None, 80, 443) else f"{host}:{port}"
        path = f"{request.get('protocol') or 'https'}://{at}{path}"
    return exchange(
        document,
        index,
        place,
        method=request.get("method"),
        url=path,
        asked_headers=request.get("headers"),
        asked=_body(request.get("bodySegments"), is_stream=False),
        status=response.get("statusCode"),
        got_headers=response.get("headers"),
        got=_body(response.get("bodySegments"), is_stream=_is_stream(response.get("headers"))),
    )


def _is_stream(headers: Any) -> bool:
    """Whether the content type says event stream: a segment alone does not tell."""
    return isinstance(headers, dict) and any(
        isinstance(name, str) and name.lower() == "content-type" and "event-stream" in str(value).lower() for name, value in headers.items()
    )


def _body(segments: Any, *, is_stream: bool) -> Any:
    if not isinstance(segments, list) or not segments:
        return None
    parts = [raw_bytes(segment) for segment in segments]
    if is_stream:
        return b"".join(b"data: " + part + b"\n\n" for part in parts)
    return parts[0] if len(parts) == 1 else b"\n".join(parts)


FORMAT = _TestServer()
