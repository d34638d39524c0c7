"""Owns the head of the page: title, period, and the cards with the headline figures, each beside what qualifies it."""

from __future__ import annotations

from decimal import Decimal

from llm_usage.html.blocks import Blocks, Card, Cards, Mark, Share, Text, Todo, strong, typed
from llm_usage.html.facts import Facts
from llm_usage.html.phrases import cost_reads, count, money, share
from llm_usage.html.tables import Row, total
from llm_usage.render.text import figure

_BASIS = (
    ("reported_requests", "s1", "reported by the response"),
    ("computed_requests", "s2", "from the price list"),
    ("assumed_date_requests", "s7", "from the price list, date assumed"),
    ("lower_bound_requests", "s4", "lower bound"),
    ("unpriced_requests", "s9", "unknown"),
)


def period(facts: Facts) -> str:
    """From when to when, and in which time zone."""
    head = facts.headline
    if head["first_day"] is None:
        return "no dated requests"
    days = f"{head['first_day']}" if head["first_day"] == head["last_day"] else f"{head['first_day']} to {head['last_day']}"
    return f"{days} ({facts.settings.time_zone})"


def cards(facts: Facts) -> Blocks:
    """The headline figures."""
    if facts.empty:
        wider = ", or widen `--since` and `--until`." if facts.settings.since or facts.settings.until else "."
        return (Todo(typed(f"The lake holds no request. Read recordings with `llm-usage ingest PATH`{wider}")),)
    head = facts.headline
    return (Cards((_spend(head), _requests(head), _tokens(facts), _speed(head))),)


def _spend(head: Row) -> Card:
    known, billable = head["reported_requests"] + head["computed_requests"], head["billable_requests"]
    reads = cost_reads(billable, known, head["lower_bound_requests"], head["assumed_date_requests"])
    before: tuple[str | Mark, ...] = (Mark("reads", "at least"), " ") if reads == "at least" else ()
    amount = (*_amount(head["cost_usd"]), " ", Mark("unit", "USD")) if head["cost_usd"] is not None else ("unknown",)
    of = strong(f"{known:,} of {billable:,}")
    note = ("Cost known in full for ", of, f" requests that may have been charged ({share(known, billable)}).")
    notes: list[Text] = [note]
    if head["assumed_date_requests"]:
        notes.append(
            f"{money(head['assumed_date_usd'])} of it for {count(head['assumed_date_requests'], 'request')} at a date that was assumed."
        )
    if head["not_charged_requests"]:
        notes.append(
            f"{count(head['not_charged_requests'], 'request')} not charged by themselves: a gateway's cache, a plan, provisioned capacity."
        )
    shares = tuple(Share(head[name], colour, words) for name, colour, words in _BASIS if head[name])
    return Card("Spend", (*before, *amount), tuple(notes), "lead", shares)


def _amount(value: Decimal) -> tuple[str | Mark, ...]:
    """All digits; those after the cents smaller, with nothing between that would break a copy."""
    whole, _, fraction = figure("usd", value).partition(".")
    return f"{whole}.{fraction[:2]}", Mark("fine", fraction[2:])


def _requests(head: Row) -> Card:
    failed = head["requests"] - head["ok_requests"]
    well = strong(share(head["ok_requests"], head["requests"]))
    notes: list[Text] = [(well, f" ended well; {failed:,} did not, {head['truncated_requests']:,} of them cut off.")]
    if head["repeats"]:
        notes.append(f"{count(head['repeats'], 'repeat')} of a response that is told elsewhere left out.")
    notes.append(f"{count(head['models'], 'model')} of {count(head['providers'], 'provider')}.")
    return Card("Requests", f"{head['requests']:,}", tuple(notes))


def _tokens(facts: Facts) -> Card:
    head = facts.headline
    if head["input_tokens"] is None and head["output_tokens"] is None:
        return Card("Tokens", "unknown", ("No response reports its usage.",))
    given_in, given_out = (figure("n", head[f"{name}put_tokens"]) for name in ("in", "out"))
    value = (f"{given_in} ", Mark("unit", "in"), f" {given_out} ", Mark("unit", "out"))
    notes: list[Text] = [("Reported by ", strong(f"{head['usage_requests']:,} of {head['requests']:,}"), " requests.")]
    given, read = (total(facts.reports["cache"], name) for name in ("input_tokens", "cache_read_tokens"))
    if given and read is not None:
        notes.append(f"{share(read, given)} of the input came from a cache, where that is reported.")
    return Card("Tokens", value, tuple(notes), "pair")


def _speed(head: Row) -> Card:
    if head["ttft_requests"] > 1:
        tail = f"p95 {figure('x_ms', head['ttft_p95_ms'])} ms. " if head["ttft_p95_ms"] is not None else ""
        return Card("Median time to first token", _ms(head["ttft_p50_ms"]), (_measured(head, head["ttft_requests"], tail),))
    if head["headers_requests"] > 1:
        bound = "A lower bound of time to first token: these recorders stop their clock at the headers."
        return Card("Median time to headers", _ms(head["headers_p50_ms"]), (_measured(head, head["headers_requests"]), bound))
    return Card("Time to first token", "not recorded", ("These recordings keep no client clock that tells it.",))


def _ms(value: float) -> Text:
    return f"{figure('x_ms', value)} ", Mark("unit", "ms")


def _measured(head: Row, n: int, before: str = "") -> Text:
    return f"{before}Client clock, ", strong(f"n = {n:,}"), f" of {head['requests']:,}."
