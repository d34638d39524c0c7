"""Owns the cassettes of Ruby's VCR and of tools with its layout (betamax, rVCR, R's vcr), YAML or JSON; must not know what a body means.

``recorded_at`` is taken when the cassette keeps the interaction, after the response, to the second: it goes to
`Clock.recorded_at` and never to ``started_at``, which it would miss by the whole duration.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, halves, pair
from llm_usage.recordings._values import from_base64, instant
from llm_usage.recordings.document import Document


class _RubyVcr:
    name = "ruby_vcr"
    title = "Cassettes of Ruby's VCR and of tools with its layout (betamax, rVCR, R's vcr), YAML or JSON"

    def claims(self, document: Document) -> bool:
        """A top-level list ``http_interactions``; no other tool uses the name."""
        tree = document.probe
        return isinstance(tree, dict) and isinstance(tree.get("http_interactions"), list)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("http_interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    return pair(
        document,
        index,
        place,
        request,
        response,
        url=request.get("uri"),
        request_body=_body(request.get("body"), f"{document.name} {place}"),
        response_body=_body(response.get("body"), f"{document.name} {place}"),
        clock=Clock(recorded_at=instant(item.get("recorded_at"))),
    )


def _body(found: Any, place: str) -> Any:
    if not isinstance(found, dict):
        return found
    for key in ("base64_string", "raw_gzip"):  # raw_gzip: R's vcr, version 2
        if key in found:
            return from_base64(found[key], place)
    return found.get("string") if "string" in found or "encoding" in found else found


FORMAT = _RubyVcr()
