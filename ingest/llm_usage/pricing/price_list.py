"""Owns the reading of the public price list (genai-prices, the data bundled with it; no network) into quotes.

A quote is what a list says of one model at one instant. The library's own matching and its own choice of the price in force
are used, so that a cost worked out from a quote equals ``genai_prices.calc_price``. Must not know requests or SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Context, Decimal, Inexact
from functools import cache, lru_cache
from importlib.metadata import version

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from llm_usage.pricing.entry import UnitPrices
from llm_usage.pricing.rules import BASE_TIERS, BY_UNIT, FREE_OF_CHARGE, FREE_SUFFIX, TIER_KEYS, UNIT_OF_KEY, plain

_EXACT = Context(prec=60, traps=[Inexact])
_ROUNDED = Context(prec=60)
_QUANTUM = Decimal("1e-24")
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Quote:
    """What a list says. ``status`` priced, free, unpriced or tier_unknown; ``tiers`` as in `prices_file.Entry`."""

    status: str
    reason: str | None = None
    source: str | None = None
    provider: str | None = None
    model: str | None = None
    tiers: tuple[tuple[int, UnitPrices], ...] = ()
    units_source: str | None = None
    """Where the prices of units beside tokens come from that the list lacks."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of a list, to be asked what it costs when.

    ``context`` are the library's words for the service tier; None when the list has no such tier for this model.
    """

    provider: Provider
    model: ModelInfo
    context: dict[str, str] | None
    source: str
    unknown: str = "tier"
    """Which dimension it is that has no price, where the context is None."""

    def at(self, instant: datetime) -> Quote:
        """The price in force at an instant."""
        if self.context is None or (self.context and not self._knows_tier(instant)):
            return self._quote("tier_unknown" if self.unknown == "tier" else "unpriced", f"{self.unknown}_unknown")
        price = self.model.get_prices(instant, self.context)
        listed = {key: value for key, value in vars(price).items() if value is not None and not key.startswith("_")}
        if not listed:
            if self.model.id.endswith(FREE_SUFFIX) or (self.provider.id, self.model.id) in FREE_OF_CHARGE:
                return self._quote("free")
            return self._quote("unpriced", "no_price_listed")
        tiers = _tiers(listed)
        if not tiers[0][1].keys() & {"input", "output", *BY_UNIT}:
            return self._quote("unpriced", "no_token_price")
        return self._quote("priced", tiers=tiers)

    def _quote(self, status: str, reason: str | None = None, tiers: tuple[tuple[int, UnitPrices], ...] = ()) -> Quote:
        return Quote(status, reason, self.source, self.provider.id, self.model.id, tiers)

    def _knows_tier(self, instant: datetime) -> bool:
        return any(
            v.when == self.context and (v.constraint is None or v.constraint.active(instant)) for v in self.model.price_variants or ()
        )

    @property
    def is_dated(self) -> bool:
        """The price has changed, or changes over the day."""
        return any(constraint is not None for constraint in self._constraints())

    @property
    def keeps_history(self) -> bool:
        """The list has dated prices of some of its models: one that stands there with a single price had no other."""
        return _keeps_history(self.provider.id)

    def dates(self) -> Iterator[datetime]:
        """Instants at which the price may change."""
        for constraint in self._constraints():
            if isinstance(constraint, StartDateConstraint):
                yield datetime.combine(constraint.start_date, time(), UTC)

    def week_us(self) -> Iterator[int]:
        """Microseconds of the UTC week (Monday is its first day) at which the price may change."""
        for constraint in self._constraints():
            if isinstance(constraint, TimeOfDateConstraint):
                for at in (constraint.start_time, constraint.end_time):
                    utc = datetime.combine(datetime(1970, 1, 2), at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)  # noqa: DTZ001
                    time_us = (utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) % _DAY_US
                    yield from (day * _DAY_US + time_us for day in range(7))

    def _constraints(self) -> Iterator[StartDateConstraint | TimeOfDateConstraint | None]:
        variants = self.model.price_variants or ()
        steps: list[ConditionalPrice | PriceVariant] = [v for v in variants if self.context and v.when == self.context]
        if not isinstance(self.model.prices, ModelPrice):
            steps += self.model.prices
        return (step.constraint for step in steps)


@cache
def edition() -> str:
    """Which price list this is."""
    return f"genai-prices {version('genai-prices')}"


@cache
def list_id(name: str) -> str | None:
    """The id of the list of a provider, by any spelling of it; None when there is no such list."""
    return {plain(provider.id): provider.id for provider in get_snapshot().providers}.get(plain(name))


@cache
def _keeps_history(list_name: str) -> bool:
    provider = next(p for p in get_snapshot().providers if p.id == list_name)
    return any(
        isinstance(step.constraint, StartDateConstraint)
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for step in model.prices
    )


@lru_cache(4096)
def find(list_name: str, models: tuple[str, ...], tier: str | None, other: tuple[tuple[str, str], ...] = ()) -> Offer | None:
    """The first of ``models`` that a list knows, with the tier in its words; None when it knows none of them.

    ``other`` are the dimensions beside the tier (speed, traffic, region) that are not the default, with their words.
    """
    providers = get_snapshot().providers
    provider = next((p for p in providers if p.id == list_name), None)
    if provider is None:
        return None
    for name in models:
        model = provider.find_model(name, all_providers=providers)
        if model is not None:
            context, unknown = _context(provider, model, tier, other)
            return Offer(provider, model, context, f"{edition()}: {provider.id}", unknown)
    return None


def find_by_model(models: tuple[str, ...], tier: str | None, other: tuple[tuple[str, str], ...] = ()) -> Offer | None:
    """As `find`, where nothing says who was called: the list of the maker that the model's name gives away."""
    for name in models:
        try:
            maker = get_snapshot().find_provider(name.lower(), None, None)
        except LookupError:
            continue
        found = find(maker.id, (name,), tier, other)
        if found is not None:
            return replace(found, source=f"{found.source}, by the model's name")
    return None


