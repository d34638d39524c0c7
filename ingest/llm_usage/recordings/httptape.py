"""Owns the tapes of httptape (one JSON file an interaction); must not know what a body means.

The shape of a body follows the content type (httptape 0.12): JSON as a tree, text as text, all else base64; before that every
body was base64. ``sse_events[].offset_ms`` counts from when the response *headers* were received (httptape, sse.go): the
arrivals have the origin ``headers``. The events are written out as httptape replays them. Source: httptape/httptape,
docs/fixtures-authoring.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from llm_usage.errors import InputError
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, halves, inner, media_type, pair
from llm_usage.recordings._sse import event
from llm_usage.recordings._values import from_base64, instant, millis
from llm_usage.recordings.document import Document

_TEXT = ("text/", "application/xml", "application/javascript")


class _Httptape:
    name = "httptape"
    title = "Tapes of httptape (one JSON file an interaction)"

    def claims(self, document: Document) -> bool:
        """One pair with ``status_code``, and a ``body_hash``, a ``route`` or ``sse_events``."""
        tree = document.probe
        request, response = inner(tree, "request"), inner(tree, "response")
        if "status_code" not in response or not ("url" in request or "url_pattern" in request):
            return False
        return "body_hash" in request or "sse_events" in response or ("route" in tree and "recorded_at" in tree)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """The one interaction."""
        return each(document, [("tape", document.tree(exact=True))], _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    recorded_at = instant(item.get("recorded_at"))
    events = response.get("sse_events")
    if isinstance(events, list) and events:
        written = [_written(e) for e in events]
        response_body: Any = b"".join(written)
        at = _offsets(events)
        ends = list(accumulate(map(len, written))) if at else []
        clock = Clock(recorded_at=recorded_at, origin="headers" if at else None, read_ends=ends, arrivals_ns=at)
    else:
        response_body = _body(response, f"{document.name} {place}")
        clock = Clock(recorded_at=recorded_at)
    return pair(
        document,
        index,
        place,
        request,
        response,
        request_body=_body(request, f"{document.name} {place}"),
        status=response.get("status_code"),
        response_body=response_body,
        clock=clock,
        incomplete=response.get("truncated") is True or response.get("sse_truncated") is True,
    )


def _written(item: Any) -> bytes:
    if not isinstance(item, dict):
        return event(None)
    return event(item.get("data"), item.get("type"), item.get("id"), item.get("retry"))


def _offsets(events: list[Any]) -> list[int]:
    """Offsets in ns, when every event has one and they never decrease."""
    out: list[int] = []
    for item in events:
        offset = millis(item.get("offset_ms")) if isinstance(item, dict) else None
        if offset is None or (out and offset * 1_000_000 < out[-1]):
            return []
        out.append(int(offset * 1_000_000))
    return out


def _body(half: dict[str, Any], place: str) -> Any:
    found = half.get("body")
    if not isinstance(found, str):
        return found
    encoding, media = half.get("body_encoding"), media_type(half.get("headers"))
    if encoding == "base64":
        return from_base64(found, place)
    if media.startswith(_TEXT) and encoding != "identity":
        return found
    try:
        return from_base64(found, place)
    except InputError:
        return found  # written by hand


FORMAT = _Httptape()
