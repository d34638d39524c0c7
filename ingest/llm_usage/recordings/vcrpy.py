"""Owns the cassettes of vcrpy (YAML or JSON; also pytest-recording and pydantic-ai's dialect); must not know what a body means.

Three dialects in the wild: ``response.body.string`` (text or ``!!binary``, or ``base64_string``); ``parsed_body``, a tree in
place of text (pydantic-ai); ``response.content`` with ``status_code`` (vcrpy's httpx stub before version 6). vcrpy keeps
``content-encoding: gzip`` over bodies that it stored decoded, so the magic bytes decide. It records no time at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, pair
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document


class _VcrPy:
    name = "vcrpy"
    title = "Cassettes of vcrpy (YAML or JSON; also pytest-recording and pydantic-ai's dialect)"

    def claims(self, document: Document) -> bool:
        """``interactions`` whose first has ``request.uri``; an empty list counts when it comes first, as vcrpy writes it."""
        tree = document.probe
        if not isinstance(tree, dict) or "interactions" not in tree:
            return False
        if not tree["interactions"]:
            return bool(next(iter(tree)) == "interactions") and set(tree) <= {"interactions", "version"}
        return isinstance(inner(first_of(tree, "interactions"), "request").get("uri"), str)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    status = response.get("status")
    return pair(
        document,
        index,
        place,
        request,
        response,
        url=request.get("uri"),
        request_body=_body(request, f"{document.name} {place}"),
        status=response.get("status_code") if status is None else status,
        response_body=_body(response, f"{document.name} {place}"),
    )


def _body(half: dict[str, Any], place: str) -> Any:
    if "parsed_body" in half:
        return half["parsed_body"]
    found = half.get("body", half.get("content"))
    if isinstance(found, dict):
        if "string" in found:
            return found["string"]
        if "base64_string" in found:
            return from_base64(found["base64_string"], place)
    return found


FORMAT = _VcrPy()
