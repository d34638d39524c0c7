"""Owns ``prices.yaml``: the user's own prices, negotiated or self-hosted; read, checked, with the line in every error.

Must not know public price lists or where a price is used. The file::

    prices:
      - provider: openai           # who is called: provider, gateway or server (host[:port], * for anything)
        model: gpt-4o*             # as asked or answered, * for anything
        from: 2025-01-01           # optional, inclusive: a UTC day or an instant with its offset
        until: 2026-01-01          # optional, exclusive
        tier: flex                 # optional; without it the default tier is meant, "*" is any
        per: 1_000_000             # optional: tokens that a price is for
        input: 1.80                # USD; also cache_read, cache_write, cache_write_1h, input_audio, input_image
        output: 7.20               # also reasoning, output_audio, output_image; and request: USD for each request
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
#: A search has a price in public lists only: with own prices, a request that made some is a lower bound.
UNITS = (*TOKEN_UNITS, "request", "web_search")
_OWN_UNITS = (*TOKEN_UNITS, "request")
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
_SELECTORS = ("provider", "gateway", "server", "model")
_KEYS = (*_SELECTORS, "from", "until", "tier", "per", *_OWN_UNITS, "over", "free", "note")
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
#: The unit price column is decimal(38,24), and a price of more than this a token is a slip of the pen.
_SMALLEST, _MOST = Decimal("1e-24"), Decimal(1)

UnitPrices = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``tiers``: (more input tokens than, USD per token by unit), ascending, the first from -1; empty = free."""

    line: int
    provider: re.Pattern[str] | None
    gateway: re.Pattern[str] | None
    server: re.Pattern[str] | None
    model: re.Pattern[str] | None
    tier: re.Pattern[str] | None
    since: datetime | None
    until: datetime | None
    tiers: tuple[tuple[int, UnitPrices], ...]

    @property
    def is_dated(self) -> bool:
        """It has a bound in time, so that it says nothing of undated requests."""
        return self.since is not None or self.until is not None

    def covers(self, at: datetime | None) -> bool:
        """It holds at this instant; for None only when it always holds."""
        if at is None:
            return not self.is_dated
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The entries of a file, in order."""

    origin: str
    entries: tuple[Entry, ...]

    def matching(
        self, *, provider: str | None, gateway: str | None, server: str | None, models: tuple[str, ...], tier: str | None
    ) -> tuple[Entry, ...]:
        """Entries that are for such requests at some time, in order. ``tier`` is None for the default tier.

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
                and (entry.tier.match(tier or "default") is not None if entry.tier is not None else tier is None)
            ):
                found.append(entry)
        return tuple(found)


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
    if not got.keys() & {"provider", "gateway", "server"}:
        raise tree.wrong("the entry does not say whose price it is", "Give it `provider:`, `gateway:` or `server:`")
    since, until = (_instant(got[key]) if key in got else None for key in ("from", "until"))
    if since is not None and until is not None and since >= until:
        raise got["until"].wrong("`until` is not after `from`", "Give a later `until`; it is exclusive")
    globs = {key: _glob(got[key]) if key in got else None for key in (*_SELECTORS, "tier")}
    return Entry(
        line=tree.node.start_mark.line + 1,
        provider=globs["provider"],
        gateway=globs["gateway"],
        server=globs["server"],
        model=globs["model"],
        tier=globs["tier"],
        since=since,
        until=until,
        tiers=_tiers(tree, got),
    )


def _tiers(tree: Tree, got: dict[str, Tree]) -> tuple[tuple[int, UnitPrices], ...]:
    given = got.keys() & set(UNITS)
    if "free" in got:
        if got["free"].text().lower() not in {"true", "yes"} or given or "over" in got:
            raise got["free"].wrong("`free` stands alone", "Write `free: true` and no prices, or prices and no `free`")
        return ()
    per = got["per"].whole() if "per" in got else 1_000_000
    base = {unit: _price(got[unit], 1 if unit == "request" else per) for unit in UNITS if unit in got}
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
        prices = tree_of.mapping(dict.fromkeys(base))
        own = {unit: _price(value, 1 if unit == "request" else per) for unit, value in prices.items()}
        tiers.append((int(digits), {**tiers[-1][1], **own}))
    return tuple(tiers)


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
    return re.compile(translate(tree.text()), re.IGNORECASE)
