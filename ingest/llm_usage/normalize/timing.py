"""Owns what a recorder's clock says about a stream: arrivals of frames, gaps, and the latencies defined in metrics.md. Pure.

Everything is None unless it was observed. Arrivals that count from the response headers give spans and gaps, but TTFT and
end-to-end only as lower bounds (``after_headers_*``), unless the recorder timed the headers too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.exchange import Clock
from llm_usage.model.frames import COMMENT, EMPTY, Frames


@dataclass(frozen=True, slots=True)
class Timing:
    """Latencies of one request, ns; names as in the requests table."""

    timing_source: str
    arrival_origin: str | None = None
    headers_ns: int | None = None
    first_chunk_ns: int | None = None
    ttft_ns: int | None = None
    first_output_ns: int | None = None
    e2e_ns: int | None = None
    duration_ns: int | None = None
    stream_span_ns: int | None = None
    after_headers_ttft_ns: int | None = None
    after_headers_e2e_ns: int | None = None
    arrived: list[int | None] | None = None
    gaps: list[int | None] | None = None


def observe(clock: Clock, frames: Frames, columns: ChunkColumns, *, has_server_clock: bool) -> Timing:
    """What the clock says about these frames."""
    if not clock.arrivals_ns or not len(frames) or clock.origin is None:
        if clock.duration_ns is not None:
            source = "total"
        elif clock.headers_ns is not None:
            source = "headers_only"
        else:
            source = "server" if has_server_clock else "none"
        first = clock.first_chunk_ns if source == "total" else None  # a first frame without an end is no clock that has a name
        return Timing(source, headers_ns=clock.headers_ns, first_chunk_ns=first, duration_ns=clock.duration_ns)
    arrivals: Sequence[int] = clock.arrivals_ns
    origin: str = clock.origin
    if origin == "headers" and clock.headers_ns is not None:
        arrivals = [clock.headers_ns + at for at in arrivals]
        origin = "request"
    arrived = _arrivals(frames, clock.read_ends, arrivals)
    bearing = [i for i, bears in enumerate(columns.is_token_bearing) if bears and arrived[i] is not None]
    visible = [i for i in bearing if columns.visible[i]]
    data = [i for i, mark in enumerate(frames.mark) if mark != COMMENT and mark != EMPTY and arrived[i] is not None]
    first, last = (arrived[bearing[0]], arrived[bearing[-1]]) if bearing else (None, None)
    span = last - first if first is not None and last is not None and frames.is_stream else None
    end = clock.duration_ns
    if end is None and origin == "request" and clock.read_ends:
        end = arrivals[-1]
    from_request = origin == "request"
    return Timing(
        "per_chunk",
        arrival_origin=origin,
        headers_ns=clock.headers_ns,
        first_chunk_ns=arrived[data[0]] if data and from_request else None,
        ttft_ns=first if from_request else None,
        first_output_ns=arrived[visible[0]] if visible and from_request else None,
        e2e_ns=last if from_request else None,
        duration_ns=end,
        stream_span_ns=span,
        after_headers_ttft_ns=None if from_request else first,
        after_headers_e2e_ns=None if from_request else last,
        arrived=arrived,
        gaps=_gaps(bearing, arrived) if frames.is_stream else None,
    )


def _arrivals(frames: Frames, ends: Sequence[int], arrivals: Sequence[int]) -> list[int | None]:
    """Arrival of each frame: that of the read that completed it. Several frames in one read share it."""
    out: list[int | None] = []
    read, reads = 0, len(ends)
    for offset, length in zip(frames.offset, frames.length, strict=True):
        end = offset + length
        while read < reads and ends[read] < end:
            read += 1
        out.append(arrivals[read] if read < reads else None)
    return out


def _gaps(bearing: list[int], arrived: list[int | None]) -> list[int | None]:
    gaps: list[int | None] = [None] * len(arrived)
    before: int | None = None
    for i in bearing:
        at = arrived[i]
        if at is not None:
            if before is not None:
                gaps[i] = at - before
            before = at
    return gaps
