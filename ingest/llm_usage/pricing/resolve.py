"""Owns the price dimension: for each combination of route, model and tier that occurs, what it costs from when to when.

`resolve` gives the table ``raw.prices`` that ``sql/10_staging/requests.sql`` joins; the arithmetic is there. A price is
resolved once per combination and interval, never per request: a call of the library takes 70 to 100 µs. Must not know the
lake or the views. Rules and traps: usage-and-cost.md, "Cost".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa

from llm_usage.pricing.corrections import Corrected, corrections
from llm_usage.pricing.list_file import FileOffer, PriceList, read_list
from llm_usage.pricing.price_list import Offer, Quote, edition, find, find_by_model, list_id
from llm_usage.pricing.rules import (
    ASKED_FIRST,
    BASE_REGIONS,
    BASE_SPEEDS,
    BASE_TIERS,
    BASE_TRAFFIC,
    BUNDLED,
    HUGGINGFACE_NAMES,
    LIST_OF_GATEWAY,
    LIST_OF_HOST,
    LIST_OF_PROVIDER,
    REGION_HAS_A_PRICE,
    is_free,
    is_moving,
    names_of,
    routed_to,
)
from llm_usage.pricing.user_prices import DIMENSIONS, TOKEN_UNITS, UNITS, Entry, PriceFile, UnitPrices, read

__all__ = ["PRICES", "edition", "resolve"]

_UNIT = pa.decimal128(38, 24)
_INSTANT = pa.timestamp("us", tz="UTC")
_WEEK_US = 7 * 86_400_000_000
_MOST = 2**63 - 1
_EARLY = datetime(1970, 1, 1, tzinfo=UTC)

#: The table ``raw.prices``; the columns and their meaning are declared in ``sql/00_inputs/prices.sql``.
PRICES = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("gateway", "provider", "server_address", "request_model", "response_model", "tier")),
        *(pa.field(name, pa.string()) for name in ("speed", "traffic", "inference_region", "search_context")),
        pa.field("is_dated", pa.bool_(), nullable=False),
        pa.field("is_date_assumed", pa.bool_(), nullable=False),
        pa.field("valid_from", _INSTANT),
        pa.field("valid_until", _INSTANT),
        *(pa.field(name, pa.int64(), nullable=False) for name in ("week_from_us", "week_until_us", "input_over", "input_upto")),
        pa.field("price_status", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in ("price_reason", "price_source", "price_provider", "price_model")),
        *(pa.field(f"{unit}_usd", _UNIT) for unit in UNITS),
        pa.field("unit_prices", pa.map_(pa.string(), _UNIT)),
        pa.field("units_source", pa.string()),
        pa.field("route_source", pa.string()),
        *(pa.field(f"route_{unit}_usd", _UNIT) for unit in UNITS),
    ]
)
_OCCURRING = """
    select distinct gateway, provider, server_address, request_model, response_model,
        coalesce(nullif(service_tier, ''), nullif(service_tier_requested, '')) as tier,
        {speed} as speed, {region} as inference_region, {context} as search_context
    from raw.requests
    order by all
