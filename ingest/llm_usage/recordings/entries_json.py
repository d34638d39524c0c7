"""Owns JSON cassettes ``entries[]`` whose bodies have a ``kind`` (Braintrust's test recorder); must not know what a body means.

``json`` has a tree in ``value``, ``text`` text, ``base64`` base64, ``sse`` the events in ``chunks`` without their blank lines, ``binary`` a
side file in ``path``, relative to the cassette and in ``<cassette>.blobs/``; ``empty`` and null are none. ``recordedAt`` is taken after
the response.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, first_of, halves, inner, pair
from llm_usage.recordings._values import from_base64, instant, raw_bytes
from llm_usage.recordings.document import Document

_KINDS = frozenset({"json", "text", "base64", "sse", "binary", "empty", "none"})
_BLOBS = ".blobs"


class _EntriesJson:
    name = "entries_json"
    title = "JSON cassettes entries[] whose bodies have a kind (Braintrust's test recorder)"

    def claims(self, document: Document) -> bool:
        """``entries`` at the root, whose first has a body with a ``kind``."""
        first = first_of(document.probe, "entries")
        request, response = inner(first, "request"), inner(first, "response")
        kinds = [inner(request, "body").get("kind"), inner(response, "body").get("kind")]
        return bool(request) and any(isinstance(kind, str) and kind in _KINDS for kind in kinds)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every entry, in the order of the file."""
        return each(document, document.items("entries", exact=True), _exchange)

    def owner_of(self, path: PurePath) -> PurePath | None:
        """The cassette that a file in a folder ``….blobs`` belongs to."""
        for folder in path.parents:
            if folder.name.endswith(_BLOBS) and folder.name != _BLOBS:
                return folder.with_name(folder.name.removesuffix(_BLOBS) + ".json")
        return None


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    request_body = _body(request.get("body"), place, document)
    response_body = _body(response.get("body"), place, document)
    if response_body is _MISSING:
        raise bad(
            document, place, "side file with the body is not there, or has no usable name", "Copy the .blobs folder along with the cassette"
        )
    return pair(
        document,
        index,
        place,
        request,
        response,
        # A prompt's side file may be left behind: the response can be counted without it.
        request_body=None if request_body is _MISSING else request_body,
        response_body=response_body,
        clock=Clock(recorded_at=instant(item.get("recordedAt"))),
    )


_MISSING = object()


def _body(body: Any, place: str, document: Document) -> Any:
    if not isinstance(body, dict) or "kind" not in body:
        return body
    kind = body["kind"]
    if kind == "binary":
        path = body.get("path")
        found = document.sibling(path) if isinstance(path, str) else None
        return _MISSING if found is None else found
    if kind == "base64":
        return from_base64(body.get("value"), f"{document.name} {place}")
    if kind == "sse" and isinstance(body.get("chunks"), list):
        return b"".join(raw_bytes(chunk).rstrip(b"\r\n") + b"\n\n" for chunk in body["chunks"])
    return body.get("value")


FORMAT = _EntriesJson()
