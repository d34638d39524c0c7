"""Owns the logs of claude-trace (JSON lines, one pair a line, ``logged_at``); must not know what a body means.

A body that was JSON is a tree in ``body``, all else text in ``body_raw``. ``request.timestamp`` is taken before the fetch and
``response.timestamp`` when the headers were handed over, both in seconds; ``logged_at`` after the body. A request that was never
answered is written without a response. Source: badlogic/lemmy, apps/claude-trace, interceptor.ts.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from llm_usage.codecs.json import JsonError, loads, loads_exact
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, halves, inner, pair
from llm_usage.recordings._values import instant, nanos
from llm_usage.recordings.document import Document


class _ClaudeTrace:
    name = "claude_trace"
    title = "Logs of claude-trace (JSON lines, one pair a line, logged_at)"

    def claims(self, document: Document) -> bool:
        """The first line is a pair with ``logged_at`` and a request with a ``timestamp``."""
        if document.syntax == "json":
            return _is_pair(document.probe)
        return document.syntax == "text" and _is_pair(_first_line(document))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every line, in the order of the file."""
        return each(document, document.lines(), _exchange)


def _first_line(document: Document) -> Any:
    try:
        return loads(document.head.lstrip().partition(b"\n")[0])
    except JsonError:
        return None


def _is_pair(item: Any) -> bool:
    request = inner(item, "request")
    return "logged_at" in (item if isinstance(item, dict) else ()) and "timestamp" in request and isinstance(request.get("url"), str)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    try:
        logged = loads_exact(item)
    except JsonError:
        raise bad(document, place, "is not JSON", "Restore or re-record the file; it may be cut off") from None
    request, response = halves(logged, place, document)
    start, headers = request.get("timestamp"), response.get("timestamp")
    return pair(
        document,
        index,
        place,
        request,
        response,
        status=response.get("status_code"),
        response_body=response["body"] if "body" in response else response.get("body_raw"),
        clock=Clock(started_at=_instant(start), headers_ns=_between(start, headers), recorded_at=instant(logged.get("logged_at"))),
    )


def _seconds(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 0 < value < 10**11 else None


def _instant(value: Any) -> Any:
    seconds = _seconds(value)
    return instant(seconds * 1000) if seconds is not None else None


def _between(start: Any, end: Any) -> int | None:
    first, last = _seconds(start), _seconds(end)
    return nanos((last - first) * 1000) if first is not None and last is not None and 0 <= last - first < 10**8 else None


FORMAT = _ClaudeTrace()
