"""Owns where the price lists of a configuration disagree on what occurs: own prices, files, the bundled list and its corrections.

Each is asked alone, at the time of the newest such request. Must not know the lake, the views or how the answer is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from llm_usage.pricing.list_file import PriceList, read_list
from llm_usage.pricing.price_list import Quote
from llm_usage.pricing.rules import BUNDLED
from llm_usage.pricing.sources import Key, sources_of
from llm_usage.pricing.user_prices import UNITS, PriceFile, read

_UNIT = pa.decimal128(38, 24)
_ROUTE = ("gateway", "provider", "server_address", "request_model", "response_model")
_DIMENSIONS = ("tier", "speed", "traffic", "inference_region", "search_context")
_OCCURRING = f"""
    with keys as (select distinct {", ".join((*_ROUTE, *_DIMENSIONS))} from raw.prices)
    select keys.*, count(*) as requests, max(r.started_at) as newest
    from keys join raw.requests as r on {" and ".join(f"keys.{name} is not distinct from r.{name}" for name in _ROUTE)}
    group by all order by all
"""
DIFFERENCES = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("gateway", "provider", "model", *_DIMENSIONS)),
        pa.field("requests", pa.int64()),
        pa.field("as_of", pa.timestamp("us", tz="UTC")),
        pa.field("price_source", pa.string()),
        pa.field("is_used", pa.bool_()),
        pa.field("over_input_tokens", pa.int64()),
        *(pa.field(f"{unit}_usd", _UNIT) for unit in UNITS),
    ]
)


def differences(
    connection: duckdb.DuckDBPyConnection, user_prices: Path | PriceFile | None = None, *, lists: Sequence[Path | str] = (BUNDLED,)
) -> pa.Table:
    """For each combination of route, model and dimensions on which two sources disagree, one row a source and size of the input.

    Two sources disagree where both have a price for a unit, and not the same one; a size of input that only one of them
    tells apart is such a case, too.

    Args:
        connection: with the tables ``raw.requests`` and ``raw.prices``.
        user_prices: as for `llm_usage.pricing.resolve.resolve`.
        lists: likewise.

    Returns:
        A table of schema `DIFFERENCES`; ``is_used`` is true for the source that requests are priced with; ``requests`` are those
        of the route and model, whatever their dimensions.

    Raises:
        ConfigError: a file cannot be read or is wrong.
    """
    own = read(user_prices) if isinstance(user_prices, Path) else user_prices
    shelf = [read_list(item) if isinstance(item, Path) else None for item in lists]
    rows: list[dict[str, object]] = []
    for found in connection.sql(_OCCURRING).to_arrow_table().to_pylist():
        requests, newest = found.pop("requests"), found.pop("newest")
        rows.extend(_rows(Key(**found), requests, newest or datetime.now(UTC), own, shelf))
    return pa.Table.from_pylist(rows, schema=DIFFERENCES)


def _rows(key: Key, requests: int, at: datetime, own: PriceFile | None, shelf: Sequence[PriceList | None]) -> Iterator[dict[str, object]]:
    quotes = list(_quotes(key, at, own, shelf))
    if not any(_differ(one, other) for number, one in enumerate(quotes) for other in quotes[:number]):
        return
    said = {
        "gateway": key.gateway,
        "provider": key.provider,
        "model": key.response_model or key.request_model,
        **{name: getattr(key, name) for name in _DIMENSIONS},
        "requests": requests,
        "as_of": at,
    }
    for number, quote in enumerate(quotes):
        for over, prices in quote.tiers:
            yield {
                **said,
                "price_source": quote.source,
                "is_used": number == 0,
                "over_input_tokens": over if over >= 0 else None,
                **{f"{unit}_usd": price for unit, price in prices.items() if unit in UNITS},
            }


def _quotes(key: Key, at: datetime, own: PriceFile | None, shelf: Sequence[PriceList | None]) -> Iterator[Quote]:
    """What each source says alone, in the order in which they are asked; the first is the one that counts."""
    asked: list[tuple[PriceFile | None, tuple[PriceList | None, ...], bool]] = []
    if own is not None:
        asked.append((own, (), True))
    for item in shelf:
        asked.append((None, (item,), True))
        if item is None:
            asked.append((None, (item,), False))
    seen: set[Any] = set()
    for prices, lists, corrected in asked:
        quote = sources_of(key, prices, lists, corrected=corrected).at(at)
        if quote.status == "priced" and quote.source not in seen:
            seen.add(quote.source)
            yield quote


def _differ(one: Quote, other: Quote) -> bool:
    for over in {over for quote in (one, other) for over, _ in quote.tiers}:
        mine, its = _at_size(one, over), _at_size(other, over)
        if any(mine[unit] != its[unit] for unit in mine.keys() & its.keys()):
            return True
    return False


def _at_size(quote: Quote, over: int) -> dict[str, Any]:
    return dict(next((prices for start, prices in reversed(quote.tiers) if over >= start), {}))
