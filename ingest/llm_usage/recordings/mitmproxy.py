"""Owns the flow files that mitmproxy writes (``mitmdump -w``); must not know what a body means.

A file is one tnetstring after another, a mapping a flow. The proxy keeps wall clocks in seconds: when the request began, when
the response's head had come (``response.timestamp_start``) and when it ended. TCP, UDP and DNS flows are no exchanges.
Source: mitmproxy, http.py (``Request``, ``Response``) and io/tnetstring.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from llm_usage.codecs.tnetstring import BadNetstringError, read_netstring
from llm_usage.errors import InputError
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, exchange, halves
from llm_usage.recordings._values import instant, nanos
from llm_usage.recordings.document import Document

_LENGTH = re.compile(rb"[1-9][0-9]{1,12}:[0-9]")
_MARKS = (b"11:client_conn;", b"11:server_conn;", b"4:type;4:http;")


class _Mitmproxy:
    name = "mitmproxy"
    title = "Flow files that mitmproxy writes (mitmdump -w)"

    def claims(self, document: Document) -> bool:
        """A tnetstring with the keys of a flow."""
        head = document.head
        return _LENGTH.match(head) is not None and any(mark in head for mark in _MARKS)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every HTTP flow, in the order of the file."""
        return each(document, _flows(document), _exchange)


def _flows(document: Document) -> Iterator[tuple[str, Any]]:
    data = document.content
    pos = 0
    while pos < len(data):
        try:
            flow, end = read_netstring(data, pos, document.limits.depth)
        except BadNetstringError:
            raise InputError(f"{document.name} byte {pos}", "flow cannot be read", "Restore the file; it may be cut off") from None
        if not isinstance(flow, dict) or flow.get("type", "http") == "http":
            yield f"byte {pos}", flow
        pos = end


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    start, head, end = request.get("timestamp_start"), response.get("timestamp_start"), response.get("timestamp_end")
    return exchange(
        document,
        index,
        place,
        method=_text(request.get("method")),
        url=_url(request),
        request_headers=request.get("headers"),
        request_body=request.get("content"),
        status=response.get("status_code"),
        response_headers=response.get("headers"),
        response_body=response.get("content"),
        clock=Clock(
            started_at=instant(start * 1000) if isinstance(start, Decimal) and start < 10**11 else None,
            headers_ns=_between(start, head),
            duration_ns=_between(start, end),
        ),
        incomplete=response.get("content") is None,  # streamed through and not kept
    )


def _between(start: Any, end: Any) -> int | None:
    if not isinstance(start, Decimal) or not isinstance(end, Decimal) or not 0 < end - start < 10**8:
        return None
    return nanos((end - start) * 1000)


def _url(request: dict[str, Any]) -> str | None:
    host, path = _text(request.get("host")), _text(request.get("path"))
    scheme, port = _text(request.get("scheme")) or "https", request.get("port")
    authority = _text(request.get("authority")) or (host if port in (None, 80, 443) else f"{host}:{port}")
    return f"{scheme}://{authority}{path or ''}" if host else path


def _text(value: Any) -> str | None:
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else None


FORMAT = _Mitmproxy()
