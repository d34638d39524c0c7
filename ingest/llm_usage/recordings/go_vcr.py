"""Owns the cassettes of go-vcr, versions 1 and 2 (gopkg.in/dnaeon/go-vcr); must not know what a body means.

``response.duration`` is the time to the response *headers*: the recorder stops its clock before it reads the body
(go-vcr, recorder.go). It goes to `Clock.headers_ns` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, halves, pair
from llm_usage.recordings._values import go_duration_ns
from llm_usage.recordings.document import Document


class _GoVcr:
    name = "go_vcr"
    title = "Cassettes of go-vcr, versions 1 and 2 (gopkg.in/dnaeon/go-vcr)"

    def claims(self, document: Document) -> bool:
        """A ``version`` and ``interactions``, whose first has ``request.url`` and a response with a status or a code."""
        tree = document.probe
        if not isinstance(tree, dict) or "interactions" not in tree:
            return False
        interactions = tree["interactions"]
        if interactions is None or interactions == []:
            return bool(next(iter(tree)) == "version")
        if not isinstance(interactions, list) or not isinstance(interactions[0], dict):
            return False
        first = interactions[0]
        request, response = first.get("request"), first.get("response")
        if not isinstance(request, dict) or "uri" in request or "url" not in request:
            return False
        if response is None:
            return "version" in tree
        return isinstance(response, dict)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    code = response.get("code")
    return pair(
        document,
        index,
        place,
        request,
        response,
        status=response.get("status") if code is None else code,
        clock=Clock(headers_ns=go_duration_ns(response.get("duration"))),
    )


FORMAT = _GoVcr()
