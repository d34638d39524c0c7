"""Owns plain JSON or YAML pairs ``{request, response}`` of no tool with a format of its own; must not know what a body means.

Test suites write them by hand or with a few lines of code: a list (the Anthropic SDK's snapshots, ExVCR, php-vcr), one pair, a
list under any one key, pairs under their hashes, or one pair a line. What they have in common is taken: a method, a URL, headers in
any spelling, a status, bodies as text, tree, a list of texts, or base64 where they say so. Nobody agrees on a clock: no time is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.json import JsonError, loads, loads_exact
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, first_of, halves, pair
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document

_URLS = ("url", "uri", "URL", "href")
_STATUSES = ("status_code", "statusCode", "status", "code")
_ASKED = ("body", "request_body", "content", "data", "json", "body_base64", "bodyBase64")
_BODIES = ("body", "response_body", "body_raw", "raw_body", "content", "data", "text", "json", "body_base64", "bodyBase64")
#: Where a half, or a body that is a mapping, says that the text is base64.
_SAYS_BASE64 = ("encoding", "body_encoding", "bodyEncoding", "isBase64Encoded", "is_base64", "base64Encoded", "base64")
#: Keys of a mapping around a text.
_AROUND = frozenset({"string", "text", "encoding", "mimeType", "size", "base64", "isBase64Encoded"})


class _JsonList:
    name = "json_list"
    title = "Plain JSON or YAML pairs {request, response} of no tool with a format of its own"
    generic = True

    def claims(self, document: Document) -> bool:
        """The first item is a pair with an absolute URL and a status."""
        tree = document.probe
        if isinstance(tree, list):
            return _is_pair(first_of(tree))
        if isinstance(tree, dict):
            return _is_pair(tree) or _key(tree) is not None or _by_hash(tree)
        return document.syntax == "text" and _is_pair(_first_line(document))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every pair, in the order of the file."""
        tree = document.probe
        if isinstance(tree, list):
            return each(document, document.items(exact=True), _exchange)
        if isinstance(tree, dict):
            if _by_hash(tree):
                pairs = document.tree(exact=True).values()
                return each(document, ((f"pair {number}", pair) for number, pair in enumerate(pairs, 1)), _exchange)
            key = _key(tree)
            found = document.items(key, exact=True) if key is not None else iter([("pair", document.tree(exact=True))])
            return each(document, found, _exchange)
        return each(document, document.lines(), _line)


def _key(tree: dict[str, Any]) -> str | None:
    """The one key with a list of pairs."""
    keys = [key for key in tree if _is_pair(first_of(tree, key))]
    return keys[0] if len(keys) == 1 else None


def _by_hash(tree: dict[str, Any]) -> bool:
    """Pairs, each under a key of its own: the hash of its request, say."""
    return bool(tree) and all(_is_pair(item) for item in tree.values())


def _first_line(document: Document) -> Any:
    try:
        return loads(document.head.lstrip().partition(b"\n")[0])
    except JsonError:
        return None


def _is_pair(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    request, response = item.get("request"), item.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict):
        return False
    url = _of(request, _URLS)
    return isinstance(url, str) and url.startswith(("http://", "https://")) and _of(response, _STATUSES) is not None


def _of(half: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((half[name] for name in names if half.get(name) is not None), None)


def _body(half: dict[str, Any], names: tuple[str, ...], place: str) -> Any:
    name = next((name for name in names if half.get(name) is not None), None)
    found = half.get(name) if name is not None else None
    coded = _is_base64(half) or (name or "").lower().endswith("base64")
    if isinstance(found, dict) and not found.keys() - _AROUND and ("string" in found or ("text" in found and len(found) > 1)):
        coded = coded or _is_base64(found)
        found = found.get("string", found.get("text"))
    if isinstance(found, list) and found and all(isinstance(part, str) for part in found):
        found = "".join(found)
    return from_base64(found, place) if coded and isinstance(found, str) else found


def _is_base64(half: dict[str, Any]) -> bool:
    return any(half.get(name) is True or half.get(name) == "base64" for name in _SAYS_BASE64)


def _line(index: int, place: str, item: Any, document: Document) -> Exchange:
    try:
        return _exchange(index, place, loads_exact(item), document)
    except JsonError:
        raise bad(document, place, "is not JSON", "Restore or re-record the file; it may be cut off") from None


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    response_body = _body(response, _BODIES, f"{document.name} {place}")
    if response_body is None and any("body" in name.lower() and name not in _BODIES and found for name, found in response.items()):
        raise bad(document, place, "response keeps its body under a name that is not known", f"Known are: {', '.join(_BODIES)}")
    return pair(
        document,
        index,
        place,
        request,
        response,
        url=_of(request, _URLS),
        request_body=_body(request, _ASKED, f"{document.name} {place}"),
        status=_of(response, _STATUSES),
        response_body=response_body,
    )


FORMAT = _JsonList()
