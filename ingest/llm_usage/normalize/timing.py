"""Owns what a recorder's clock says about a stream: arrivals of frames, gaps, and the latencies defined in metrics.md. Pure.

Everything is None unless it was observed. Arrivals that count from the response headers give spans and gaps, but TTFT and
end-to-end only as lower bounds (``after_headers_*``), unless the recorder timed the headers too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.exchange import Clock
from llm_usage.model.frames import COMMENT, EMPTY, Frames
from llm_usage.model.observations import Observations
from llm_usage.model.request_parts import Timing

_SERVER = ("server_queue_ns", "server_prefill_ns", "server_decode_ns", "server_ttft_ns", "server_total_ns")


class ObservedTiming(NamedTuple):
    """The times of a request, and of each of its frames where the recorder kept them."""

    timing: Timing
    arrived: list[int | None] | None = None
    """Arrival of each frame, ns from ``arrival_origin``."""
    gaps: list[int | None] | None = None
    """Time since the token-bearing frame before, ns."""


def observe_timing(clock: Clock, frames: Frames, columns: ChunkColumns, observed: Observations) -> ObservedTiming:
    """What the recorder's clock says about these frames, beside the server's own account."""
    server = {name: getattr(observed, name) for name in _SERVER}
    if not clock.arrivals_ns or not len(frames) or clock.origin is None:
        if clock.duration_ns is not None:
            source = "total"
        elif clock.headers_ns is not None:
            source = "headers_only"
        else:
            has_server_clock = any(value is not None for value in (*server.values(), *columns.server_created_us))
            source = "server" if has_server_clock else "none"
        first = clock.first_chunk_ns if source == "total" else None  # a first frame without an end is no clock that has a name
        ttft = clock.first_token_ns if source == "total" else None
        return ObservedTiming(
            Timing(source, headers_ns=clock.headers_ns, first_chunk_ns=first, ttft_ns=ttft, duration_ns=clock.duration_ns, **server)
        )
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
    timing = Timing(
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
        **server,
    )
    return ObservedTiming(timing, arrived, _gaps(bearing, arrived) if frames.is_stream else None)


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
