"""Owns the archives of LangChain's ``net-mocks``: HAR by its keys, with times and streams of its own; must not know what a body means.

``timings.wait`` ends at the headers and ``timings.receive`` at the end, **both** counted from the request; ``startedDateTime`` is taken
when the headers had been handed over, so it dates the exchange and is no start. An event stream is JSON in ``content.text``:
``{$type: "event-stream", events: [{timing, data}]}``, each a network read as text and the milliseconds from the headers to it. Source:
langchain-ai/langchainjs, internal/net-mocks, mock.ts and request.ts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

from llm_usage.codecs.json import JsonError, loads_exact
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, halves, inner, pair
from llm_usage.recordings._values import from_base64, instant, millis, nanos, raw_bytes
from llm_usage.recordings.document import Document

CREATOR = "langchain-net-mocks"


class _NetMocks:
    name = "net_mocks"
    title = "Archives of LangChain's net-mocks: HAR by its keys, with times and streams of its own"
    refines = ("har",)

    def claims(self, document: Document) -> bool:
        """An archive whose creator says so."""
        return inner(inner(document.probe, "log"), "creator").get("name") == CREATOR

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every entry, in the order of the file."""
        return each(document, document.items("log", "entries", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    timings = inner(item, "timings")
    response_body = _content(inner(response, "content"), f"{document.name} {place}")
    events = _events(response_body)
    reads = [raw_bytes(event.get("data")) for event in events]
    at = _arrivals(events)
    return pair(
        document,
        index,
        place,
        request,
        response,
        request_body=_content(inner(request, "postData"), f"{document.name} {place}"),
        response_body=b"".join(reads) if events else response_body,
        clock=Clock(
            headers_ns=nanos(millis(timings.get("wait"))),
            duration_ns=nanos(millis(timings.get("receive"))),
            recorded_at=instant(item.get("startedDateTime")),
            origin="headers" if at else None,
            read_ends=list(accumulate(map(len, reads))) if at else (),
            arrivals_ns=at,
        ),
        incomplete=not all(reads),
    )


def _content(content: dict[str, Any], place: str) -> Any:
    text = content.get("text")
    return from_base64(text, place) if content.get("encoding") == "base64" and text else text


def _events(text: Any) -> list[dict[str, Any]]:
    """The network reads of a stream; none when the text is the body itself."""
    if not isinstance(text, str) or not text.startswith('{"$type":"event-stream"'):
        return []
    try:
        events = loads_exact(text.encode("utf-8", "surrogatepass")).get("events")
    except JsonError:
        return []
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _arrivals(events: list[dict[str, Any]]) -> list[int]:
    """Arrivals in ns, if every read has one and none comes before its predecessor."""
    times = [millis(event.get("timing")) for event in events]
    if any(time is None for time in times) or any(later < earlier for earlier, later in pairwise(times)):  # type: ignore[operator]
        return []
    return [int(time * 1_000_000) for time in times if time is not None]


FORMAT = _NetMocks()
