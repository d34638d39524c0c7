"""Owns the folding of one response into its request row: status, shape, date, money, tokens. Pure; values in, a row out.

Must not know recordings, framings or dialects: it sees an exchange, frames, chunk columns, observations and a route.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from llm_usage.model.amounts import usage_json, usd
from llm_usage.model.chunk_columns import COMMENT as COMMENT_KIND
from llm_usage.model.chunk_columns import MALFORMED, ChunkColumns
from llm_usage.model.exchange import Exchange
from llm_usage.model.frames import DATA, STRAY
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.rows import RequestRow
from llm_usage.model.stream import Stream
from llm_usage.normalize.address import address_and_path, clean_path
from llm_usage.normalize.started_at import started
from llm_usage.normalize.timing import Timing
from llm_usage.normalize.usage import settle
from llm_usage.providers import Route

_NAME_BYTES = 300


@dataclass(frozen=True, slots=True)
class Identity:
    """Where a request row belongs."""

    recording_id: str
    generation: str
    source: str
    recording_path: str
    recording_sha256: str
    recording_format: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Attribution from configured rules."""

    project: str | None = None
    user_label: str | None = None


NO_LABELS = Labels()


def request_id(recording_id: str, index: int) -> str:
    """Hash of (recording_id, exchange_index): 32 hexadecimal digits."""
    return hashlib.sha256(f"{recording_id}/{index}".encode()).hexdigest()[:32]


