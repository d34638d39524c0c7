"""Owns what every recording format needs: headers, bodies, pairs, and the making of an exchange; must not know any one format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from llm_usage.codecs.chunked import decode_chunked, looks_chunked
from llm_usage.codecs.content import decode_body
from llm_usage.errors import InputError, LimitError
from llm_usage.model.account import Account
from llm_usage.model.exchange import NO_CLOCK, NO_HEADERS, Clock, Exchange, Unreadable
from llm_usage.recordings._values import raw_bytes, status_code, text_or_none
from llm_usage.recordings.document import Document


def headers(value: Any, document: Document) -> Mapping[str, str]:
    """Allowed headers, lower-case, from any spelling: {name: value}, {name: [values]}, [{name, value}], [[name, value]].

    Of a header that came several times the first value stays.
    """
    keep = document.keep_headers
    found: dict[str, str] = {}
    for name, content in _pairs(value):
        lower = _text(name).lower()
        if lower in keep and (text := _text(_first(content))):
            found.setdefault(lower, text[:1000])
    return found or NO_HEADERS


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item.get("name") or item.get("key"), item.get("value", item.get("values"))
        elif isinstance(item, list) and len(item) == 2:
            yield item[0], item[1]


def media_type(value: Any) -> str:
    """The content type among headers of any spelling, lower-case, parameters included; empty when there is none.

    For formats whose layout of a body depends on it. What the bytes are is told by the bytes.
    """
    return next((_text(_first(content)).lower() for name, content in _pairs(value) if _text(name).lower() == "content-type"), "")


def _first(content: Any) -> Any:
    return content[0] if isinstance(content, list) and content else content


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, (str, int, Decimal, float)) and not isinstance(value, bool) else ""


def decoded_body(value: Any, coding: str | None, document: Document, place: str) -> tuple[bytes, bool]:
    """A body without transfer coding (where a recorder kept it, to the last chunk) and content coding, and whether it was whole.

    Raises:
        LimitError: it is larger than the limits allow.
        InputError: its compression is damaged from the start.
    """
    data = raw_bytes(value)
    if looks_chunked(data):
        with suppress(InputError):
            plain = decode_chunked(data, document.limits)
            data = plain.body if plain.complete else data
    return decode_body(data, coding, document.limits, f"{document.name} {place}")


def decoded_request(value: Any, document: Document, place: str, coding: str | None = None) -> bytes | None:
    """A request body without its content coding.

    None when it was not recorded, or its coding is damaged: the response is not lost with it.

    Raises:
        LimitError: it is larger than the limits allow.
    """
    try:
        return None if value is None else decoded_body(value, coding, document, place)[0]
    except LimitError:
        raise
    except InputError:
        return None


def exchange(
    document: Document,
    index: int,
    place: str,
    *,
    method: Any = None,
    url: Any = None,
    request_headers: Any = None,
    request_body: Any = None,
    status: Any = None,
    response_headers: Any = None,
    response_body: Any = None,
    clock: Clock = NO_CLOCK,
    incomplete: bool = False,
    account: Account | None = None,
) -> Exchange:
    """An exchange from the parts as a tool writes them: any spelling of headers and status, bodies as bytes, text or tree.

    Raises:
        LimitError: a body is larger than the limits allow.
        InputError: the compression of the response body is damaged from the start.
    """
    sent = headers(request_headers, document)
    received = headers(response_headers, document)
    decoded, whole = decoded_body(response_body, received.get("content-encoding"), document, place)
    return Exchange(
        index=index,
        place=place,
        method=method.upper() if isinstance(method, str) and method else None,
        url=text_or_none(url),
        request_headers=sent,
        request_body=decoded_request(request_body, document, place, sent.get("content-encoding")),
        status=status_code(status),
        response_headers=received,
        body=decoded,
        clock=clock,
        incomplete=incomplete or not whole,
        account=account,
    )


def pair(document: Document, index: int, place: str, sent: Any, received: Any, **other: Any) -> Exchange:
    """An exchange from a request and a response whose fields have the usual names; ``other`` says what is spelled otherwise.

    Raises:
        InputError: as `exchange`.
    """
    usual = {
        "method": sent.get("method"),
        "url": sent.get("url"),
        "request_headers": sent.get("headers"),
        "request_body": sent.get("body"),
        "status": received.get("status"),
        "response_headers": received.get("headers"),
        "response_body": received.get("body"),
    }
    return exchange(document, index, place, **(usual | other))


Maker = Callable[[int, str, Any, Document], Exchange]


def each(document: Document, found: Iterable[tuple[str, Any]], make: Maker) -> Iterator[Exchange | Unreadable]:
    """What ``make`` makes of every item: a bad one becomes Unreadable and the next is read.

    Raises:
        InputError: from ``found``: the file cannot be read on.
    """
    for index, (place, item) in enumerate(found):
        try:
            yield make(index, place, item, document)
        except InputError as error:
            # What knows no file (a tree that is no JSON) names no place.
            yield Unreadable(index, error if error.place else bad(document, place, error.thing, error.remedy))


def halves(item: Any, place: str, document: Document, request: str = "request", response: str = "response") -> tuple[Any, Any]:
    """The request and the response of a recorded pair, both mappings.

    Raises:
        InputError: one of them is missing: nothing can be said about the call.
    """
    sent, received = (item.get(request), item.get(response)) if isinstance(item, dict) else (None, None)
    if not isinstance(sent, dict) or not isinstance(received, dict):
        raise bad(document, place, "exchange has no request or no response", "Record it again; the file may be cut off there")
    return sent, received


def bad(document: Document, place: str, thing: str, remedy: str) -> InputError:
    """The error for something wrong at ``place`` in the file. ``thing`` must not quote the file."""
    return InputError(f"{document.name} {place}", thing, remedy)


def first_of(tree: Any, *keys: str) -> Any:
    """The first item of the list at ``keys`` below the root; None when there is none."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree[0] if isinstance(tree, list) and tree else None


def inner(tree: Any, key: str) -> dict[str, Any]:
    """The mapping at ``key``, empty when there is none."""
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}
