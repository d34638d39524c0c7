"""Owns the price dimension: for each combination of route, model and tier that occurs, what it costs from when to when.

`resolve` gives the table ``raw.prices`` that ``sql/10_staging/requests.sql`` joins; the arithmetic is there. A price is
resolved once per combination and interval, never per request: a call of the library takes 70 to 100 µs. Must not know the
lake or the views. Rules and traps: usage-and-cost.md, "Cost".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from llm_usage.pricing.entry import UnitPrices
from llm_usage.pricing.list_file import PriceList, read_list
from llm_usage.pricing.price_list import Quote, edition
from llm_usage.pricing.rules import BUNDLED
from llm_usage.pricing.sources import EARLY, Key, Sources, sources_of
from llm_usage.pricing.user_prices import TOKEN_UNITS, UNITS, PriceFile, read

__all__ = ["PRICES", "edition", "resolve"]

_UNIT = pa.decimal128(38, 24)
_INSTANT = pa.timestamp("us", tz="UTC")
_WEEK_US = 7 * 86_400_000_000
_MOST = 2**63 - 1

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
        speed, traffic, inference_region, {context} as search_context
    from raw.requests
    order by all
"""
#: As the macro ``staging.usage_word``, which is not there yet when prices are resolved.
_WORD = "if(contains(usage_json, '{0}'), nullif(json_extract_string(usage_json, '$.{0}'), ''), null)"


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
    occurring = _OCCURRING.format(context=_WORD.format("search_context_size"))
    for found in connection.sql(occurring).to_arrow_table().to_pylist():
        rows.extend(_rows(Key(**found), own, shelf, undated))
    return pa.Table.from_pylist(rows, schema=PRICES)


def _rows(key: Key, own: PriceFile | None, shelf: tuple[PriceList | None, ...], undated: str | None) -> Iterator[dict[str, object]]:
    """All rows of a key: for undated requests, and for dated ones those that tile time, time of the week and size of input."""
    sources = sources_of(key, own, shelf)
    tiles = list(_tiles(sources))
    quote = sources.at_no_date()
    by_file = quote.status == "undated" and undated == "file_time"
    always = {"is_dated": False, "is_date_assumed": False, "week_from_us": 0, "week_until_us": _WEEK_US}
    latest = _latest(tiles) if quote.status == "undated" and undated == "latest" else None
    if latest is not None:
        yield from _sizes(key, latest, None, {**always, "is_date_assumed": latest.status in ("priced", "free")})
    elif not by_file:
        yield from _sizes(key, quote, None, always)
    for quote, route, bounds in tiles:
        yield from _sizes(key, quote, route, {"is_dated": True, "is_date_assumed": False, **bounds})
        if by_file:
            yield from _sizes(key, quote, None, {"is_dated": False, "is_date_assumed": True, **bounds})


_Tile = tuple[Quote, Quote | None, dict[str, Any]]


def _latest(tiles: Sequence[_Tile]) -> Quote | None:
    """The price in force today, where it holds at every time of the week: the last that has begun, not one that is announced."""
    begun = [tile for tile in tiles if tile[2]["valid_from"] is None or tile[2]["valid_from"] <= datetime.now(UTC)]
    last = begun[-1] if begun else None
    is_whole = last is not None and last[2]["week_from_us"] == 0 and last[2]["week_until_us"] == _WEEK_US
    return last[0] if last is not None and is_whole else None


def _tiles(sources: Sources) -> Iterator[_Tile]:
    """The prices over all time: quote, that of the route, and the bounds between which both hold."""
    dates, times = sources.changes()
    open_since: datetime | None = None
    now: list[tuple[Quote, Quote | None]] = []
    for start in (None, *dates):
        first = start if start is not None else (dates[0] if dates else EARLY + timedelta(days=30)) - timedelta(days=15)
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
