"""Owns the price dimension: for each combination of route, model and tier that occurs, what it costs from when to when.

`resolve` gives the table ``raw.prices`` that ``sql/10_staging/requests.sql`` joins; the arithmetic is there. A price is
resolved once per combination and interval, never per request: a call of the library takes 70 to 100 µs. Must not know the
lake or the views. Rules and traps: usage-and-cost.md, "Cost".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa

from llm_usage.pricing.price_list import Offer, Quote, edition, find, find_by_model, list_id
from llm_usage.pricing.rules import (
    ASKED_FIRST,
    BASE_TIERS,
    HUGGINGFACE_NAMES,
    LIST_OF_GATEWAY,
    LIST_OF_HOST,
    LIST_OF_PROVIDER,
    is_free,
    names_of,
    routed_to,
)
from llm_usage.pricing.user_prices import UNITS, Entry, PriceFile, UnitPrices, read

__all__ = ["PRICES", "edition", "resolve"]

_UNIT = pa.decimal128(38, 24)
_INSTANT = pa.timestamp("us", tz="UTC")
_DAY_US = 86_400_000_000
_MOST = 2**63 - 1
_EARLY = datetime(1970, 1, 1, tzinfo=UTC)

#: The table ``raw.prices``; the columns and their meaning are declared in ``sql/00_inputs/prices.sql``.
PRICES = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("gateway", "provider", "server_address", "request_model", "response_model", "tier")),
        pa.field("is_dated", pa.bool_(), nullable=False),
        pa.field("valid_from", _INSTANT),
        pa.field("valid_until", _INSTANT),
        *(pa.field(name, pa.int64(), nullable=False) for name in ("day_from_us", "day_until_us", "input_over", "input_upto")),
        pa.field("price_status", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in ("price_reason", "price_source", "price_provider", "price_model")),
        *(pa.field(f"{unit}_usd", _UNIT) for unit in UNITS),
        pa.field("route_source", pa.string()),
        *(pa.field(f"route_{unit}_usd", _UNIT) for unit in UNITS),
    ]
)
_OCCURRING = """
    select distinct gateway, provider, server_address, request_model, response_model,
        coalesce(nullif(service_tier, ''), nullif(service_tier_requested, '')) as tier
    from raw.requests
    order by all
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What a price depends on besides time and size; as in requests, ``tier`` as in ``staging.live_requests``."""

    gateway: str | None
    provider: str | None
    server_address: str | None
    request_model: str | None
    response_model: str | None
    tier: str | None


def resolve(connection: duckdb.DuckDBPyConnection, user_prices: Path | PriceFile | None = None) -> pa.Table:
    """The price dimension for what occurs in ``raw.requests``; for every request exactly one row matches.

    Args:
        connection: with a table ``raw.requests``.
        user_prices: the user's own ``prices.yaml``, which comes before any list.

    Returns:
        A table of schema `PRICES`.

    Raises:
        ConfigError: the user's file cannot be read or is wrong.
    """
    own = read(user_prices) if isinstance(user_prices, Path) else user_prices
    rows: list[dict[str, object]] = []
    for found in connection.sql(_OCCURRING).to_arrow_table().to_pylist():
        rows.extend(_rows(Key(**found), own))
    return pa.Table.from_pylist(rows, schema=PRICES)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the prices of one key may come from, in the order in which they are asked."""

    origin: str
    entries: tuple[Entry, ...]
    is_free: bool
    offer: Offer | None
    route: Offer | None
    reason: str

    def at(self, instant: datetime | None) -> Quote:
        """The price in force at an instant; for None what can be said of an undated request."""
        for entry in self.entries:
            if entry.covers(instant):
                status = "priced" if entry.tiers else "free"
                return Quote(status, None, f"{self.origin} line {entry.line}", tiers=entry.tiers)
        if self.is_free:
            return Quote("free", None, "a name that ends in :free")
        if self.offer is None:
            return Quote("unpriced", self.reason)
        if instant is not None:
            return self.offer.at(instant)
        quote = self.offer.at(_EARLY)
        if quote.status == "priced" or self.offer.is_dated:
            return replace(quote, status="undated", reason="undated", tiers=())
        return quote

    def route_at(self, instant: datetime) -> Quote | None:
        """The price of the provider behind the gateway, where there is one."""
        quote = self.route.at(instant) if self.route is not None else None
        return quote if quote is not None and quote.status == "priced" else None

    def changes(self) -> tuple[list[datetime], list[int]]:
        """Instants, and microseconds of the UTC day (0 is one), at which anything here may change."""
        offers = [offer for offer in (self.offer, self.route) if offer is not None]
        bounds = {bound for entry in self.entries for bound in (entry.since, entry.until) if bound is not None}
        dates = sorted(bounds.union(*(offer.dates() for offer in offers)))
        return dates, sorted({0}.union(*(offer.times_us() for offer in offers)))