"""
#: As the macro ``staging.usage_word``, which is not there yet when prices are resolved.
_WORD = "if(contains(usage_json, '{0}'), nullif(json_extract_string(usage_json, '$.{0}'), ''), null)"


@dataclass(frozen=True, slots=True)
class Key:
    """What a price depends on besides time and size; as in requests, ``tier`` as in ``staging.live_requests``."""

    gateway: str | None
    provider: str | None
    server_address: str | None
    request_model: str | None
    response_model: str | None
    tier: str | None
    speed: str | None = None
    traffic: str | None = None
    inference_region: str | None = None
    search_context: str | None = None

    def given(self) -> dict[str, str]:
        """What is not the default, by dimension."""
        words = {
            "tier": (self.tier, BASE_TIERS),
            "speed": (self.speed, BASE_SPEEDS),
            "traffic": (self.traffic, BASE_TRAFFIC),
            "region": (self.inference_region, BASE_REGIONS),
            "context": (self.search_context, frozenset({""})),
        }
        return {name: word.strip().lower() for name, (word, base) in words.items() if word is not None and word.strip().lower() not in base}


def resolve(
    connection: duckdb.DuckDBPyConnection,
    user_prices: Path | PriceFile | None = None,
    *,
    lists: Sequence[Path | str] = (BUNDLED,),
    undated: str | None = None,
) -> pa.Table:
    """The price dimension for what occurs in ``raw.requests``; for every request exactly one row matches.

    Args:
        connection: with a table ``raw.requests``.
        user_prices: the user's own ``prices.yaml``, which comes before any list.
        lists: price lists in the order in which they are asked: files, or ``bundled``.
        undated: what an undated request is priced with where the price has changed: ``latest``, ``file_time`` (the time of its
            recording's file), or None: it is not.

    Returns:
        A table of schema `PRICES`.

    Raises:
        ConfigError: the user's file cannot be read or is wrong.
    """
    own = read(user_prices) if isinstance(user_prices, Path) else user_prices
    rows: list[dict[str, object]] = []
    shelf = tuple(read_list(item) if isinstance(item, Path) else None for item in lists)
    occurring = _OCCURRING.format(
        speed=_WORD.format("speed"), region=_WORD.format("inference_geo"), context=_WORD.format("search_context_size")
    )
    for found in connection.sql(occurring).to_arrow_table().to_pylist():
        rows.extend(_rows(Key(**found), own, shelf, undated))
    return pa.Table.from_pylist(rows, schema=PRICES)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the prices of one key may come from, in the order in which they are asked."""

    origin: str
    entries: tuple[Entry, ...]
    is_free: bool
    offer: Corrected | FileOffer | None
    route: Corrected | FileOffer | None
    reason: str
    moves: bool
    """The name is an alias that has meant other models at other times."""

    def at(self, instant: datetime) -> Quote:
        """The price in force at an instant."""
        return self._own(instant) or self._listed(instant)

    def at_no_date(self) -> Quote:
        """What can be said of an undated request: priced only where there has been one price ever."""
        own = self._own(None)
        if own is not None:
            return own
        quote = self._listed(_EARLY)
        if self.offer is None or (quote.status != "priced" and not self.offer.is_dated):
            return quote
        has_one_price = not self.moves and not self.entries and not self.offer.is_dated and self.offer.keeps_history
        return quote if has_one_price else replace(quote, status="undated", reason="undated", tiers=())

    def _own(self, instant: datetime | None) -> Quote | None:
        for entry in self.entries:
            if entry.covers(instant):
                source = f"{self.origin} line {entry.line}"
                if entry.currency is not None:
                    return Quote("unpriced", "other_currency", f"{source} ({entry.currency})")
                return Quote("priced" if entry.tiers else "free", None, source, tiers=entry.tiers)
        return Quote("free", None, "a name that ends in :free") if self.is_free else None

    def _listed(self, instant: datetime) -> Quote:
        quote = self.offer.at(instant) if self.offer is not None else None
        return quote if quote is not None else Quote("unpriced", self.reason)

    def route_at(self, instant: datetime) -> Quote | None:
        """The price of the provider behind the gateway, where there is one."""
        quote = self.route.at(instant) if self.route is not None else None
        return quote if quote is not None and quote.status == "priced" else None

    def changes(self) -> tuple[list[datetime], list[int]]:
        """Instants, and microseconds of the UTC week (0 is one), at which anything here may change."""
        offers = [offer for offer in (self.offer, self.route) if offer is not None]
        bounds = {bound for entry in self.entries for bound in (entry.since, entry.until) if bound is not None}
        dates = sorted(bounds.union(*(offer.dates() for offer in offers)))
        return dates, sorted({0}.union(*(of.week_us() for of in (*offers, *self.entries))))


def _rows(key: Key, own: PriceFile | None, shelf: tuple[PriceList | None, ...], undated: str | None) -> Iterator[dict[str, object]]:
    """All rows of a key: for undated requests, and for dated ones those that tile time, time of the week and size of input."""
    sources = _sources(key, own, shelf)
    tiles = list(_tiles(sources))
    quote = sources.at_no_date()
    by_file = quote.status == "undated" and undated == "file_time"
    always = {"is_dated": False, "is_date_assumed": False, "week_from_us": 0, "week_until_us": _WEEK_US}
    if quote.status == "undated" and undated == "latest" and _is_whole(tiles[-1]):
        yield from _sizes(key, tiles[-1][0], None, {**always, "is_date_assumed": True})
    elif not by_file:
        yield from _sizes(key, quote, None, always)
    for quote, route, bounds in tiles:
        yield from _sizes(key, quote, route, {"is_dated": True, "is_date_assumed": False, **bounds})
        if by_file:
            yield from _sizes(key, quote, None, {"is_dated": False, "is_date_assumed": True, **bounds})


_Tile = tuple[Quote, Quote | None, dict[str, object]]


def _is_whole(tile: _Tile) -> bool:
    """It holds at every time of the week."""
    return tile[2]["week_from_us"] == 0 and tile[2]["week_until_us"] == _WEEK_US


def _tiles(sources: _Sources) -> Iterator[_Tile]:
    """The prices over all time: quote, that of the route, and the bounds between which both hold."""
    dates, times = sources.changes()
    open_since: datetime | None = None
    now: list[tuple[Quote, Quote | None]] = []
    for start in (None, *dates):
        first = start if start is not None else (dates[0] if dates else _EARLY + timedelta(days=30)) - timedelta(days=15)
        instants = [_occurrence(first, since, until) for since, until in pairwise((*times, _WEEK_US))]
        then = [(sources.at(instant), sources.route_at(instant)) for instant in instants]
        if now and now != then:
            yield from _interval(now, times, open_since, start)
            open_since = start
        now = then
    yield from _interval(now, times, open_since, None)


def _occurrence(first: datetime, since_us: int, until_us: int) -> datetime:
    """The first instant, not before ``first``, at which the UTC time of the week lies in [since, until)."""
    monday = first.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=first.weekday())
    time_us = (first - monday) // timedelta(microseconds=1)
    if since_us <= time_us < until_us:
        return first
    return monday + timedelta(days=7 if time_us >= until_us else 0, microseconds=since_us)


