"""Owns the reading of the public price list (genai-prices, the data bundled with it; no network) into quotes.

A quote is what a list says of one model at one instant. The library's own matching and its own choice of the price in force
are used, so that a cost worked out from a quote equals ``genai_prices.calc_price``. Must not know requests or SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

from llm_usage.pricing.rules import BASE_TIERS, FREE_OF_CHARGE, FREE_SUFFIX, TIER_KEYS, UNIT_OF_KEY, plain
from llm_usage.pricing.user_prices import UnitPrices

_EXACT = Context(prec=60, traps=[Inexact])
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


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of a list, to be asked what it costs when.

    ``context`` are the library's words for the service tier; None when the list has no such tier for this model.
    """

    provider: Provider
    model: ModelInfo
    context: dict[str, str] | None
    source: str

    def at(self, instant: datetime) -> Quote:
        """The price in force at an instant."""
        if self.context is None or (self.context and not self._knows_tier(instant)):
            return self._quote("tier_unknown", "tier_unknown")
        price = self.model.get_prices(instant, self.context)
        listed = {key: value for key, value in vars(price).items() if value is not None and not key.startswith("_")}
        if not listed:
            if self.model.id.endswith(FREE_SUFFIX) or (self.provider.id, self.model.id) in FREE_OF_CHARGE:
                return self._quote("free")
            return self._quote("unpriced", "no_price_listed")
        tiers = _tiers(listed)
        if not tiers[0][1].keys() & {"input", "output"}:
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

    def dates(self) -> Iterator[datetime]:
        """Instants at which the price may change."""
        for constraint in self._constraints():
            if isinstance(constraint, StartDateConstraint):
                yield datetime.combine(constraint.start_date, time(), UTC)

    def times_us(self) -> Iterator[int]:
        """Microseconds of the UTC day at which the price may change."""
        for constraint in self._constraints():
            if isinstance(constraint, TimeOfDateConstraint):
                for at in (constraint.start_time, constraint.end_time):
                    utc = datetime.combine(datetime(1970, 1, 2), at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)  # noqa: DTZ001
                    yield (utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) % _DAY_US

    def _constraints(self) -> Iterator[StartDateConstraint | TimeOfDateConstraint | None]:
        steps: list[ConditionalPrice | PriceVariant] = [*(self.model.price_variants or ())]
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


@lru_cache(4096)
def find(list_name: str, models: tuple[str, ...], tier: str | None) -> Offer | None:
    """The first of ``models`` that a list knows, with the tier in its words; None when it knows none of them."""
    providers = get_snapshot().providers
    provider = next((p for p in providers if p.id == list_name), None)
    if provider is None:
        return None
    for name in models:
        model = provider.find_model(name, all_providers=providers)
        if model is not None:
            return Offer(provider, model, _context(provider, model, tier), f"{edition()}: {provider.id}")
    return None


def find_by_model(models: tuple[str, ...], tier: str | None) -> Offer | None:
    """As `find`, where nothing says who was called: the list of the maker that the model's name gives away."""
    for name in models:
        try:
            maker = get_snapshot().find_provider(name.lower(), None, None)
        except LookupError:
            continue
        found = find(maker.id, (name,), tier)
        if found is not None:
            return Offer(found.provider, found.model, found.context, f"{found.source}, by the model's name")
    return None


def _context(provider: Provider, model: ModelInfo, tier: str | None) -> dict[str, str] | None:
    word = (tier or "").strip().lower()
    if word in BASE_TIERS:
        return {}
    if any(model is own for own in provider.models):  # the library ignores tiers of models that a list borrows from another
        for key in TIER_KEYS:
            if any(variant.when == {key: word} for variant in model.price_variants or ()):
                return {key: word}
    return None


def _tiers(listed: dict[str, Decimal | TieredPrices]) -> tuple[tuple[int, UnitPrices], ...]:
    """Unit prices by size of the input: the price of the highest tier whose start the whole input exceeds is for all of it."""
    starts = sorted({tier.start for price in listed.values() if isinstance(price, TieredPrices) for tier in price.tiers})
    return tuple((start, _units(listed, start)) for start in (-1, *starts))


def _units(listed: dict[str, Decimal | TieredPrices], over: int) -> UnitPrices:
    units = {}
    for key, price in listed.items():
        unit = UNIT_OF_KEY.get(key)
        if unit is None:
            continue  # audio hours, file searches, pages: no request says how many it used
        amount = price
        if isinstance(amount, TieredPrices):
            amount = next((tier.price for tier in reversed(amount.tiers) if over >= tier.start), amount.base)
        units[unit[0]] = _EXACT.quantize(_EXACT.divide(amount, Decimal(unit[1])), _QUANTUM)
    return units
