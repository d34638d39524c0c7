"""Owns ``prices.yaml``: the user's own prices, negotiated or self-hosted; read, checked, with the line in every error.

Must not know public price lists or where a price is used. The file::

    prices:
      - provider: openai           # who is called: provider, gateway or server (host[:port], * for anything)
        model: gpt-4o*             # as asked or answered, * for anything; like all of these also a list: [gpt-4o*, o3]
        from: 2025-01-01           # optional, inclusive: a UTC day or an instant with its offset
        until: 2026-01-01          # optional, exclusive
        tier: flex                 # optional; without it the default tier is meant, "*" is any
        speed: fast                # optional; without it standard speed is meant, "*" is any; so traffic (batch, flex, priority ...)
        region: eu                 # optional: inference region; without it any
        context: low               # optional: Perplexity's search_context_size; without it any
        hours: 01:00-04:00, 06:00-10:00   # optional: times of the UTC day
        weekdays: mon-fri          # optional: days of the UTC week
        currency: EUR              # optional: prices of another currency than USD are never in a sum; the request is unpriced
        per: 1_000_000             # optional: tokens that a price is for
        input: 1.80                # USD; also cache_read, cache_write, cache_write_1h, input_audio, input_image
        output: 7.20               # also reasoning, output_audio, output_image; and request, web_search: USD for each
        units: {file_search: 0.0025}   # optional: USD for one of any other unit that billed_units names
        over:                      # optional: whole requests with more input tokens than this cost
          200000: {input: 3.60, output: 14.40}
      - server: localhost:8000
        free: true

The first entry that matches wins. A part without its own price is charged as its parent (cache_read as input, reasoning as
output); a model needs ``input`` and ``output``, or ``free``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from fnmatch import translate
from pathlib import Path

from llm_usage.pricing.entry import Entry, UnitPrices, meets
from llm_usage.pricing.week import hours, weekdays
from llm_usage.yaml_tree import Tree, read_tree

#: What a price can be for: the unit columns of ``raw.prices``, in order, without ``_usd``.
TOKEN_UNITS = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
)
#: What is charged for each, not for a token.
EACH = ("request", "web_search")
UNITS = (*TOKEN_UNITS, *EACH)
_OWN_UNITS = UNITS
#: A part can only be priced where its parent is.
PARENTS = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "input_audio": "input",
    "input_image": "input",
    "reasoning": "output",
    "output_audio": "output",
    "output_image": "output",
}
SELECTORS = ("provider", "gateway", "server", "model")
DIMENSIONS = ("tier", "speed", "traffic", "region", "context")
_KEYS = (
    *SELECTORS, *DIMENSIONS, "from", "until", "hours", "weekdays", "currency", "per", *_OWN_UNITS, "units", "over", "free", "note",
)  # fmt: skip
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
#: The unit price column is decimal(38,24), and a price of more than this a token is a slip of the pen.
_SMALLEST, _MOST = Decimal("1e-24"), Decimal(1)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The entries of a file, in order."""

    origin: str
    entries: tuple[Entry, ...]

    def matching(
        self,
        *,
        provider: str | None,
        gateway: str | None,
        server: str | None,
        models: tuple[str, ...],
        tier: str | None,
        speed: str | None = None,
        traffic: str | None = None,
        region: str | None = None,
        context: str | None = None,
    ) -> tuple[Entry, ...]:
        """Entries that are for such requests at some time, in order. ``tier``, ``speed`` and ``traffic`` are None for the default.

        An entry that names no gateway is not for requests that went through one.
        """
        found = []
        for entry in self.entries:
            by_gateway = entry.gateway is None or (gateway is not None and entry.gateway.match(gateway) is not None)
            if (
                by_gateway
                and (entry.gateway is not None or gateway is None)
                and (entry.provider is None or (provider is not None and entry.provider.match(provider)))
                and (entry.server is None or (server is not None and entry.server.match(server)))
                and (entry.model is None or any(entry.model.match(model) for model in models))
                and _is_paid_so(entry, tier, traffic)
                and meets(entry.speed, speed)
                and (entry.region is None or (region is not None and entry.region.match(region)))
                and (entry.context is None or (context is not None and entry.context.match(context)))
            ):
                found.append(entry)
        return tuple(found)


def _is_paid_so(entry: Entry, tier: str | None, traffic: str | None) -> bool:
    """Tier and traffic are met; where they are one thing said twice (flex and flex), an entry need name only one of them."""
    if tier is not None and tier.strip().lower() == traffic and (entry.tier is None) != (entry.traffic is None):
        return meets(entry.tier or entry.traffic, tier)
    return meets(entry.tier, tier) and meets(entry.traffic, traffic)


def read(path: Path) -> PriceFile:
    """Read and check a price file.

    Raises:
        ConfigError: the file cannot be read, or an entry is wrong; the place has the line.
    """
    tree = read_tree(path)
    if tree is None:
        return PriceFile(str(path), ())
    items = tree.mapping({"prices": 0}).get("prices")
    return PriceFile(str(path), tuple(_entry(item) for item in items.items()) if items is not None else ())


def _entry(tree: Tree) -> Entry:
    got = tree.mapping(dict.fromkeys(_KEYS))
    return entry(tree, got, tiers_of(tree, got))


