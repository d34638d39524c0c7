"""Owns the rows of requests and of the ledger on their way to Arrow: one dataclass each, made of parts; knows only the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, get_type_hints

import pyarrow as pa

from llm_usage.model.identity import Identity
from llm_usage.model.request_parts import BilledUnit, Charges, Dimensions, Labels, Shape, Timing, Tokens
from llm_usage.model.schema import Table


@dataclass(slots=True)
class RequestRow:
    """One row of ``requests``: its parts, and the columns that belong to none (a test holds them against the table)."""

    identity: Identity
    labels: Labels
    tokens: Tokens
    charges: Charges
    dimensions: Dimensions
    timing: Timing
    shape: Shape
    request_id: str
    recording_kind: str
    exchange_index: int
    logical_request_id: str
    attempt: int
    started_at: datetime | None
    started_at_source: str
    response_created_at: datetime | None
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
    http_status: int | None
    status: str
    error_type: str | None
    error_code: str | None
    terminator: str | None
    finish_reason: str | None
    native_finish_reason: str | None
    billed_units: Sequence[BilledUnit] | None
    usage_source: str
    reasoning_accounting: str | None
    usage_json: str | None
    usage_anomalies: Sequence[str]
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


def to_arrow(table: Table, rows: Sequence[Any]) -> pa.Table:
    """Row dataclasses of one class as an Arrow table of the declared schema."""
    schema = table.arrow()
    if not rows:
        return schema.empty_table()
    column = getters(type(rows[0]))  # type: ignore[arg-type]  # mypy holds a class for no Hashable
    arrays = [array_of(list(map(column[each.name], rows)), each.type) for each in table.columns]
    return pa.Table.from_arrays(arrays, schema=schema)


def array_of(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values as an array of the declared type."""
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


@cache
def getters(row: type[object]) -> dict[str, Callable[[Any], Any]]:
    """How each column is got from a row of this class; the fields of a part are columns too.

    Raises:
        TypeError: two parts have a column of one name.
    """
    found: dict[str, Callable[[Any], Any]] = {}
    for name, kind in get_type_hints(row).items():
        nested = [f"{name}.{each.name}" for each in fields(kind)] if is_dataclass(kind) else [name]
        for path in nested:
            column = path.rpartition(".")[2]
            if column in found:
                raise TypeError(f"{row.__name__} has the column {column} twice")
            found[column] = attrgetter(path)
    return found
