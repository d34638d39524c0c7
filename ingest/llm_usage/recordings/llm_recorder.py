"""Owns the JSON of Mastra's LLM recorder (``@internal/llm-recorder``); must not know what a body means.

A list of recordings, or ``{meta, recordings}``. Of a stream ``chunks[]`` are the network reads as text and ``chunkTimings[]`` the
milliseconds before each, the first counted from when the *headers* had been handed over (llm-recorder.ts,
``captureStreamingResponse``): the arrivals have the origin ``headers``. ``request.timestamp`` is taken before the fetch.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, first_of, halves, inner, pair
from llm_usage.recordings._values import arrivals, instant, raw_bytes
from llm_usage.recordings.document import Document


class _LlmRecorder:
    name = "llm_recorder"
    title = "JSON of Mastra's LLM recorder (@internal/llm-recorder)"

    def claims(self, document: Document) -> bool:
        """A list, or ``recordings``, of pairs whose response says ``isStreaming`` or has ``chunkTimings``."""
        tree = document.probe
        if isinstance(tree, dict) and tree.get("recordings") == [] and "createdAt" in inner(tree, "meta"):
            return True
        first = first_of(tree) if isinstance(tree, list) else first_of(tree, "recordings")
        response = inner(first, "response")
        return "url" in inner(first, "request") and ("isStreaming" in response or "chunkTimings" in response)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every recording, in the order of the file."""
        keys = ("recordings",) if isinstance(document.probe, dict) else ()
        return each(document, document.items(*keys, exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    request, response = halves(item, place, document)
    started_at = instant(request.get("timestamp"))
    chunks = response.get("chunks")
    if isinstance(chunks, list):
        reads = [raw_bytes(chunk) for chunk in chunks]
        response_body: Any = b"".join(reads)
        at = arrivals(response.get("chunkTimings"), len(reads))
        ends = list(accumulate(map(len, reads))) if at else []
        clock = Clock(started_at=started_at, origin="headers" if at else None, read_ends=ends, arrivals_ns=at)
    else:
        response_body = response.get("body")
        clock = Clock(started_at=started_at)
    return pair(
        document,
        index,
        place,
        request,
        response,
        response_body=response_body,
        clock=clock,
    )


FORMAT = _LlmRecorder()
