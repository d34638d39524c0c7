"""Owns the corrections of the price list: dated facts in ``corrections.yaml``, each with its public source, applied over any list.

A correction gives prices in place of the list's (``price``), a factor on them (``times``: fast mode, batch, a regional
surcharge), prices of units that it lacks (``add``: searches, citations; a fee for the request takes the place of the
list's), or says that for that time the list's price is wrong and no public source has the right one (``unknown``: the
reason). It names itself as the source of the price, and is dropped by deleting its entry. Each carries an example that the
tests work out. Must not know requests or SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal, Inexact
from functools import cache
from pathlib import Path

from llm_usage.pricing.entry import Entry, UnitPrices, meets
from llm_usage.pricing.price_list import Offer, Quote
from llm_usage.pricing.user_prices import DIMENSIONS, EACH, SELECTORS, TOKEN_UNITS, entry, other_units, tiers_of
from llm_usage.yaml_tree import Tree, read_tree

FILE = Path(__file__).with_name("corrections.yaml")
_EXACT = Context(prec=60, traps=[Inexact])
_QUANTUM = Decimal("1e-24")
_MATCH = (*SELECTORS, *DIMENSIONS, "from", "until", "hours", "weekdays")
_PRICE = (*TOKEN_UNITS, *EACH, "units", "over", "free")
_DOES = ("price", "times", "add", "unknown")

Dimensions = Mapping[str, str]
"""What is not the default, by dimension (tier, speed, traffic, region, context)."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of the file. One of ``entry.tiers`` with prices, ``times``, ``add`` and ``unknown`` is what it does."""

    name: str
    source: str
    entry: Entry
    times: Decimal | None
    add: UnitPrices
    unknown: str | None = None

    @property
    def is_price(self) -> bool:
        """It stands in place of the list's prices, with others or with none."""
        return self.times is None and not self.add

    def selects(self, provider: str | None, server: str | None, models: tuple[str, ...]) -> bool:
        """It is for such a model of such a provider, at some time and of some dimensions."""
        e = self.entry
        return (
            (e.provider is None or (provider is not None and e.provider.match(provider) is not None))
            and (e.server is None or (server is not None and e.server.match(server) is not None))
            and (e.model is None or any(e.model.match(model) is not None for model in models))
        )

    def meets(self, given: Dimensions) -> bool:
        """For prices: every dimension is as it says, unnamed ones the default; else: those that it names are."""
        pairs = ((getattr(self.entry, name), given.get(name)) for name in DIMENSIONS)
        if self.is_price:
            return all(meets(pattern, word) for pattern, word in pairs)
        return all(pattern is None or pattern.match(word or "") is not None for pattern, word in pairs)

    def may_meet(self, given: Dimensions) -> bool:
        """It may be met once others have accounted for theirs: no dimension that it names is otherwise."""
        pairs = ((getattr(self.entry, name), given.get(name)) for name in DIMENSIONS)
        return all(pattern is None or pattern.match(word or ("default" if self.is_price else "")) is not None for pattern, word in pairs)

    def consumes(self) -> set[str]:
        """The dimensions that it accounts for."""
        return {name for name in DIMENSIONS if getattr(self.entry, name) is not None}


