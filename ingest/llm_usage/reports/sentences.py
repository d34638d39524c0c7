"""Owns the sentences in which the account of a request is told to a person; must not know where they are shown, nor SQL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from llm_usage.render import number
from llm_usage.reports.account import Charge, ClockAccount, Cost, ListPrice

#: Why a cost is only a lower bound; the codes of ``staging.requests.cost_bound_reason``.
_MISSING = {
    "output_incomplete": "the output is not known in full",
    "output_hidden": "the total names output that its parts do not tell",
    "search_price_unknown": "the searches have no price",
    "unit_price_unknown": "units beside tokens have no price",
    "spend_outside_totals": "the usage names rounds that its totals leave out",
    "byok_bill_unknown": "the provider's bill is not known",
}
#: Why a request is not charged by itself; the codes of ``staging.requests.not_charged_because``.
_NOT_CHARGED = {
    "gateway_cache_hit": "The gateway says that it answered from its own cache: nobody charged for it.",
    "subscription": "A plan pays for this traffic, whatever it uses: it stands apart from spend.",
    "provisioned": "Provisioned capacity pays for this traffic, whether it is used or not: it stands apart from spend.",
}
_DIMENSIONS = {"tier": "service tier", "inference_region": "region of inference"}
_CLOCKS = {
    "per_chunk": "Each frame has an arrival time from {origin}, by the recorder's own clock.",
    "total": "The recorder timed the whole exchange, not the frames: duration is known, TTFT is not.",
    "headers_only": "The recorder's clock stopped at the response headers: TTFT and end-to-end are at least {headers} ms.",
    "server": "Only the server's own account exists; it says nothing of the network and never enters client percentiles.",
    "none": "This recording format keeps no times.",
}


def cost_sentences(cost: Cost) -> Iterator[str]:
    """What a request cost, step by step."""
    if cost.reported_usd is not None:
        yield from _reported(cost)
    if cost.cost_other is not None:
        yield f"The response reports {number(cost.cost_other)} {cost.cost_currency or '?'}: kept apart, in no sum of USD."
    if cost.dimensions:
        yield f"The price depends on {', '.join(f'{_DIMENSIONS.get(name, name)} {word}' for name, word in cost.dimensions.items())}."
    if cost.by_list is not None:
        yield from _by_list(cost.by_list)
        if cost.is_date_assumed:
            yield "It has no date: these are the prices of a date that was assumed, as the configuration says (`undated:`)."
    elif cost.price_status == "free":
        yield f"The list price is zero ({cost.price_source or 'free model'})."
    else:
        yield f"No computed cost: {', '.join(dict.fromkeys(filter(None, (cost.price_status, cost.price_reason))))}."
    for used in cost.billed_units:
        if used["unit"] in cost.unpriced_units:
            yield f"  {_unit(used['unit'])}: {_quantity(used['quantity'])}, read from {used['read_from']}: no price is known."
    if cost.not_charged_because is not None:
        yield _NOT_CHARGED[cost.not_charged_because]
        counts = f"So it counts with {number(cost.cost_usd)} USD" if cost.cost_usd is not None else "So it is in no sum"
        yield f"{counts} (not_charged)."
    elif cost.cost_basis is None or cost.cost_usd is None:
        yield "So its cost is not known, and no total contains it."
    else:
        bound = f", at least: {_MISSING[cost.cost_bound_reason]}" if cost.cost_bound_reason else ""
        yield f"So it counts with {number(cost.cost_usd)} USD ({cost.cost_basis}{bound})."


def _reported(cost: Cost) -> Iterator[str]:
    yield f"The response itself reports {number(cost.reported_usd or Decimal(0))} USD; reported money wins."
    if cost.reported_input_usd is not None and cost.reported_output_usd is not None:
        yield f"  of it {number(cost.reported_input_usd)} for input and {number(cost.reported_output_usd)} for output."
    if cost.is_byok and cost.upstream_cost_usd is not None:
        yield f"  The caller's own provider key was used: the upstream charge of {number(cost.upstream_cost_usd)} is included."
    elif cost.is_byok:
        yield "  The caller's own provider key was used, and the provider's bill is not reported: this is the gateway's fee only."


def _by_list(price: ListPrice) -> Iterator[str]:
    yield f"By the list of {price.provider} for {price.model} ({price.source}):" if price.model else f"By {price.source}:"
    yield from map(_charge, price.charges)
    if price.units_source:
        yield f"  prices of units beside tokens: {price.units_source}"
    agrees = "" if price.usd == price.by_views_usd else f" — the views say {number(price.by_views_usd)}: please report this"
    yield f"  together {number(price.exact_usd)}, rounded once, half to even: {number(price.usd)} USD{agrees}"


def _charge(charge: Charge) -> str:
    if charge.count is None:
        return f"  {charge.what}: not known"
    if charge.side == "request":
        return f"  one request = {number(charge.usd)}"
    if charge.side in ("search", "unit"):
        return f"  {_unit(charge.what)}: {_quantity(charge.count)} × {number(charge.unit_usd)} USD = {number(charge.usd)}"
    rest = " (the rest)" if charge.rest else ""
    return f"  {charge.what}{rest}: {charge.count:,} × {number(charge.unit_usd * 1_000_000)} USD per million = {number(charge.usd)}"


def _unit(name: str) -> str:
    return name.replace("_", " ")


def _quantity(count: int | Decimal) -> str:
    return f"{count:,}" if isinstance(count, int) else number(count)


def clock_sentences(clock: ClockAccount) -> Iterator[str]:
    """Which clock a request has, and what it says."""
    headers = f"{clock.observed_ns['headers'] / 1e6:,.3f}" if "headers" in clock.observed_ns else "?"
    origin = "the request" if clock.arrival_origin == "request" else "the response headers"
    yield _CLOCKS[clock.timing_source].format(origin=origin, headers=headers)
    for times, word in ((clock.observed_ns, "observed"), (clock.server_ns, "by the server's account")):
        if times:
            yield f"{word}: {', '.join(f'{name} {ns / 1e6:,.3f} ms' for name, ns in times.items())}"
    if clock.arrival_origin == "headers":
        yield "Arrivals count from the headers, so TTFT and end-to-end are known only as lower bounds."
    yield (
        f"Dated {clock.started_at:%Y-%m-%d %H:%M:%S} UTC by {clock.started_at_source}."
        if clock.started_at is not None
        else "It has no date."
    )
