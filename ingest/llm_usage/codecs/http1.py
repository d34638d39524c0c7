"""Owns the reading of HTTP/1.x messages as bytes, for traces that keep them; must not know any recording format.

Source: RFC 9112. Departures: a line may end with a bare LF, and a body may be cut anywhere.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from llm_usage.codecs.chunked import decode_chunked, looks_chunked
from llm_usage.limits import Limits

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(r"\r?\n")
STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])? ([1-9][0-9]{2})(?: [^\r\n]*)?\r?\n")
REQUEST_LINE = re.compile(rb"([A-Z]{3,10}) ([^ \r\n]+) HTTP/[0-9](?:\.[0-9])?\r?\n")


class Message(NamedTuple):
    """A request or a response."""

    first: bytes
    """The request line or status line, with its line end."""
    headers: list[list[str]]
    body: bytes
    whole: bool
    """The transfer coding, if there was one, ended as it should."""

    @property
    def status(self) -> int | None:
        """The status of a response."""
        found = STATUS_LINE.match(self.first)
        return int(found[1]) if found else None

    @property
    def method(self) -> str | None:
        """The method of a request."""
        found = REQUEST_LINE.match(self.first)
        return found[1].decode("ascii") if found else None

    @property
    def url(self) -> str | None:
        """The URL of a request: as in its first line, or put together with the host."""
        found = REQUEST_LINE.match(self.first)
        if not found:
            return None
        target = found[2].decode("latin-1")
        host = next((value for name, value in self.headers if name.lower() == "host"), None)
        return f"https://{host}{target}" if host and target.startswith("/") else target


def parse(data: bytes, limits: Limits) -> Message | None:
    """The one message that the bytes are; None when they do not begin as one.

    Raises:
        InputError: the transfer coding is damaged.
        LimitError: the body is larger than ``body_bytes``.
    """
    if STATUS_LINE.match(data) is None and REQUEST_LINE.match(data) is None:
        return None
    end = _HEAD_END.search(data)
    head = data[: end.start() + 1] if end else data
    body = data[end.end() :] if end else b""
    first, _, rest = head.partition(b"\n")
    headers = []
    for line in _LINE_END.split(rest.decode("latin-1")):
        name, colon, value = line.partition(":")
        if colon:
            headers.append([name.strip(), value.strip()])
    chunked = any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers)
    whole = True
    if chunked and looks_chunked(body):
        body, _, whole = decode_chunked(body, limits)
    return Message(first + b"\n", headers, body, whole)
