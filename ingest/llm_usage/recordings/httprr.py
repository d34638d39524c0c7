"""Owns the traces of httprr (Go: ``httprr trace v1``, plain or compressed); must not know what a body means.

Each record is a line with two byte counts, then the request and the response as they went over the wire, transfer coding
and all. httprr records no time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.http1 import parse
from llm_usage.errors import InputError
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings.document import Document

_MAGIC = re.compile(rb"httprr trace v[0-9]+\r?\n")
_COUNTS = re.compile(rb"([0-9]{1,15}) ([0-9]{1,15})\r?\n")


class _HttpRr:
    name = "httprr"
    title = "Traces of httprr (Go: httprr trace v1, plain or compressed)"

    def claims(self, document: Document) -> bool:
        """The first line says so."""
        return _MAGIC.match(document.head) is not None

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every record, in the order of the file."""
        return each(document, _records(document), _exchange)


def _records(document: Document) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    data = document.content
    magic = _MAGIC.match(data)
    pos = magic.end() if magic else 0
    while pos < len(data):
        counts = _COUNTS.match(data, pos)
        if counts is None:
            raise InputError(f"{document.name} byte {pos}", "is no pair of byte counts", "Restore or re-record the trace")
        start = counts.end()
        middle = start + int(counts[1])
        end = middle + int(counts[2])
        if end > len(data):
            raise InputError(f"{document.name} byte {pos}", "record is longer than the file", "Re-record the trace; it was cut off")
        yield f"byte {pos}", (data[start:middle], data[middle:end])
        pos = end


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    sent, received = item
    where = f"{document.name} {place}"
    try:
        request, response = parse(sent, document.limits), parse(received, document.limits)
    except InputError as error:
        raise error.at(where) from None
    if request is None or response is None or request.method is None or response.status is None:
        raise bad(document, place, "record does not hold an HTTP request and its response", "Restore or re-record the trace")
    return exchange(
        document,
        index,
        place,
        method=request.method,
        url=request.url,
        request_headers=request.headers,
        request_body=request.body,
        status=response.status,
        response_headers=response.headers,
        response_body=response.body,
        incomplete=not response.whole,
    )


FORMAT = _HttpRr()
