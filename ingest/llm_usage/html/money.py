"""Owns the sections about money: spend over time, by provider, against the list, caching, and what totals miss."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from llm_usage.html import plots
from llm_usage.html.blocks import Block, Blocks, Entry, Legend, Mark, Table, Text, Todo, paragraph, typed
from llm_usage.html.facts import TOP_MODELS, Facts
from llm_usage.html.phrases import NOTHING, cost_of, count, money, pct, route, share
from llm_usage.html.tables import Col, Row, TableText, table, total

_COST = (
    Col("requests", add=True),
    Col("cost_usd", add=True, bar=True),
    Col("cost_reads", head="cost is"),
    Col("coverage_pct", head="cost known for"),
    Col("unpriced_requests", head="unpriced", add=True),
    Col("assumed_date_usd", head="of it, date assumed", add=True),
    Col("input_tokens", add=True),
    Col("output_tokens", add=True),
)
_NO_SPEND = typed(
    "No cost is known yet. A cost comes from the response itself or from the price list: record token usage, or give prices in "
    "`prices.yaml`; `llm-usage report unpriced` says what is missing."
)


def spend(facts: Facts) -> Blocks:
    """Spend over time, stacked by model."""
    rows = facts.reports["cost_daily"]
    if not facts.spend:
        return (Todo(NOTHING if facts.empty else _NO_SPEND), *([_days(facts)] if rows else []))
    dated = [row for row in facts.spend if row["period"] is not None]
    key = _series(facts)
    parts: list[Block] = []
    if dated:
        words = plots.Words(
            "spend",
            f"Known spend by {facts.unit} in USD, stacked by model",
            f"Stacked bars, one for each {facts.unit} from {min(r['period'] for r in dated)} to {max(r['period'] for r in dated)}; "
            "the table of days below has the figures.",
        )
        zone = facts.settings.time_zone
        caption = (
            f"Days are cut in {zone}."
            if facts.unit == "day"
            else f"Added up by {facts.unit}, because the recordings span so long; days are cut in {zone}."
        )
        parts.append(plots.figure(words, plots.spend(dated, facts.unit), legend=key, caption=caption))
    else:
        parts.append(key)
    undated = total([row for row in facts.spend if row["period"] is None], "cost_usd")
    if undated is not None:
        n = total([row for row in facts.spend if row["period"] is None], "requests")
        parts.append(paragraph(f"{money(undated)} of {count(n, 'request')} without a date stand in no {facts.unit}."))
    parts += [_days(facts), _models(facts)]
    return parts


def _series(facts: Facts) -> Legend:
    """The legend: models by rank, with what each cost in all."""
    entries = []
    for rank in sorted({row["rank"] for row in facts.spend}):
        own = [row for row in facts.spend if row["rank"] == rank]
        name = f"{len(_others(facts)):,} other models" if rank > TOP_MODELS else own[0]["model"] or "model not known"
        entries.append(Entry(f"s{rank}", name, money(total(own, "cost_usd"))))
    return Legend(tuple(entries))


def _others(facts: Facts) -> set[str | None]:
    top = {row["model"] for row in facts.spend if not row["is_rest"]}
    return {row["model"] for row in facts.reports["cost_by_model"] if row["cost_usd"] is not None} - top


def _days(facts: Facts) -> Table:
    rows = facts.reports["cost_daily"]
    newest = [row for row in rows if row["day"] is None] + [row for row in reversed(rows) if row["day"] is not None]
    text = TableText("days", "Spend by day, newest first", "earlier days", 10)
    return table(text, newest, (Col("day", empty="no date"), *_COST), cost_of)


def _models(facts: Facts) -> Table:
    text = TableText("models", "Spend by model", "more models", 12)
    return table(text, facts.reports["cost_by_model"], (Col("model", empty="not known"), *_COST), cost_of)


def providers(facts: Facts) -> Blocks:
    """Spend by provider, and who says so."""
    rows: list[Row] = [row | {"route": route(row)} for row in facts.reports["cost_by_provider"]]
    if not rows:
        return (Todo(NOTHING),)
    names = ("reported_usd", "computed_usd", "assumed_date_usd", "lower_bound_usd")
    costly = [row for row in rows if row["cost_usd"]]
    drawn = [{"label": row["route"], "parts": [row[n] or 0 for n in names]} for row in costly[:12]]
    if rest := costly[12:]:
        drawn.append({"label": f"{len(rest)} more", "parts": [total(rest, n) or 0 for n in names]})
    plot: list[Block] = []
    if drawn:
        words = plots.Words(
            "providers", "Known spend by provider in USD, and who says so", "Horizontal bars; the table below has the figures."
        )
        sums = [total(rows, n) for n in names]
        meanings = ("reported by the response", "from the price list", "from the list, date assumed", "at least so much")
        key = tuple(Entry(f"s{c}", w, money(s)) for c, w, s in zip((1, 2, 7, 4), meanings, sums, strict=True) if s)
        plot.append(plots.figure(words, plots.stacks(drawn, (1, 2, 7, 4), money=True), legend=Legend(key)))
    text = TableText("providers", "Spend by provider and gateway", "more providers", 12)
    return (*plot, table(text, rows, (Col("route", head="provider"), *_COST), cost_of))


def against_list(facts: Facts) -> Blocks:
    """What responses report beside what the list gives for the same requests."""
    everything = facts.reports["cost_reconciliation"]
    rows = [row | {"route": route(row)} for row in everything if row["compared_requests"]]
    reported = total(everything, "reported_requests") or 0
    if not rows:
        return (Todo(NOTHING if facts.empty else _nothing_to_compare(reported)),)
    bill, listed, compared = (total(rows, n) for n in ("reported_usd", "computed_usd", "compared_requests"))
    ratio = f", {bill / listed:.3f} times as much" if listed else ""
    intro = paragraph(
        f"{count(compared, 'response')} of {reported:,} that report a cost can be held against the list: they report {money(bill)}, "
        f"the list gives {money(listed)}{ratio}.",
        "A ratio other than 1 is a finding (discount, surcharge, reasoning counted twice, a list that is wrong), not an error of either.",
    )
    text = TableText("against", "Reported cost against list price, greatest difference first", "more routes", 12)
    columns = (
        Col("model", empty="not known"),
        Col("route", head="served by"),
        Col("compared_requests", head="compared", add=True),
        Col("reported_usd", add=True),
        Col("computed_usd", head="by list", add=True),
        Col("difference_usd", add=True),
        Col("reported_to_computed_ratio", head="ratio"),
    )
    drawn = [
        {"label": f"{(row['model'] or 'not known').rsplit('/', 1)[-1]} · {row['route']}", "ratio": row["reported_to_computed_ratio"]}
        for row in rows
        if row["reported_to_computed_ratio"]
    ]
    zero = len(rows) - len(drawn)
    left = [f"{count(len(drawn) - 12, 'more route')} with smaller differences." if len(drawn) > 12 else ""]
    left += [f"{count(zero, 'route')} where one of both is 0 cannot be drawn." if zero else ""]
    plot: list[Block] = []
    if drawn:
        words = plots.Words(
            "against", "Reported cost over list price", "Dots on a logarithmic scale, right of 1 where more was charged than the list says."
        )
        key = Legend((Entry("s10", "more than the list"), Entry("s3", "less"), Entry("s9", "within 1 %")))
        plot.append(plots.figure(words, plots.ratios(drawn[:12]), legend=key, caption=" ".join(filter(None, left)), more_room=90))
    return (intro, *plot, table(text, rows, columns, _ratio_of))


def _nothing_to_compare(reported: int) -> Text:
    if not reported:
        return "No response reports its own cost, so there is no bill to hold against the list. Gateways such as OpenRouter report one."
    return typed(f"{count(reported, 'response')} with a cost, but the list has no price for any: give prices in `prices.yaml`.")


def _ratio_of(sums: Row) -> Row:
    listed = sums.get("computed_usd")
    return {"reported_to_computed_ratio": float(sums["reported_usd"] / listed) if listed else None}


def caching(facts: Facts) -> Blocks:
    """Cache hits and what they saved."""
    rows = [row | {"route": route(row)} for row in facts.reports["cache"]]
    if not rows:
        none = "No response says how much of its input came from a cache. Providers that cache report it in their usage object."
        return (Todo(NOTHING if facts.empty else none),)
    given, read, n = (total(rows, name) for name in ("input_tokens", "cache_read_tokens", "reporting_requests"))
    saved, premium, net = (total(rows, name) for name in ("saved_usd", "write_premium_usd", "net_saved_usd"))
    intro = paragraph(
        f"{share(read or 0, given or 0)} of the input was read from a cache: {read or 0:,} of {given or 0:,} tokens, "
        f"over {count(n, 'request')} with such a report.",
        "What that saved is not known: no list price for these models."
        if saved is None
        else f"At list prices the reads saved {money(saved)}; writing cost {money(premium)} more than plain input would: {money(net)} net.",
    )
    text = TableText("caching", "Caching by model, greatest saving first", "more models", 10)
    columns = (
        Col("model", empty="not known"),
        Col("route", head="provider"),
        Col("reporting_requests", head="requests that report it", add=True),
        Col("input_tokens", add=True),
        Col("cache_read_tokens", head="read from cache", add=True),
        Col("hit_pct", head="hit", bar=True),
        Col("cache_write_tokens", head="written", add=True),
        Col("saved_usd", head="saved", add=True),
        Col("net_saved_usd", head="net", add=True),
    )
    hit = sorted(rows, key=lambda row: (-(row["net_saved_usd"] or Decimal(0)), -(row["cache_read_tokens"] or 0)))
    return intro, table(text, hit, columns, lambda sums: {"hit_pct": pct(sums.get("cache_read_tokens"), sums.get("input_tokens"))})


def unpriced(facts: Facts) -> Blocks:
    """What totals miss, why, and what can be done."""
    rows = [row | {"route": route(row)} for row in facts.reports["unpriced"]]
    if not rows:
        full = "Nothing is missing: the cost of every request that may have been charged is known in full."
        return (Todo(NOTHING if facts.empty else full),)
    n = total(rows, "requests")
    billable = facts.headline["billable_requests"]
    intro = paragraph(
        f"Of {count(n, 'request')} ({share(n, billable)} of those that may have been charged) the cost is unknown, "
        "or known only as a lower bound.",
        ("Totals on this page say ", Mark("q", "at least"), " wherever they are among them."),
    )
    worded = [row | {"reason": (row["reason"] or "").replace("_", " ")} for row in rows]
    sums = (
        Col("requests", add=True, bar=True),
        Col("input_tokens", add=True),
        Col("output_tokens", add=True),
        Col("lower_bound_usd", head="at least", add=True),
    )
    why = table(
        TableText("reasons", "Why, and what can be done", "more reasons", 20),
        _reasons(worded),
        (Col("reason"), sums[0], sums[-1], Col("remedy", prose=True)),
    )
    text = TableText("unpriced", "The same by model", "more models", 10)
    columns = (Col("model", empty="not known"), Col("route", head="provider"), Col("reason"), *sums)
    return intro, why, table(text, worded, columns)


def _reasons(rows: Sequence[Row]) -> list[Row]:
    """Rows of the report added up by reason, most requests first."""
    kinds = {(row["reason"], row["remedy"]) for row in rows}
    sums = []
    for reason, remedy in kinds:
        own = [row for row in rows if (row["reason"], row["remedy"]) == (reason, remedy)]
        sums.append(
            {"reason": reason, "remedy": remedy, "requests": total(own, "requests"), "lower_bound_usd": total(own, "lower_bound_usd")}
        )
    return sorted(sums, key=lambda row: (-row["requests"], row["reason"]))
