"""Owns the cassettes of go-vcr, versions 1 and 2 (gopkg.in/dnaeon/go-vcr); must not know what a body means.

``response.duration`` is the time to the response *headers*: the recorder stops its clock before it reads the body
(go-vcr, recorder.go). It goes to `Clock.headers_ns` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.errors import InputError
from ingest.exchange import Clock, Exchange, Unreadable
from ingest.recordings._parts import body, go_duration_ns, headers, request_body, status_code, text_or_none
from ingest.recordings.document import Document


class _GoVcr:
    name = "go_vcr"

    def claims(self, document: Document) -> bool:
        """A ``version`` and ``interactions``, whose first has ``request.url`` and a response with a status or a code."""
        tree = document.probe
        if not isinstance(tree, dict) or "interactions" not in tree:
            return False
        interactions = tree["interactions"]
        if interactions is None or interactions == []:
            return next(iter(tree)) == "version"
        if not isinstance(interactions, list) or not isinstance(interactions[0], dict):
            return False
        first = interactions[0]
        request, response = first.get("request"), first.get("response")
        if not isinstance(request, dict) or "uri" in request or "url" not in request:
            return False
        if response is None:
            return "version" in tree and not _foreign(request)
        return isinstance(response, dict) and not _foreign(request) and not _foreign(response)

    def read(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        for index, (place, item) in enumerate(document.items("interactions")):
            try:
                yield _exchange(index, place, item, document)
            except InputError as error:
                yield Unreadable(index, error)


def _foreign(part: dict[str, Any]) -> bool:
    """Keys of other tools that also keep ``interactions`` with a ``url``."""
    return "bodySegments" in part or "parsed_body" in part or "base64_string" in part


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request = item.get("request") if isinstance(item, dict) else None
    response = item.get("response") if isinstance(item, dict) else None
    if not isinstance(request, dict) or not isinstance(response, dict):
        raise InputError(
            f"{document.name} {place}", "interaction has no request or no response", "Record it again, or take it out of the cassette"
        )
    response_headers = headers(response.get("headers"), document)
    decoded, whole = body(response.get("body"), response_headers.get("content-encoding"), document, place)
    status = status_code(response.get("code"))
    return Exchange(
        index=index,
        place=place,
        method=text_or_none(request.get("method")),
        url=text_or_none(request.get("url")),
        request_headers=headers(request.get("headers"), document),
        request_body=request_body(request.get("body"), document, place),
        status=status if status is not None else status_code(response.get("status")),
        response_headers=response_headers,
        body=decoded,
        clock=Clock(headers_ns=go_duration_ns(response.get("duration"))),
        incomplete=not whole,
    )


FORMAT = _GoVcr()
