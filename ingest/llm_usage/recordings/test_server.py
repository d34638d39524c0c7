"""Owns the recordings of google/test-server and of the Google Gen AI SDKs' replays; must not know what a body means.

``interactions[]`` with ``bodySegments`` (``body_segments`` in the replays). A segment is a JSON tree. Of an event stream each was the
``data:`` of one event and is written out so again; a body that was not a stream is one segment. The server is in
``serverAddress``, ``port`` and ``protocol``; the replays keep a placeholder in the URL. No time is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, media_type, pair
from llm_usage.recordings._values import raw_bytes, text_or_none
from llm_usage.recordings.document import Document

_SEGMENTS = ("bodySegments", "body_segments")
#: In the query of a URL that asks for an event stream.
_SSE = "alt=sse"


class _TestServer:
    name = "test_server"
    title = "Recordings of google/test-server and of the Google Gen AI SDKs' replays"
    refines = ("go_vcr",)

    def claims(self, document: Document) -> bool:
        """``interactions`` whose first has body segments."""
        first = first_of(document.probe, "interactions")
        return any(key in inner(first, half) for key in _SEGMENTS for half in ("request", "response"))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    host, path, port = request.get("serverAddress"), text_or_none(request.get("url")), request.get("port")
    if isinstance(host, str) and path and path.startswith("/"):
        at = host if port in (None, 80, 443) else f"{host}:{port}"
        path = f"{request.get('protocol') or 'https'}://{at}{path}"
    return pair(
        document,
        index,
        place,
        request,
        response,
        url=path,
        request_body=_body(request, is_stream=False),
        status=response.get("statusCode", response.get("status_code")),
        # A segment alone does not tell whether it was an event.
        response_body=_body(response, is_stream="event-stream" in media_type(response.get("headers")) or _SSE in (path or "")),
    )


def _body(half: dict[str, Any], *, is_stream: bool) -> Any:
    segments = next((half[key] for key in _SEGMENTS if key in half), None)
    if not isinstance(segments, list) or not segments:
        return None
    parts = [raw_bytes(segment) for segment in segments]
    if is_stream:
        return b"".join(b"data: " + part + b"\n\n" for part in parts)
    return parts[0] if len(parts) == 1 else b"\n".join(parts)


FORMAT = _TestServer()