def _context(
    provider: Provider, model: ModelInfo, tier: str | None, other: tuple[tuple[str, str], ...]
) -> tuple[dict[str, str] | None, str]:
    """The list's words for what is not the default; None where it has no price for that, with the dimension that it lacks."""
    word = (tier or "").strip().lower()
    asked = [*([("tier", word)] if word not in BASE_TIERS else []), *other]
    if len({said for _, said in asked}) > 1:  # no list names two at once
        return None, asked[-1][0]
    for dimension, said in asked:
        if any(model is own for own in provider.models):  # the library ignores tiers of models that a list borrows from another
            for key in TIER_KEYS:
                if any(variant.when == {key: said} for variant in model.price_variants or ()):
                    return {key: said}, dimension
        return None, dimension
    return {}, "tier"


def _tiers(listed: dict[str, Decimal | TieredPrices]) -> tuple[tuple[int, UnitPrices], ...]:
    """Unit prices by size of the input: the price of the highest tier whose start the whole input exceeds is for all of it."""
    starts = sorted({tier.start for price in listed.values() if isinstance(price, TieredPrices) for tier in price.tiers})
    return tuple((start, _units(listed, start)) for start in (-1, *starts))


def _units(listed: dict[str, Decimal | TieredPrices], over: int) -> UnitPrices:
    units = {}
    for key, price in listed.items():
        unit = UNIT_OF_KEY.get(key)
        if unit is None:
            continue  # pages, video, hours of a session: no request says how many it used
        amount = price
        if isinstance(amount, TieredPrices):
            amount = next((tier.price for tier in reversed(amount.tiers) if over >= tier.start), amount.base)
        context = _ROUNDED if unit[0] == "audio_second" else _EXACT  # an hour has no decimal number of seconds
        units[unit[0]] = context.quantize(context.divide(amount, Decimal(unit[1])), _QUANTUM)
    return units