def entry(tree: Tree, got: Mapping[str, Tree], tiers: tuple[tuple[int, UnitPrices], ...]) -> Entry:
    """An entry for the requests that the keys in ``got`` select, at these prices."""
    if not got.keys() & {"provider", "gateway", "server"}:
        raise tree.wrong("the entry does not say whose price it is", "Give it `provider:`, `gateway:` or `server:`")
    since, until = (_instant(got[key]) if key in got else None for key in ("from", "until"))
    if since is not None and until is not None and since >= until:
        raise got["until"].wrong("`until` is not after `from`", "Give a later `until`; it is exclusive")
    globs = {key: _glob(got[key]) if key in got else None for key in (*SELECTORS, *DIMENSIONS)}
    return Entry(
        line=tree.node.start_mark.line + 1,
        provider=globs["provider"],
        gateway=globs["gateway"],
        server=globs["server"],
        model=globs["model"],
        tier=globs["tier"],
        since=since,
        until=until,
        tiers=tiers,
        speed=globs["speed"],
        traffic=globs["traffic"],
        region=globs["region"],
        context=globs["context"],
        hours=hours(got["hours"]) if "hours" in got else (),
        weekdays=weekdays(got["weekdays"]) if "weekdays" in got else frozenset(),
        currency=_currency(got["currency"]) if "currency" in got else None,
    )


def tiers_of(tree: Tree, got: Mapping[str, Tree]) -> tuple[tuple[int, UnitPrices], ...]:
    """The prices that an entry's keys give, by size of the input; none = free."""
    given = got.keys() & set(UNITS)
    if "free" in got:
        if got["free"].text().lower() not in {"true", "yes"} or given or "over" in got:
            raise got["free"].wrong("`free` stands alone", "Write `free: true` and no prices, or prices and no `free`")
        return ()
    per = got["per"].whole() if "per" in got else 1_000_000
    base = {unit: _price(got[unit], 1 if unit in EACH else per) for unit in UNITS if unit in got}
    base |= other_units(got["units"]) if "units" in got else {}
    if not {"input", "output"} <= base.keys():
        raise tree.wrong("the entry has no price for input and output", "Give it `input:` and `output:`, or `free: true`")
    for part, parent in PARENTS.items():
        if part in base and parent not in base:
            raise got[part].wrong(f"`{part}` has a price and `{parent}` has none", f"Give `{parent}:`, too")
    tiers = [(-1, base)]
    for bound, tree_of in got["over"].mapping().items() if "over" in got else ():
        digits = bound.replace("_", "")
        if not re.fullmatch("[0-9]{1,12}", digits) or int(digits) <= tiers[-1][0]:
            raise tree_of.wrong(f"`{bound}` is no number of tokens greater than the one before", "Write bounds such as 200000, ascending")
        prices = tree_of.mapping(dict.fromkeys(unit for unit in base if unit in UNITS))
        own = {unit: _price(value, 1 if unit in EACH else per) for unit, value in prices.items()}
        tiers.append((int(digits), {**tiers[-1][1], **own}))
    return tuple(tiers)


def other_units(tree: Tree) -> dict[str, Decimal]:
    """USD for one of a unit of ``billed_units``, by its name."""
    found = {}
    for unit, value in tree.mapping().items():
        if not re.fullmatch("[a-z][a-z0-9_]*", unit) or unit in UNITS:
            raise value.wrong(f"`{unit}` is no other unit", "Name a unit of billed_units, in small letters; tokens have keys of their own")
        found[unit] = _price(value, 1)
    return found


def _currency(tree: Tree) -> str | None:
    word = tree.text().upper()
    if not re.fullmatch("[A-Z]{3}", word):
        raise tree.wrong("is no currency", "Write its three letters, such as EUR")
    return None if word == "USD" else word


def _price(tree: Tree, per: int) -> Decimal:
    """USD for one, exact."""
    value = tree.amount()
    try:
        each = _EXACT.quantize(_EXACT.divide(value, Decimal(per)), _SMALLEST)
    except ArithmeticError:
        raise tree.wrong("has more than 24 decimals for one token", "Round the price, or choose `per:` so that it divides") from None
    if each > _MOST:
        raise tree.wrong(f"is {each.normalize():f} USD for one", f"Prices are for `per: {per}`; set `per:` to the number that yours is for")
    return each


def _instant(tree: Tree) -> datetime:
    try:
        value = datetime.fromisoformat(tree.text())
    except ValueError:
        raise tree.wrong("is no date", "Write 2025-01-31, or an instant with its offset: 2025-01-31T08:00:00+01:00") from None
    if value.tzinfo is None:
        if len(tree.text()) > len("2025-01-31"):
            raise tree.wrong("the instant has no offset", "Write it with one: 2025-01-31T08:00:00+01:00, or Z for UTC")
        value = value.replace(tzinfo=UTC)
    if not 1970 <= value.year <= 9998:
        raise tree.wrong("is before 1970 or after 9998", "Leave the key out: without `from:` or `until:` the price has no such bound")
    return value.astimezone(UTC)


def _glob(tree: Tree) -> re.Pattern[str]:
    """One pattern, or a list of which one must match."""
    words = [item.text() for item in tree.items()] if tree.is_list else [tree.text()]
    return re.compile("|".join(translate(word) for word in words), re.IGNORECASE)
