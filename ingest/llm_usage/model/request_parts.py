"""Owns the parts of a request row that are worked out together: labels, tokens, charges, times, shape. Values only.

Every field is a column of the requests table, under its name; `llm_usage.model.rows` puts the parts side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Labels:
    """Attribution from configured rules."""

    project: str | None = None
    user_label: str | None = None


NO_LABELS = Labels()


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token counts as the requests table has them: totals that include their subsets. None = not reported."""

    input_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    cache_read_audio_tokens: int | None = None
    cache_read_image_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    input_audio_tokens: int | None = None
    input_image_tokens: int | None = None
    output_audio_tokens: int | None = None
    output_image_tokens: int | None = None
    billed_input_tokens: int | None = None
    billed_output_tokens: int | None = None
    total_tokens_reported: int | None = None


class BilledUnit(NamedTuple):
    """So much of something that is charged beside tokens, and where it was read: an item of ``billed_units``."""

    unit: str
    quantity: Decimal
    read_from: str


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What a price depends on besides model, tier, time and size, as far as it is said."""

    speed: str | None = None
    inference_region: str | None = None
    traffic: str | None = None
    gateway_cache_hit: bool | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """What the response itself says was charged, USD as the columns hold it but for ``cost_other``."""

    cost_reported_usd: Decimal | None = None
    cost_reported_input_usd: Decimal | None = None
    cost_reported_output_usd: Decimal | None = None
    cost_reported_by: str | None = None
    cost_other: Decimal | None = None
    cost_currency: str | None = None
    is_byok: bool | None = None
    upstream_cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of one request, ns: what the recorder's clock says, and the server's own account."""

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
    server_queue_ns: int | None = None
    server_prefill_ns: int | None = None
    server_decode_ns: int | None = None
    server_ttft_ns: int | None = None
    server_total_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How an answer was cut, and how much of it is what: frames and bytes."""

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
