"""Owns the rows of requests and of the ledger on their way to Arrow: one dataclass each; knows only the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from llm_usage.model.schema import Table


@dataclass(slots=True)
class RequestRow:
    """One row of ``requests``; field for column, as `llm_usage.model.tables.REQUESTS` says (a test holds the two together)."""

    recording_id: str
    generation: str
    request_id: str
    source: str
    recording_path: str
    recording_sha256: str
    recording_format: str | None
    exchange_index: int
    logical_request_id: str
    attempt: int
    started_at: datetime | None
    started_at_source: str
    server_address: str | None
    url_path: str | None
    api: str
    api_inner: str | None
    operation: str | None
    gateway: str | None
    provider: str | None
    provider_raw: str | None
    request_model: str | None
    response_model: str | None
    is_stream: bool
    max_tokens: int | None
    temperature: float | None
    tool_count: int | None
    message_count: int | None
    request_bytes: int | None
    prompt_sha256: str | None
    service_tier_requested: str | None
    service_tier: str | None
    response_id: str | None
    project: str | None
    user_label: str | None
    http_status: int | None
    status: str
    error_type: str | None
    error_code: str | None
    terminator: str | None
    finish_reason: str | None
    native_finish_reason: str | None
    input_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    cache_write_1h_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    input_audio_tokens: int | None
    input_image_tokens: int | None
    output_audio_tokens: int | None
    output_image_tokens: int | None
    billed_input_tokens: int | None
    billed_output_tokens: int | None
    total_tokens_reported: int | None
    usage_source: str
    reasoning_accounting: str | None
    usage_json: str | None
    usage_anomalies: Sequence[str]
    cost_reported_usd: Decimal | None
    cost_reported_input_usd: Decimal | None
    cost_reported_output_usd: Decimal | None
    is_byok: bool | None
    upstream_cost_usd: Decimal | None
    timing_source: str
    arrival_origin: str | None
    headers_ns: int | None
    first_chunk_ns: int | None
    ttft_ns: int | None
    first_output_ns: int | None
    e2e_ns: int | None
    duration_ns: int | None
    stream_span_ns: int | None
    after_headers_ttft_ns: int | None
    after_headers_e2e_ns: int | None
    server_queue_ns: int | None
    server_prefill_ns: int | None
    server_decode_ns: int | None
    server_ttft_ns: int | None
    server_total_ns: int | None
    frame_count: int
    comment_count: int
    token_frame_count: int
    reasoning_frame_count: int
    tool_frame_count: int
    malformed_frame_count: int
    body_bytes: int
    text_bytes: int
    reasoning_bytes: int
    tool_bytes: int
    body_sha256: str


@dataclass(slots=True)
class RecordingRow:
    """One row of ``recordings``, the ledger."""

    recording_id: str
    source: str
    recording_path: str
    recording_sha256: str | None
    size_bytes: int | None
    mtime: datetime | None
    recording_format: str | None
    parser_version: str
    generation: str
    revision: int
    outcome: str
    exchanges: int
    llm_requests: int
    chunks: int
    ignored_exchanges: int
    ignored_reasons: Sequence[str]
    rejected_exchanges: int
    rejected_reasons: Sequence[str]
    error: str | None
    run_id: str
    ingested_at: datetime


def to_arrow(table: Table, rows: Iterable[Any]) -> pa.Table:
    """Row dataclasses as an Arrow table of the declared schema."""
    rows = list(rows)
    schema = table.arrow()
    arrays = []
    for column in table.columns:
        values = [getattr(row, column.name) for row in rows]
        arrays.append(array_of(values, column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def array_of(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values as an array of the declared type."""
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def field_names(row: type) -> list[str]:
    """Field names of a row dataclass, in order."""
    return [f.name for f in fields(row)]