def _interval(
    quotes: list[tuple[Quote, Quote | None]], times: Sequence[int], since: datetime | None, until: datetime | None
) -> Iterator[_Tile]:
    """Tiles of one interval; neighbouring times of the week at one price are one."""
    start = 0
    for number in range(1, len(quotes) + 1):
        if number == len(quotes) or quotes[number] != quotes[start]:
            week = {"week_from_us": times[start], "week_until_us": times[number] if number < len(times) else _WEEK_US}
            yield *quotes[start], {"valid_from": since, "valid_until": until, **week}
            start = number


def _sizes(key: Key, quote: Quote, route: Quote | None, bounds: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Rows by size of the input."""
    route_tiers = route.tiers if route is not None else ()
    overs = sorted({-1, *(over for over, _ in quote.tiers), *(over for over, _ in route_tiers)})
    for over, upto in zip(overs, (*overs[1:], _MOST), strict=True):
        prices = _of_size(quote.tiers, over)
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
            **{f"{unit}_usd": amount for unit, amount in prices.items() if unit in UNITS},
            "unit_prices": [(unit, amount) for unit, amount in prices.items() if unit not in TOKEN_UNITS and unit != "request"],
            "units_source": quote.units_source,
            "route_source": route.source if route is not None else None,
            **{f"route_{unit}_usd": amount for unit, amount in _of_size(route_tiers, over).items() if unit in UNITS},
        }


def _of_size(tiers: tuple[tuple[int, UnitPrices], ...], over: int) -> UnitPrices:
    return next((prices for start, prices in reversed(tiers) if over >= start), {})


def _sources(key: Key, own: PriceFile | None, shelf: tuple[PriceList | None, ...]) -> _Sources:
    provider_list = LIST_OF_HOST.get(key.server_address or "")
    provider = routed_to(key.provider, key.gateway, key.request_model)
    if provider_list is None and provider is not None:
        provider_list = list_id(LIST_OF_PROVIDER.get(provider, provider))
    asked_first = provider_list in ASKED_FIRST and key.gateway is None
    names = names_of(key.request_model, key.response_model, asked_first=asked_first, gateway=key.gateway)
    given = key.given()
    entries: tuple[Entry, ...] = ()
    if own is not None:
        entries = own.matching(provider=key.provider, gateway=key.gateway, server=key.server_address, models=names, **_words(key))
    offer: Corrected | FileOffer | None = None
    route: Corrected | FileOffer | None = None
    reason = "unknown_model" if provider_list or any(shelf) else "unknown_provider"
    for item in shelf:
        if item is not None:
            found: Corrected | FileOffer | None = item.find(provider, key.gateway, names, given)
            by_route: Corrected | FileOffer | None = item.find(provider, None, names, given) if key.gateway is not None else None
        else:
            by_route = _bundled(provider_list, provider, key.server_address if key.gateway is None else None, names, given)
            found = None
            if key.gateway is not None:
                own_list = _gateway_list(key.gateway, provider)
                found = _bundled(own_list, None, None, names, given) if own_list else None
                reason = "unknown_model" if own_list else reason
            elif key.provider is None and key.server_address is None:
                # Nothing says who was called (a raw body): the name of the model may. With an address that nobody claims,
                # somebody else may well serve the same weights, and no list is his.
                found = _offered(Corrected(lambda left: _by_model(names, left), (), tuple(sorted(given.items()))))
        offer = offer or found or by_route
        route = route or by_route
    return _Sources(
        own.origin if own is not None else "",
        entries,
        is_free(key.request_model, key.response_model),
        offer,
        route if key.gateway is not None else None,
        reason,
        any(is_moving(name) for name in names[:1]),
    )


def _words(key: Key) -> dict[str, str | None]:
    """The dimensions as the user's file selects them."""
    given = key.given()
    return {**{name: given.get(name) for name in DIMENSIONS}, "tier": key.tier if "tier" in given else None}


def _bundled(
    list_name: str | None, provider: str | None, server: str | None, names: tuple[str, ...], given: dict[str, str]
) -> Corrected | None:
    """What the bundled list, corrected, says; None where neither knows the model."""
    own = tuple(c for c in corrections() if provider is not None and c.selects(provider, server, names))
    return _offered(
        Corrected(lambda left: _find(list_name, names, left) if list_name is not None else None, own, tuple(sorted(given.items())))
    )


def _offered(corrected: Corrected) -> Corrected | None:
    known = next(corrected.offers(), None) is not None or any(c.is_price for c in corrected.corrections)
    return corrected if known else None


def _split(list_name: str, left: tuple[tuple[str, str], ...]) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The tier, and what else the list must have a price for: of a region it need not where all have one price."""
    words = dict(left)
    tier = words.pop("tier", None)
    words.pop("context", None)
    if list_name not in REGION_HAS_A_PRICE:
        words.pop("region", None)
    return tier, tuple(sorted(words.items()))


def _find(list_name: str, names: tuple[str, ...], left: tuple[tuple[str, str], ...]) -> Offer | None:
    return find(list_name, names, *_split(list_name, left))


def _by_model(names: tuple[str, ...], left: tuple[tuple[str, str], ...]) -> Offer | None:
    return find_by_model(names, *_split("", left))


def _gateway_list(gateway: str, provider: str | None) -> str | None:
    pattern = LIST_OF_GATEWAY.get(gateway)
    if pattern is None:
        return None
    name = LIST_OF_PROVIDER.get(provider or "", provider or "")
    return list_id(pattern.format(provider=HUGGINGFACE_NAMES.get(name, name)))
