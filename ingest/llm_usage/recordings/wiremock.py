"""Owns WireMock's stub mappings as its recorder writes them; must not know what a body means.

A file is one mapping, or ``{mappings: [...]}``. The body is ``body``, ``jsonBody``, ``base64Body``, or in a file: ``bodyFileName`` below
the folder ``__files`` that lies beside ``mappings``. The request is a matcher: a path without host, headers and bodies as
``{equalTo: …}`` and ``{equalToJson: …}``; WireMock records no time (``fixedDelayMilliseconds`` is for replay).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, first_of, halves, inner
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document

_FILES = "__files"
_URLS = ("url", "urlPath", "urlPathTemplate", "urlPattern", "urlPathPattern")
_OF_REQUEST = frozenset(
    {"bodyPatterns", "urlPath", "urlPathTemplate", "urlPattern", "urlPathPattern", "queryParameters", "basicAuthCredentials"}
)
_OF_RESPONSE = frozenset({"bodyFileName", "jsonBody", "base64Body", "transformers", "fixedDelayMilliseconds", "proxyBaseUrl", "fault"})
_OF_MAPPING = frozenset({"uuid", "persistent", "insertionIndex", "scenarioName", "requiredScenarioState", "newScenarioState", "priority"})


class _WireMock:
    name = "wiremock"
    title = "WireMock's stub mappings as its recorder writes them"

    def claims(self, document: Document) -> bool:
        """A mapping: a request with a ``url…`` matcher, a response, and a key that only WireMock uses, or a path for a URL and a status."""
        tree = document.probe
        if not isinstance(tree, dict):
            return False
        item = first_of(tree, "mappings") if "mappings" in tree else tree
        request, response = inner(item, "request"), inner(item, "response")
        if not response or not any(isinstance(request.get(key), str) for key in _URLS):
            return False
        if _OF_REQUEST & request.keys() or _OF_RESPONSE & response.keys() or _OF_MAPPING & item.keys():
            return True
        # Written by hand: a mapping may have nothing of its own.
        return str(request.get("url")).startswith("/") and "status" in response and not {"headers", "body"}.isdisjoint(response)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every mapping, in the order of the file."""
        if "mappings" in document.probe:
            return each(document, document.items("mappings", exact=True), _exchange)
        return each(document, [("mapping", document.tree(exact=True))], _exchange)

    def owner_of(self, path: PurePath) -> PurePath | None:
        """The folder of mappings that a file below ``__files`` belongs to."""
        for folder in path.parents:
            if folder.name == _FILES:
                return folder.parent / "mappings"
        return None


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    return exchange(
        document,
        index,
        place,
        method=request.get("method") if request.get("method") != "ANY" else None,
        url=next((request[key] for key in _URLS[:3] if isinstance(request.get(key), str)), None),
        request_headers={name: _equal(value) for name, value in inner(request, "headers").items()},
        request_body=next((found for p in _patterns(request) if (found := _equal(p)) is not None), None),
        status=response.get("status", 200),
        response_headers=response.get("headers"),
        response_body=_body(response, place, document),
    )


def _patterns(request: dict[str, Any]) -> list[Any]:
    found = request.get("bodyPatterns")
    return found if isinstance(found, list) else []


def _equal(matcher: Any) -> Any:
    """What a matcher demands to be equal."""
    return next((matcher[key] for key in ("equalTo", "equalToJson") if key in matcher), None) if isinstance(matcher, dict) else None


def _body(response: dict[str, Any], place: str, document: Document) -> Any:
    name = response.get("bodyFileName")
    if name is not None:
        found = _file(name, document) if isinstance(name, str) else None
        if found is None:
            raise bad(document, place, f"body file is not below {_FILES}", f"Copy the folder {_FILES} along with the mappings")
        return found
    if "jsonBody" in response:
        return response["jsonBody"]
    if "base64Body" in response:
        return from_base64(response["base64Body"], f"{document.name} {place}")
    return response.get("body")


def _file(name: str, document: Document) -> bytes | None:
    """The body file. Mappings may lie in folders below ``mappings``; ``__files`` then is further up."""
    up = ""
    if document.path is not None and "mappings" in document.path.parts[:-1]:
        below = list(reversed(document.path.parts[:-1])).index("mappings")
        up = "../" * (below + 1)
    tries = [f"{up or '../'}{_FILES}/{name}", f"{_FILES}/{name}"]
    return next((data for relative in tries if (data := document.sibling(relative)) is not None), None)


FORMAT = _WireMock()
