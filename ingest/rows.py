"""Owns rows on their way to Arrow: one dataclass a request, one builder of column lists for chunks; knows only the tables.

Chunks of many streams share one builder. What is constant over a stream (ids, clock) is stored once and repeated as a
dictionary index, never as a string a chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa

from ingest.columns import ChunkColumns
from ingest.frames import Frames
from ingest.schema import KINDS, TIMING_SOURCES, Table
from ingest.tables import CHUNKS


@dataclass(slots=True)
class RequestRow:
    """One row of ``requests``; field for column, as `ingest.tables.REQUESTS` says (a test holds the two together)."""

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
        arrays.append(_array(values, column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def _texts(values: list[str | None]) -> list[str | None]:
    """Strings that are valid as UTF-8: a provider may cut an emoji between two frames, which leaves half a surrogate pair in each."""
    return [v if v is None or v.isascii() else v.encode("utf-8", "replace").decode() for v in values]


def _money(value: Decimal | None) -> Decimal | None:
    """As the column holds it: 12 decimals, half-even; what is beyond it is NULL (the request flags both)."""
    return None if value is None or value > _MOST else value.quantize(_PICO, ROUND_HALF_EVEN)


_PICO = Decimal("1e-12")
_MOST = Decimal(99999999)
_KIND_DICTIONARY = pa.array(KINDS, pa.string())
_TIMING_DICTIONARY = pa.array(TIMING_SOURCES, pa.string())
_TIMING_INDEX = {name: i for i, name in enumerate(TIMING_SOURCES)}
_PLAIN = (
    "choice_index", "is_token_bearing", "text_bytes", "text_chars", "reasoning_bytes", "tool_bytes", "has_usage",
    "cum_input_tokens", "cum_output_tokens", "delta_output_tokens",
)  # fmt: skip


class ChunkBuilder:
    """Collects the chunks of streams as column lists; `take` gives them as one Arrow table and empties the builder."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._streams: list[tuple[str, str, str]] = []
        self._stream_index: list[int] = []
        self._lists: dict[str, list[Any]] = {name: [] for name in CHUNKS.names}
        self.rows = 0

    def add(
        self,
        ids: tuple[str, str, str],
        frames: Frames,
        columns: ChunkColumns,
        arrived: Sequence[int | None] | None,
        gaps: Sequence[int | None] | None,
    ) -> None:
        """Append one stream.

        Args:
            ids: recording_id, generation, request_id.
            frames: its frames.
            columns: what the dialect read in them, one entry a frame.
            arrived: arrival of each frame in ns, or None when the recording has no arrival times.
            gaps: time since the token-bearing frame before, likewise.
        """
        n = len(columns)
        lists = self._lists
        self._stream_index.extend([len(self._streams)] * n)
        self._streams.append(ids)
        lists["chunk_index"].extend(range(n))
        lists["event_name"].extend(frames.event)
        lists["event_id"].extend(frames.event_id)
        lists["kind"].extend(columns.kind)
        lists["byte_offset"].extend(frames.offset)
        lists["frame_bytes"].extend(frames.length)
        lists["data_bytes"].extend(map(len, frames.payload))
        nothing: list[None] = [None] * n
        lists["arrived_ns"].extend(arrived if arrived is not None else nothing)
        lists["gap_ns"].extend(gaps if gaps is not None else nothing)
        server = columns.server_created_us
        lists["server_created_at"].extend(server)
        none, per_chunk, by_server = _TIMING_INDEX["none"], _TIMING_INDEX["per_chunk"], _TIMING_INDEX["server"]
        if arrived is not None:
            lists["timing_source"].extend([per_chunk if at is not None else none for at in arrived])
        else:
            lists["timing_source"].extend([none if at is None else by_server for at in server])
        lists["finish_reason"].extend(_texts(columns.finish_reason))
        lists["text"].extend(_texts(columns.text) if columns.keep_text else nothing)
        costs = columns.cost_usd
        lists["cost_usd"].extend(nothing if costs == nothing else map(_money, costs))
        for name in _PLAIN:
            lists[name].extend(getattr(columns, name))
        self.rows += n

    def take(self) -> pa.Table:
        """Everything added since the last call, as a table of the declared schema."""
        lists = self._lists
        arrays: dict[str, pa.Array] = {}
        index = pa.array(self._stream_index, pa.int32())
        for position, name in enumerate(("recording_id", "generation", "request_id")):
            values = pa.array([ids[position] for ids in self._streams], pa.string())
            arrays[name] = pa.DictionaryArray.from_arrays(index, values)
        arrays["kind"] = pa.DictionaryArray.from_arrays(pa.array(lists["kind"], pa.int32()), _KIND_DICTIONARY)
        arrays["timing_source"] = pa.DictionaryArray.from_arrays(pa.array(lists["timing_source"], pa.int32()), _TIMING_DICTIONARY)
        arrays["server_created_at"] = pa.array(lists["server_created_at"], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        for column in CHUNKS.columns:
            if column.name not in arrays:
                arrays[column.name] = _array(lists[column.name], column.type)
        table = pa.Table.from_arrays([arrays[name] for name in CHUNKS.names], schema=CHUNKS.arrow())
        self._clear()
        return table


def field_names(row: type) -> list[str]:
    """Field names of a row dataclass, in order."""
    return [f.name for f in fields(row)]