def recording_id(source: str, path: str) -> str:
    """Hash of (source, recording_path): 32 hexadecimal digits."""
    return hashlib.sha256(f"{source}\0{path}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def fold(
    exchange: Exchange,
    stream: Stream,
    columns: ChunkColumns,
    reading: Observations,
    facts: RequestFacts,
    route: Route,
    timing: Timing,
    identity: Identity,
    labels: Labels = NO_LABELS,
) -> RequestRow:
    """The request row. ``logical_request_id`` and ``attempt`` are those of a first attempt; `Attempts` sets them."""
    frames = stream.frames
    settled = settle(reading, provider_separate=route.reasoning_separate)
    anomalies = list(settled.anomalies)
    costs = [
        usd(value, anomalies) for value in (reading.cost_usd, reading.cost_input_usd, reading.cost_output_usd, reading.upstream_cost_usd)
    ]
    tokens = settled.tokens
    started_at, started_source = started(exchange, reading)
    address, path = address_and_path(exchange)
    own_id = request_id(identity.recording_id, exchange.index)
    status = _status(exchange, stream, reading)
    return RequestRow(
        recording_id=identity.recording_id,
        generation=identity.generation,
        request_id=own_id,
        source=identity.source,
        recording_path=identity.recording_path,
        recording_sha256=identity.recording_sha256,
        recording_format=identity.recording_format,
        exchange_index=exchange.index,
        logical_request_id=own_id,
        attempt=1,
        started_at=started_at,
        started_at_source=started_source,
        server_address=_name(address),
        url_path=path,
        api=reading.api,
        api_inner=reading.api_inner,
        operation=reading.operation or facts.operation,
        gateway=route.gateway,
        provider=route.provider,
        provider_raw=_name(route.provider_raw),
        request_model=_name(facts.model),
        response_model=_name(reading.response_model),
        is_stream=frames.is_stream,
        max_tokens=facts.max_tokens,
        temperature=facts.temperature,
        tool_count=facts.tool_count,
        message_count=facts.message_count,
        request_bytes=len(exchange.request_body) if exchange.request_body is not None else None,
        prompt_sha256=facts.prompt_sha256,
        service_tier_requested=_name(facts.service_tier),
        service_tier=_name(reading.service_tier),
        response_id=_name(reading.response_id),
        project=labels.project,
        user_label=labels.user_label,
        http_status=exchange.status,
        status=status,
        error_type=_code(reading.error_type),
        error_code=_code(reading.error_code),
        terminator=reading.terminator or ("eof" if frames.is_stream else None),
        finish_reason=_name(reading.finish_reason),
        native_finish_reason=_name(reading.native_finish_reason),
        input_tokens=tokens.get("input_tokens"),
        cache_read_tokens=tokens.get("cache_read_tokens"),
        cache_write_tokens=tokens.get("cache_write_tokens"),
        cache_write_1h_tokens=tokens.get("cache_write_1h_tokens"),
        output_tokens=tokens.get("output_tokens"),
        reasoning_tokens=tokens.get("reasoning_tokens"),
        input_audio_tokens=tokens.get("input_audio_tokens"),
        input_image_tokens=tokens.get("input_image_tokens"),
        output_audio_tokens=tokens.get("output_audio_tokens"),
        output_image_tokens=tokens.get("output_image_tokens"),
        billed_input_tokens=tokens.get("billed_input_tokens"),
        billed_output_tokens=tokens.get("billed_output_tokens"),
        total_tokens_reported=tokens.get("total_tokens_reported"),
        usage_source=reading.usage_source,
        reasoning_accounting=settled.reasoning_accounting,
        usage_json=usage_json(reading.usage),
        usage_anomalies=anomalies,
        cost_reported_usd=costs[0],
        cost_reported_input_usd=costs[1],
        cost_reported_output_usd=costs[2],
        is_byok=reading.is_byok,
        upstream_cost_usd=costs[3],
        timing_source=timing.timing_source,
        arrival_origin=timing.arrival_origin,
        headers_ns=timing.headers_ns,
        first_chunk_ns=timing.first_chunk_ns,
        ttft_ns=timing.ttft_ns,
        first_output_ns=timing.first_output_ns,
        e2e_ns=timing.e2e_ns,
        duration_ns=timing.duration_ns,
        stream_span_ns=timing.stream_span_ns,
        after_headers_ttft_ns=timing.after_headers_ttft_ns,
        after_headers_e2e_ns=timing.after_headers_e2e_ns,
        server_queue_ns=reading.server_queue_ns,
        server_prefill_ns=reading.server_prefill_ns,
        server_decode_ns=reading.server_decode_ns,
        server_ttft_ns=reading.server_ttft_ns,
        server_total_ns=reading.server_total_ns,
        frame_count=sum(1 for mark in frames.mark if mark in (DATA, STRAY)),
        comment_count=columns.kind.count(COMMENT_KIND),
        token_frame_count=sum(columns.is_token_bearing),
        reasoning_frame_count=sum(1 for size in columns.reasoning_bytes if size),
        tool_frame_count=sum(1 for size in columns.tool_bytes if size),
        malformed_frame_count=columns.kind.count(MALFORMED),
        body_bytes=len(exchange.body),
        text_bytes=sum(columns.text_bytes),
        reasoning_bytes=sum(columns.reasoning_bytes),
        tool_bytes=sum(columns.tool_bytes),
        body_sha256=hashlib.sha256(exchange.body).hexdigest(),
    )


def _name(value: str | None) -> str | None:
    """A name from a recording: bounded, and valid as UTF-8."""
    if not value:
        return None
    return value[:_NAME_BYTES].encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _code(value: str | None) -> str | None:
    """An error's type or code; what looks like a key in it is cut."""
    name = _name(value)
    return clean_path(name) if name is not None else None


def _status(exchange: Exchange, stream: Stream, reading: Observations) -> str:
    """The first that applies. Source: schema.md, column status."""
    if exchange.status is not None and exchange.status >= 400:
        return "http_error"
    if reading.error:
        return "stream_error"
    decoded = any(payload is not None for payload in stream.objects) or bool(stream.done)
    if exchange.body and not decoded and reading.api != "other":
        return "unparseable"
    if reading.api == "other":
        if not exchange.body.strip():
            return "empty"
        if stream.frames.framing == "none" or (not stream.is_stream and not decoded):
            return "unparseable"
        return "truncated" if exchange.incomplete else "ok"
    if not reading.message_seen:
        return "empty"
    if exchange.incomplete or (stream.is_stream and not reading.complete):
        return "truncated"
    return "ok"
