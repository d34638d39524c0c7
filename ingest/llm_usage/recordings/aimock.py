"""Owns the fixtures that aimock (CopilotKit, LLMock before) records; must not know what a body means.

aimock keeps no wire format: it collapses a stream into ``response.content``, ``toolCalls`` and the like, and of the frames
only their times: ``recordedTimings{ttftMs, interChunkDelaysMs[], totalDurationMs}``, counted from the request. So the body is the
collapsed response as JSON, the first frame and the total are known, and no arrival can be given to a frame that is not there.
Where a fixture does keep the stream (``chunks[]`` or ``frames[]``, or events in ``body``, one a delay), the delays are its arrivals.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, exchange, first_of, halves, inner
from llm_usage.recordings._sse import event_ends
from llm_usage.recordings._values import arrivals, millis, nanos, raw_bytes
from llm_usage.recordings.document import Document


class _Aimock:
    name = "aimock"
    title = "Fixtures that aimock (CopilotKit, LLMock before) records"

    def claims(self, document: Document) -> bool:
        """``fixtures``, whose first has a ``match`` and a ``response``."""
        first = first_of(document.probe, "fixtures")
        return isinstance(first, dict) and isinstance(first.get("match"), dict) and isinstance(first.get("response"), dict)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every fixture, in the order of the file."""
        return each(document, document.items("fixtures", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    _, response = halves(item, place, document, "match", "response")
    timings = inner(item, "recordedTimings")
    response_body, ends = _body(response)
    first, gaps = timings.get("ttftMs"), timings.get("interChunkDelaysMs")
    total = nanos(millis(timings.get("totalDurationMs")))
    at = arrivals([first, *gaps], len(ends)) if ends and isinstance(gaps, list) else []
    if at:
        clock = Clock(duration_ns=total, origin="request", read_ends=ends, arrivals_ns=at)
    else:
        clock = Clock(first_chunk_ns=nanos(millis(first)), duration_ns=total)
    return exchange(document, index, place, status=response.get("status"), response_body=response_body, clock=clock)


def _body(response: dict[str, Any]) -> tuple[Any, list[int]]:
    """The body, and where each frame ends in it, if it has frames."""
    for key in ("chunks", "frames"):
        reads = response.get(key)
        if isinstance(reads, list) and reads:
            parts = [raw_bytes(read) for read in reads]
            return b"".join(parts), list(accumulate(map(len, parts)))
    if isinstance(response.get("body"), str):
        text = raw_bytes(response["body"])
        return text, event_ends(text)
    return response.get("json", response), []


FORMAT = _Aimock()