def _rows(key: Key, own: PriceFile | None) -> Iterator[dict[str, object]]:
    """All rows of a key: one for undated requests, and for dated ones those that tile time, time of day and size of input."""
    sources = _sources(key, own)
    yield from _sizes(key, sources.at(None), None, {"is_dated": False, "day_from_us": 0, "day_until_us": _DAY_US})
    dates, times = sources.changes()
    open_since: datetime | None = None
    now: list[tuple[Quote, Quote | None]] = []
    for start in (None, *dates):
        first = start if start is not None else (dates[0] if dates else _EARLY) - timedelta(days=2)
        instants = [_occurrence(first, since, until) for since, until in pairwise((*times, _DAY_US))]
        then = [(sources.at(instant), sources.route_at(instant)) for instant in instants]
        if now and now != then:
            yield from _interval(key, now, times, open_since, start)
            open_since = start
        now = then
    yield from _interval(key, now, times, open_since, None)


def _occurrence(first: datetime, since_us: int, until_us: int) -> datetime:
    """The first instant, not before ``first``, at which the UTC time of day lies in [since, until)."""
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    time_us = (first - midnight) // timedelta(microseconds=1)
    if since_us <= time_us < until_us:
        return first
    return midnight + timedelta(days=1 if time_us >= until_us else 0, microseconds=since_us)


def _interval(
    key: Key, quotes: list[tuple[Quote, Quote | None]], times: Sequence[int], since: datetime | None, until: datetime | None
) -> Iterator[dict[str, object]]:
    """Rows of one interval; neighbouring times of day at one price are one."""
    start = 0
    for number in range(1, len(quotes) + 1):
        if number == len(quotes) or quotes[number] != quotes[start]:
            day = {"day_from_us": times[start], "day_until_us": times[number] if number < len(times) else _DAY_US}
            yield from _sizes(key, *quotes[start], {"is_dated": True, "valid_from": since, "valid_until": until, **day})
            start = number


def _sizes(key: Key, quote: Quote, route: Quote | None, bounds: dict[str, object]) -> Iterator[dict[str, object]]:
    """A row for each size of input at which the price, or that of the route, is another."""
    route_tiers = route.tiers if route is not None else ()
    overs = sorted({-1, *(over for over, _ in (*quote.tiers, *route_tiers))})
    for over, upto in zip(overs, (*overs[1:], _MOST), strict=True):
        yield {
            **asdict(key),
            **bounds,
            "input_over": over,
            "input_upto": upto,
            "price_status": quote.status,
            "price_reason": quote.reason,
            "price_source": quote.source,
            "price_provider": quote.provider,
            "price_model": quote.model,
            **{f"{unit}_usd": amount for unit, amount in _of_size(quote.tiers, over).items()},
            "route_source": route.source if route is not None else None,
            **{f"route_{unit}_usd": amount for unit, amount in _of_size(route_tiers, over).items()},
        }


def _of_size(tiers: tuple[tuple[int, UnitPrices], ...], over: int) -> UnitPrices:
    return next((prices for start, prices in reversed(tiers) if over >= start), {})


def _sources(key: Key, own: PriceFile | None) -> _Sources:
    provider_list = LIST_OF_HOST.get(key.server_address or "")
    provider = routed_to(key.provider, key.gateway, key.request_model)
    if provider_list is None and provider is not None:
        provider_list = list_id(LIST_OF_PROVIDER.get(provider, provider))
    asked_first = provider_list in ASKED_FIRST and key.gateway is None
    names = names_of(key.request_model, key.response_model, asked_first=asked_first, gateway=key.gateway)
    base = (key.tier or "").strip().lower() in BASE_TIERS
    entries: tuple[Entry, ...] = ()
    if own is not None:
        tier = None if base else key.tier
        entries = own.matching(provider=key.provider, gateway=key.gateway, server=key.server_address, models=names, tier=tier)
    route = find(provider_list, names, key.tier) if provider_list else None
    offer, reason = route, "unknown_model" if provider_list else "unknown_provider"
    if key.gateway is not None:
        shelf = _gateway_list(key.gateway, provider)
        gateway_offer = find(shelf, names, key.tier) if shelf else None
        offer = gateway_offer or route
        reason = "unknown_model" if shelf else reason
    elif key.provider is None and key.server_address is None:
        # Nothing says who was called (a raw body): the name of the model may. With an address that nobody claims, somebody
        # else may well serve the same weights, and no list is his.
        offer = find_by_model(names, key.tier)
    return _Sources(
        own.origin if own is not None else "",
        entries,
        is_free(key.request_model, key.response_model),
        offer,
        route if key.gateway is not None else None,
        reason,
    )


def _gateway_list(gateway: str, provider: str | None) -> str | None:
    pattern = LIST_OF_GATEWAY.get(gateway)
    if pattern is None:
        return None
    name = LIST_OF_PROVIDER.get(provider or "", provider or "")
    return list_id(pattern.format(provider=HUGGINGFACE_NAMES.get(name, name)))
