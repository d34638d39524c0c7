"""Owns the arithmetic of one request's cost and its clock, as values; must not know how they are said or shown.

The arithmetic is done here a second time, in plain decimals, and held against the views.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

PICO = Decimal("1e-12")
#: Leaf, its parent's count, the unit price it falls back to: the leaves of input and of output. Source: usage-and-cost.md.
_INPUT = (
    ("cache read", "cache_read_tokens", "unit_cache_read_usd"),
    ("cache write, 5 minutes", "cache_write_tokens", "unit_cache_write_usd"),
    ("cache write, 1 hour", "cache_write_1h_tokens", "unit_cache_write_1h_usd"),
    ("audio input", "input_audio_tokens", "unit_input_audio_usd"),
    ("image input", "input_image_tokens", "unit_input_image_usd"),
)
#: What is cached and audio (or an image) is in both leaves: its own count and price, and the leaves that it is taken from.
_CACHED = (
    ("cached audio", "cache_read_audio_tokens", "unit_cache_read_audio_usd", "input_audio_tokens"),
    ("cached image", "cache_read_image_tokens", "unit_cache_read_image_usd", "input_image_tokens"),
)
_OUTPUT = (
    ("reasoning", "reasoning_tokens", "unit_reasoning_usd"),
    ("audio output", "output_audio_tokens", "unit_output_audio_usd"),
    ("image output", "output_image_tokens", "unit_output_image_usd"),
)
_DIMENSIONS = ("tier", "speed", "traffic", "inference_region")
_OBSERVED = (
    *("headers", "first_chunk", "ttft", "first_output", "e2e", "duration", "stream_span"),
    *("after_headers_ttft", "after_headers_e2e"),
)
_SERVER = ("queue", "prefill", "decode", "ttft", "total")


@dataclass(frozen=True, slots=True)
class Charge:
    """So many of something at a price each."""

    side: str
    """input, output, request, search or unit."""
    what: str
    """The leaf: ``cache read``, ``reasoning`` …; a unit of ``billed_units``; the side itself for what is left of it."""
    count: int | Decimal | None
    """None: not known, and so not in the sum."""
    unit_usd: Decimal = Decimal(0)
    rest: bool = False
    """What is left of a side after its leaves."""
    usd: Decimal = field(init=False)
    """The product, exact."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "usd", self.count * self.unit_usd if self.count is not None else Decimal(0))


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What the request costs by a price list."""

    provider: str | None
    model: str | None
    source: str | None
    units_source: str | None
    """Where the prices of units come from that the list lacks."""
    charges: tuple[Charge, ...]
    by_views_usd: Decimal
    """What the views say; the same, or there is a fault."""
    exact_usd: Decimal = field(init=False)
    """The sum before it is rounded."""
    usd: Decimal = field(init=False)
    """The sum, rounded once, half to even."""

    def __post_init__(self) -> None:
        with localcontext(prec=60):
            exact = sum((charge.usd for charge in self.charges), Decimal(0))
        object.__setattr__(self, "exact_usd", exact)
        object.__setattr__(self, "usd", exact.quantize(PICO, ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request cost, and on what that rests."""

    cost_usd: Decimal | None
    cost_basis: str | None
    cost_bound_reason: str | None
    reported_usd: Decimal | None
    reported_input_usd: Decimal | None
    reported_output_usd: Decimal | None
    is_byok: bool | None
    upstream_cost_usd: Decimal | None
    cost_other: Decimal | None
    cost_currency: str | None
    not_charged_because: str | None
    is_date_assumed: bool
    dimensions: Mapping[str, str]
    """What the price depends on beside model and time, as far as it is said: tier, speed, traffic, inference_region."""
    billed_units: Sequence[Mapping[str, Any]]
    """What is charged beside tokens: unit, quantity, read_from."""
    unpriced_units: Sequence[str]
    """Of these, units for which no list has a price."""
    price_status: str | None
    price_reason: str | None
    price_source: str | None
    by_list: ListPrice | None
    """None where no list has a price, or the price is zero."""


@dataclass(frozen=True, slots=True)
class ClockAccount:
    """Which clock a request has and what it says, ns."""

    timing_source: str
    arrival_origin: str | None
    observed_ns: Mapping[str, int]
    server_ns: Mapping[str, int]
    started_at: datetime | None
    started_at_source: str


