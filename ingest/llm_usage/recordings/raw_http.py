"""Owns HTTP messages saved as text (``curl -i``, dumps of request and response); must not know what a body means.

A response alone, or a request and its response, or several of either one after another. Interim heads (100, a proxy's
"connection established") are passed over. No time is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.http1 import REQUEST_LINE, STATUS_LINE, Message, parse
from llm_usage.errors import InputError
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings.document import Document

_FIRST = re.compile(rb"(?:%b\r?\n)*(?:%b|%b)[A-Za-z][A-Za-z0-9-]*:" % (STATUS_LINE.pattern, STATUS_LINE.pattern, REQUEST_LINE.pattern))
#: Bodies that an LLM API sends. A page saved with its head is no recording.
_MEDIA = re.compile(
    rb"\ncontent-type:[ \t]*(?:[a-z]+/[a-z0-9.-]*\+?json|application/x-ndjson|text/event-stream|application/vnd\.amazon\.eventstream)",
    re.IGNORECASE,
)
_START = re.compile(rb"(?:\A|(?<=\n)|(?<=\}))(?=HTTP/[0-9](?:\.[0-9])? [1-9][0-9]{2}|[A-Z]{3,10} [^ \r\n]+ HTTP/[0-9])")


class _RawHttp:
    name = "raw_http"
    title = "HTTP messages saved as text (curl -i, dumps of request and response)"
    generic = True

    def claims(self, document: Document) -> bool:
        """The file begins with the head of a message, and a head in it says JSON or a stream."""
        return _FIRST.match(document.head) is not None and _MEDIA.search(document.head) is not None

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every response, with the request before it if there is one."""
        return each(document, _pairs(document.content), _exchange)


def _pairs(data: bytes) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    """(request or empty, response or empty), by where heads begin at the start of a line."""
    cuts = [found.start() for found in _START.finditer(data)]
    request = b""
    at = 0
    for start, end in zip(cuts, [*cuts[1:], len(data)], strict=True):
        part = data[start:end]
        answer = STATUS_LINE.match(part)
        if answer is None:
            if request:
                yield f"byte {at}", (request, b"")
            request, at = part, start
        elif end == len(data) or not (answer[1].startswith(b"1") or not part[answer.end() :].strip()):
            yield f"byte {at if request else start}", (request, part)
            request = b""
    if request:
        yield f"byte {at}", (request, b"")


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    sent, received = item
    try:
        request: Message | None = parse(sent, document.limits)
        response = parse(received, document.limits)
    except InputError as error:
        raise error.at(f"{document.name} {place}") from None
    if response is None or response.status is None:
        raise bad(document, place, "request has no response", "Record it again, or take it out of the file")
    return exchange(
        document,
        index,
        place,
        method=request.method if request else None,
        url=request.url if request else None,
        request_headers=request.headers if request else None,
        request_body=request.body if request else None,
        status=response.status,
        response_headers=response.headers,
        response_body=response.body,
        incomplete=not response.whole,
    )


FORMAT = _RawHttp()
