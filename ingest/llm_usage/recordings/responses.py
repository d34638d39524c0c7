"""Owns the files of the recorder of ``responses`` (Python, getsentry): ``responses[]``, YAML or JSON; must not know what a body means.

Each item is ``{response: {method, url, status, headers, content_type, body}}``: of the request only method and URL are kept, and no
time. Source: responses, _recorder.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, first_of, inner
from llm_usage.recordings.document import Document


class _Responses:
    name = "responses"
    title = "Files of the recorder of responses (Python, getsentry): responses[], YAML or JSON"

    def claims(self, document: Document) -> bool:
        """``responses``, whose first has a ``response`` with a method, a URL and a status of its own."""
        return {"method", "url", "status"} <= inner(first_of(document.probe, "responses"), "response").keys()

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every response, in the order of the file."""
        return each(document, document.items("responses", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    response = inner(item, "response")
    if "status" not in response:
        raise bad(document, place, "item has no response", "Record it again; the file may be cut off there")
    kind, sent = response.get("content_type"), inner(response, "headers")
    return exchange(
        document,
        index,
        place,
        method=response.get("method"),
        url=response.get("url"),
        status=response["status"],
        response_headers={**sent, "Content-Type": kind} if isinstance(kind, str) else sent,
        response_body=response.get("body"),
    )


FORMAT = _Responses()