@dataclass(frozen=True, slots=True)
class Corrected:
    """A model of a list under the corrections that are for it, to be asked what it costs when.

    ``look_up`` gives the list's offer for the dimensions that no correction accounts for.
    """

    look_up: Callable[[tuple[tuple[str, str], ...]], Offer | None]
    corrections: tuple[Correction, ...]
    given: tuple[tuple[str, str], ...]

    def at(self, instant: datetime) -> Quote | None:
        """The price in force at an instant; None where neither list nor correction knows the model."""
        left, applied = dict(self.given), []
        for correction in self.corrections:
            if not correction.is_price and correction.entry.covers(instant) and correction.meets(left):
                applied.append(correction)
                for name in correction.consumes():
                    left.pop(name, None)
        whole = next((c for c in self.corrections if c.is_price and c.entry.covers(instant) and c.meets(left)), None)
        if whole is not None and whole.unknown is not None:
            return Quote("unpriced", whole.unknown, _told(whole))
        if whole is not None:
            quote: Quote | None = Quote("priced" if whole.entry.tiers else "free", None, _told(whole), tiers=whole.entry.tiers)
        else:
            offer = self.look_up(tuple(sorted(left.items())))
            quote = offer.at(instant) if offer is not None else None
        if quote is None or quote.status != "priced" or not applied:
            return quote
        tiers = quote.tiers
        for correction in applied:
            tiers = tuple((over, _apply(prices, correction)) for over, prices in tiers)
        whole_of = [c for c in applied if c.times is not None or "request" in c.add]
        return replace(
            quote,
            tiers=tiers,
            source="; ".join([quote.source or "", *(_told(c) for c in whole_of)]),
            units_source="; ".join(_told(c) for c in applied if c not in whole_of) or None,
        )

    def offers(self) -> Iterator[Offer]:
        """Every offer of the list that may be asked."""
        seen = {self.given}
        for correction in self.corrections:
            seen |= {tuple(pair for pair in given if pair[0] not in correction.consumes()) for given in tuple(seen)}
        for given in sorted(seen):
            offer = self.look_up(tuple(sorted(given)))
            if offer is not None:
                yield offer

    @property
    def is_dated(self) -> bool:
        """The price has changed, or changes over the week."""
        return any(c.entry.is_dated for c in self.corrections) or any(offer.is_dated for offer in self.offers())

    @property
    def keeps_history(self) -> bool:
        """The list would say if the price had ever been another."""
        return all(offer.keeps_history for offer in self.offers())

    def dates(self) -> Iterator[datetime]:
        """Instants at which the price may change."""
        for correction in self.corrections:
            yield from (bound for bound in (correction.entry.since, correction.entry.until) if bound is not None)
        for offer in self.offers():
            yield from offer.dates()

    def week_us(self) -> Iterator[int]:
        """Microseconds of the UTC week at which the price may change."""
        for correction in self.corrections:
            yield from correction.entry.week_us()
        for offer in self.offers():
            yield from offer.week_us()


@cache
def corrections(path: Path = FILE) -> tuple[Correction, ...]:
    """The corrections of a file, in order.

    Raises:
        ConfigError: an entry is wrong; the place has the line.
    """
    tree = read_tree(path)
    items = tree.mapping({"corrections": 0, "open": 0}).get("corrections") if tree is not None else None
    return tuple(_correction(item) for item in items.items()) if items is not None else ()


def _correction(tree: Tree) -> Correction:
    got = tree.mapping(dict.fromkeys(("name", "source", "match", *_DOES, "example", "note")))
    if not {"name", "source", "match", "example"} <= got.keys() or len(got.keys() & set(_DOES)) != 1:
        raise tree.wrong(f"a correction needs name, source, match, example, and one of {', '.join(_DOES)}", "Add what is missing")
    match = got["match"].mapping(dict.fromkeys(_MATCH))
    price = got["price"].mapping(dict.fromkeys(_PRICE)) if "price" in got else {}
    add: UnitPrices = {}
    if "add" in got:
        units = got["add"].mapping(dict.fromkeys((*EACH, "units")))
        add = {unit: value.amount() for unit, value in units.items() if unit in EACH}
        add = {**add, **(other_units(units["units"]) if "units" in units else {})}
    return Correction(
        name=got["name"].text(),
        source=got["source"].text(),
        entry=entry(tree, match, tiers_of(got["price"], price) if price else ()),
        times=got["times"].amount() if "times" in got else None,
        add=add,
        unknown=got["unknown"].text() if "unknown" in got else None,
    )


def _told(correction: Correction) -> str:
    return f"corrections: {correction.name}"


def _apply(prices: UnitPrices, correction: Correction) -> UnitPrices:
    times = correction.times
    if times is None:
        return {**correction.add, **{unit: price for unit, price in prices.items() if unit != "request" or unit not in correction.add}}
    return {
        unit: _EXACT.quantize(_EXACT.multiply(price, times), _QUANTUM) if unit in TOKEN_UNITS else price for unit, price in prices.items()
    }
