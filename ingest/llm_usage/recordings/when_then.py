"""Owns the recordings of httpmock (Rust): YAML documents ``when: {…}`` / ``then: {…}``; must not know what a body means.

A query is in ``query_param`` and a host, if any, in ``when.host``; without one the URL is the path. ``body_encoding: base64`` says
what a body is. httpmock records no time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import each, exchange, halves
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document


class _WhenThen:
    name = "when_then"
    title = "Recordings of httpmock (Rust): YAML documents when: {…} / then: {…}"

    def claims(self, document: Document) -> bool:
        """The first document has ``when`` and ``then``, and a path, a method or a status in them."""
        tree = document.probe
        if not isinstance(tree, dict) or not isinstance(tree.get("when"), dict):
            return False
        then = tree.get("then")
        return bool({"path", "method", "url"} & tree["when"].keys()) and (then is None or isinstance(then, dict))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every document, in the order of the file."""
        documents = document.documents() if document.syntax == "yaml" else [("document", document.tree(exact=True))]
        return each(document, (pair for pair in documents if pair[1] is not None), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    when, then = halves(item, place, document, "when", "then")
    host, path = when.get("host"), when.get("path", when.get("url"))
    port = when.get("port")
    if isinstance(host, str) and isinstance(path, str) and path.startswith("/"):
        at = f"{host}:{port}" if isinstance(port, int) else host
        path = f"{when.get('scheme') or 'https'}://{at}{path}"
    return exchange(
        document,
        index,
        place,
        method=when.get("method"),
        url=path,
        request_headers=when.get("header"),
        request_body=_body(when, f"{document.name} {place}"),
        status=then.get("status"),
        response_headers=then.get("header"),
        response_body=_body(then, f"{document.name} {place}"),
    )


def _body(half: dict[str, Any], place: str) -> Any:
    if "body_base64" in half:
        return from_base64(half["body_base64"], place)
    found = half.get("body", half.get("json_body"))
    return from_base64(found, place) if half.get("body_encoding") == "base64" else found


FORMAT = _WhenThen()
