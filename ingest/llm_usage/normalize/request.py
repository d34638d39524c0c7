"""Owns the folding of one response into its request row: status, shape, date, money, tokens. Pure; values in, a row out.

Must not know recordings, framings or dialects: it sees an exchange, frames, chunk columns, observations and a route.
"""

from __future__ import annotations

import hashlib

from llm_usage.model.amounts import column_usd, usage_json, usd
from llm_usage.model.chunk_columns import MALFORMED, ChunkColumns
from llm_usage.model.exchange import Exchange
from llm_usage.model.frames import COMMENT
from llm_usage.model.identity import Identity, request_id
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.request_parts import NO_LABELS, Charges, Dimensions, Labels, Shape, Timing
from llm_usage.model.rows import RequestRow
from llm_usage.model.scrub import clean_name, clean_path
from llm_usage.model.stream import Stream
from llm_usage.normalize.address import address_and_path
from llm_usage.normalize.started_at import created, started
from llm_usage.normalize.usage import settle
from llm_usage.providers import Route

_NAME_BYTES = 300


def fold(
    exchange: Exchange,
    stream: Stream,
    columns: ChunkColumns,
    observed: Observations,
    facts: RequestFacts,
    route: Route,
    timing: Timing,
    identity: Identity,
    labels: Labels = NO_LABELS,
) -> RequestRow:
    """The request row. ``logical_request_id`` and ``attempt`` are those of a first attempt; `Attempts` sets them."""
    frames = stream.frames
    settled = settle(observed, provider_separate=route.reasoning_separate, generated=any(columns.is_token_bearing))
    anomalies = list(settled.anomalies)
    charges = Charges(
        cost_reported_usd=usd(observed.cost_usd, anomalies),
        cost_reported_input_usd=usd(observed.cost_input_usd, anomalies),
        cost_reported_output_usd=usd(observed.cost_output_usd, anomalies),
        is_byok=observed.is_byok,
        upstream_cost_usd=usd(observed.upstream_cost_usd, anomalies),
        cost_reported_by=_reported_by(exchange, observed, route),
        cost_other=column_usd(observed.cost_other),
        cost_currency=observed.cost_currency if observed.cost_other is not None else None,
    )
    dimensions = Dimensions(
        speed=_name(observed.speed),
        inference_region=_name(observed.inference_region) or route.region,
        traffic="subscription" if route.by_plan else observed.traffic,
        gateway_cache_hit=route.cache_hit,
    )
    started_at, started_source = started(exchange, observed)
    address, path = address_and_path(exchange)
    own_id = request_id(identity.recording_id, exchange.index)
    return RequestRow(
        identity,
        labels,
        settled.tokens,
        charges,
        dimensions,
        timing,
        _shape(exchange, stream, columns),
        request_id=own_id,
        recording_kind="wire" if exchange.account is None or exchange.body else "log",
        exchange_index=exchange.index,
        logical_request_id=own_id,
        attempt=1,
        started_at=started_at,
        started_at_source=started_source,
        response_created_at=created(observed),
        server_address=_name(address),
        url_path=path,
        api=observed.api,
        api_inner=observed.api_inner,
        operation=observed.operation or facts.operation,
        gateway=route.gateway,
        provider=route.provider,
        provider_raw=_name(route.provider_raw),
        request_model=_name(facts.model),
        response_model=_name(observed.response_model),
        is_stream=frames.is_stream or (exchange.account is not None and exchange.account.is_stream is True),
        max_tokens=facts.max_tokens,
        temperature=facts.temperature,
        tool_count=facts.tool_count,
        message_count=facts.message_count,
        request_bytes=len(exchange.request_body) if exchange.request_body is not None else None,
        prompt_sha256=facts.prompt_sha256,
        service_tier_requested=_name(facts.service_tier),
        service_tier=_name(observed.service_tier),
        response_id=_name(observed.response_id),
        http_status=exchange.status,
        status=_status(exchange, stream, observed),
        error_type=_code(observed.error_type),
        error_code=_code(observed.error_code),
        terminator=observed.terminator or ("eof" if frames.is_stream else None),
        finish_reason=_name(observed.finish_reason),
        native_finish_reason=_name(observed.native_finish_reason),
        billed_units=list(observed.units.values()) or None,
        usage_source=settled.usage_source,
        reasoning_accounting=settled.reasoning_accounting,
        usage_json=usage_json(observed.usage),
        usage_anomalies=anomalies,
        body_sha256=hashlib.sha256(exchange.body).hexdigest(),
    )


def _reported_by(exchange: Exchange, observed: Observations, route: Route) -> str | None:
    if observed.cost_usd is None and observed.cost_other is None:
        return None
    if exchange.account is not None and exchange.account.cost_by is not None and observed.cost_usd == exchange.account.cost_usd:
        return exchange.account.cost_by
    return "gateway" if observed.cost_by_gateway or route.gateway is not None else "provider"


def _shape(exchange: Exchange, stream: Stream, columns: ChunkColumns) -> Shape:
    return Shape(
        frame_count=sum(mark != COMMENT for mark in stream.frames.mark),
        comment_count=sum(mark == COMMENT for mark in stream.frames.mark),
        token_frame_count=sum(columns.is_token_bearing),
        reasoning_frame_count=sum(1 for size in columns.reasoning_bytes if size),
        tool_frame_count=sum(1 for size in columns.tool_bytes if size),
        malformed_frame_count=columns.kind.count(MALFORMED),
        body_bytes=len(exchange.body),
        text_bytes=sum(columns.text_bytes),
        reasoning_bytes=sum(columns.reasoning_bytes),
        tool_bytes=sum(columns.tool_bytes),
    )


def _name(value: str | None) -> str | None:
    """A name from a recording: bounded, and valid as UTF-8."""
    if not value:
        return None
    return clean_name(value[:_NAME_BYTES]).encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _code(value: str | None) -> str | None:
    """An error's type or code; what looks like a key in it is cut."""
    name = _name(value)
    return clean_path(name) if name is not None else None


def _status(exchange: Exchange, stream: Stream, observed: Observations) -> str:
    """The first that applies. Source: schema.md, column status."""
    if exchange.status is not None and exchange.status >= 400:
        return "http_error"
    if observed.error:
        return "stream_error"
    if exchange.account is not None and not exchange.body:
        return "truncated" if exchange.incomplete else "ok"
    decoded = any(payload is not None for payload in stream.objects) or bool(stream.done)
    if exchange.body and not decoded and observed.api != "other" and not observed.opaque:
        return "unparseable"
    if observed.api == "other":
        if not exchange.body.strip():
            return "empty"
        if stream.frames.framing == "none" or (not stream.is_stream and not decoded):
            return "unparseable"
        return "truncated" if exchange.incomplete else "ok"
    if not observed.message_seen and observed.finish_reason is None:
        return "empty"
    if exchange.incomplete or (stream.is_stream and not observed.complete):
        return "truncated"
    return "ok"