def cost_of(row: Mapping[str, Any]) -> Cost:
    """The account of the cost of a row of ``staging.requests``."""
    by_views = row["cost_computed_usd"] if row["cost_computed_usd"] is not None else row["cost_lower_bound_usd"]
    priced = by_views is not None and row["price_status"] != "free"
    return Cost(
        cost_usd=row["cost_usd"],
        cost_basis=row["cost_basis"],
        cost_bound_reason=row["cost_bound_reason"],
        reported_usd=row["cost_reported_usd"],
        reported_input_usd=row["cost_reported_input_usd"],
        reported_output_usd=row["cost_reported_output_usd"],
        is_byok=row["is_byok"],
        upstream_cost_usd=row["upstream_cost_usd"],
        cost_other=row["cost_other"],
        cost_currency=row["cost_currency"],
        not_charged_because=row["not_charged_because"],
        is_date_assumed=row["is_date_assumed"],
        dimensions={name: row[name] for name in _DIMENSIONS if row[name]},
        billed_units=row["billed_units"] or (),
        unpriced_units=row["unpriced_units"] or (),
        price_status=row["price_status"],
        price_reason=row["price_reason"],
        price_source=row["price_source"],
        by_list=ListPrice(
            row["price_provider"],
            row["price_model"],
            row["price_source"],
            row["units_source"] if row["billed_units"] else None,
            tuple(_charges(row)),
            by_views,
        )
        if priced
        else None,
    )


def _charges(row: Mapping[str, Any]) -> Iterator[Charge]:
    """Tokens, the request itself and units beside them. What is billed in units of its own (Cohere) has no leaves."""
    yield from _side(row, "input", _INPUT if row["billed_input_tokens"] is None else ())
    yield from _side(row, "output", _OUTPUT if row["billed_output_tokens"] is None else ())
    if row["unit_request_usd"]:
        yield Charge("request", "request", 1, row["unit_request_usd"])
    prices = dict(row["unit_prices"] or ())
    for unit, quantity in ((used["unit"], used["quantity"]) for used in row["billed_units"] or ()):
        is_search = unit == "web_search"
        price = prices.get(unit) or (row["unit_web_search_usd"] if is_search else None)
        if price:
            whole = quantity == int(quantity)
            side, what = ("search", "searches") if is_search else ("unit", unit)
            yield Charge(side, what, int(quantity) if whole else quantity, price)


def _side(row: Mapping[str, Any], side: str, leaves: Any) -> Iterator[Charge]:
    """Parent minus subsets at the parent's price, each subset at its own."""
    whole = row[f"charged_{side}_tokens"]
    if whole is None:
        yield Charge(side, side, None)
        return
    rest = whole
    cached: dict[str, int] = {}
    for what, count_name, unit_name, of in _CACHED if side == "input" and leaves else ():
        count, price = row[count_name] or 0, row[unit_name]
        if count and price is not None:
            cached[of] = count
            rest -= count
            yield Charge(side, what, count, price)
    cached["cache_read_tokens"] = sum(cached.values())
    for what, count_name, unit_name in leaves:
        count = (row[count_name] or 0) - cached.get(count_name, 0)
        if count_name == "cache_write_tokens":
            count -= row["cache_write_1h_tokens"] or 0
        price = row[unit_name]
        if count_name == "cache_write_1h_tokens" and price is None:
            price = row["unit_cache_write_usd"]
        if not count or price is None:
            continue
        rest -= count
        yield Charge(side, what, count, price)
    yield Charge(side, side, rest, row[f"unit_{side}_usd"] or Decimal(0), rest=rest != whole)


def clock_of(row: Mapping[str, Any]) -> ClockAccount:
    """The account of the clock of a row of ``staging.requests``."""
    return ClockAccount(
        timing_source=row["timing_source"],
        arrival_origin=row["arrival_origin"],
        observed_ns={name: row[f"{name}_ns"] for name in _OBSERVED if row[f"{name}_ns"] is not None},
        server_ns={name: row[f"server_{name}_ns"] for name in _SERVER if row[f"server_{name}_ns"] is not None},
        started_at=row["started_at"],
        started_at_source=row["started_at_source"],
    )
