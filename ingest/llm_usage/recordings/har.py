"""Owns HTTP Archives (HAR 1.2: Polly.js, browsers, proxies), JSON or YAML; must not know what a body means.

Time zero is the start of ``timings.send``, "request sent": ``blocked``, ``dns`` and ``connect`` lie before it. ``wait`` then ends at
the headers and ``receive`` at the end. -1 is unknown. Polly.js writes time == wait and receive 0, so its figure is the total
and nothing is known about the headers; whoever else writes receive 0 is read alike. Chrome adds ``_eventSourceMessages`` with
the wall clock of each event.
WebSocket messages are no HTTP response and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from llm_usage.codecs.content import coding_of
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, pair
from llm_usage.recordings._sse import event, event_ends
from llm_usage.recordings._values import from_base64, instant, millis, nanos
from llm_usage.recordings.document import Document

_HEX = re.compile("[0-9a-f]+")
_HEX_PIECES = re.compile(r'\["((?:[0-9a-f]{2})+)"(?:,"(?:[0-9a-f]{2})+")*\]')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Har:
    name = "har"
    title = "HTTP Archives (HAR 1.2: Polly.js, browsers, proxies), JSON or YAML"

    def claims(self, document: Document) -> bool:
        """``log.entries``: pairs of request and response, or none yet."""
        log = inner(document.probe, "log")
        if log.get("entries") == []:
            return "version" in log or "creator" in log
        first = first_of(log, "entries")
        return isinstance(first, dict) and isinstance(first.get("request"), dict) and "url" in first["request"]

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every entry, in the order of the file."""
        return each(document, document.items("log", "entries"), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    content = inner(response, "content")
    response_body = _content(content, place, document)
    messages = item.get("_eventSourceMessages")
    messages = messages if isinstance(messages, list) and messages else []
    if not response_body and messages:
        response_body = b"".join(event(m.get("data"), m.get("eventName"), m.get("eventId")) for m in messages if isinstance(m, dict))
    made = pair(
        document,
        index,
        place,
        request,
        response,
        request_body=_content(inner(request, "postData"), place, document),
        response_body=response_body,
        clock=_clock(item),
        # A browser that has dropped the text still knows its size.
        incomplete=not response_body and isinstance(content.get("size"), int) and content["size"] > 0,
    )
    return _with_arrivals(made, messages, item) if messages else made


def _content(content: dict[str, Any], place: str, document: Document) -> Any:
    """The text of ``content`` or ``postData``; Playwright may keep it in a file beside the archive."""
    text, name = content.get("text"), content.get("_file")
    if text is None and isinstance(name, str):
        return document.sibling(name)
    if content.get("encoding") == "base64" and text:
        return from_base64(text, f"{document.name} {place}")
    return _unhex(text, content) if isinstance(text, str) else text


def _unhex(text: str, content: dict[str, Any]) -> Any:
    """Text, unless Polly.js before version 5 wrote hex: of binary bytes, or of each piece of a body with a content coding."""
    pieces = _HEX_PIECES.fullmatch(text)
    if pieces is not None and (coding_of(bytes.fromhex(pieces[1][:8])) is not None or content.get("_isBinary") is True):
        return bytes.fromhex("".join(_HEX.findall(text)))
    if content.get("_isBinary") is True and _HEX.fullmatch(text) and len(text) % 2 == 0:
        return bytes.fromhex(text)
    return text


def _clock(item: dict[str, Any]) -> Clock:
    started_at = instant(item.get("startedDateTime"))
    timings = inner(item, "timings")
    total = millis(item.get("time"))
    send, wait, receive = (millis(timings.get(key)) for key in ("send", "wait", "receive"))
    headers = (send or Decimal(0)) + (wait or Decimal(0))
    if wait is None or receive == 0:
        # No time at all went by between headers and end: the tool has one figure for both.
        before = _before_send(timings)
        whole = headers if total is None else total - before if total >= before else total
        return Clock(started_at=started_at, duration_ns=nanos(whole))
    return Clock(
        started_at=started_at,
        headers_ns=nanos(headers),
        duration_ns=nanos(headers + receive) if receive is not None else None,
    )


def _before_send(timings: dict[str, Any]) -> Decimal:
    """What went by between ``startedDateTime`` and the sending of the request. TLS (``ssl``) is part of ``connect``."""
    return sum((millis(timings.get(key)) or Decimal(0) for key in ("blocked", "dns", "connect")), Decimal(0))


def _with_arrivals(made: Exchange, messages: list[Any], item: dict[str, Any]) -> Exchange:
    """The exchange with the arrival of each event, if the messages are the events of the body and all have a time."""
    ends = event_ends(made.body)
    started_at = made.clock.started_at
    if started_at is None or len(ends) != len(messages):
        return made
    elapsed = started_at - _EPOCH
    zero = Decimal(elapsed.days * 86_400_000 + elapsed.seconds * 1000) + Decimal(elapsed.microseconds) / 1000
    zero += _before_send(inner(item, "timings"))
    at: list[int] = []
    for message in messages:
        seconds = message.get("time") if isinstance(message, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float, Decimal)) or not 10**9 < seconds < 10**11:
            return made
        arrived = int(((Decimal(repr(seconds)) if isinstance(seconds, float) else Decimal(seconds)) * 1000 - zero) * 1_000_000)
        if arrived < (at[-1] if at else 0):
            return made  # a clock that runs backwards tells nothing
        at.append(arrived)
    clock = made.clock
    timed = Clock(clock.started_at, clock.headers_ns, clock.duration_ns, origin="request", read_ends=ends, arrivals_ns=at)
    return replace(made, clock=timed)


FORMAT = _Har()
