"""Owns where the prices of one combination of route, model and dimensions may come from, and in which order they are asked.

Own prices, then price lists: files, and the bundled one under its corrections. Must not know SQL, nor how a price is laid out in
rows. Rules and traps: usage-and-cost.md, "Cost".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from llm_usage.pricing.corrections import Corrected, corrections
from llm_usage.pricing.entry import Entry
from llm_usage.pricing.list_file import FileOffer, PriceList
from llm_usage.pricing.price_list import Offer, Quote, find, find_by_model, list_id
from llm_usage.pricing.rules import (
    ASKED_FIRST,
    BASE_REGIONS,
    BASE_SPEEDS,
    BASE_TIERS,
    BASE_TRAFFIC,
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
from llm_usage.pricing.user_prices import DIMENSIONS, PriceFile

EARLY = datetime(1970, 1, 1, tzinfo=UTC)


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
        found = {
            name: word.strip().lower() for name, (word, base) in words.items() if word is not None and word.strip().lower() not in base
        }
        if "tier" in found:  # `traffic` says the same in one vocabulary
            found.pop("traffic", None)
        return found


@dataclass(frozen=True, slots=True)
class Sources:
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
        quote = self._listed(EARLY)
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


def sources_of(key: Key, own: PriceFile | None, shelf: tuple[PriceList | None, ...], *, corrected: bool = True) -> Sources:
    """The sources of a key: the user's prices, then a shelf of price lists, where None stands for the bundled one.

    ``corrected`` is false to hear the bundled list without its corrections.
    """
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
            corrector = provider if corrected else None
            by_route = _bundled(provider_list, corrector, key.server_address if key.gateway is None else None, names, given)
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
    return Sources(
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
    twice = given.get("tier") if (key.traffic or "").strip().lower() == given.get("tier") else None
    return {
        **{name: given.get(name) for name in DIMENSIONS},
        "tier": key.tier if "tier" in given else None,
        "traffic": given.get("traffic", twice),
    }


def _bundled(
    list_name: str | None, provider: str | None, server: str | None, names: tuple[str, ...], given: dict[str, str]
) -> Corrected | None:
    """What the bundled list, corrected, says; None where neither knows the model."""
    chosen = [c for c in corrections() if provider is not None and c.selects(provider, server, names)]
    if list_name not in REGION_HAS_A_PRICE and all(c.entry.region is None for c in chosen):
        given = {name: word for name, word in given.items() if name != "region"}  # all have one price
    own = tuple(c for c in chosen if c.may_meet(given))
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
