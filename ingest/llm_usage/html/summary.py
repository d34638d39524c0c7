"""Owns the head of the page: title, period, and the cards with the headline figures, each beside what qualifies it."""

from __future__ import annotations

from decimal import Decimal

from llm_usage.html.facts import Facts
from llm_usage.html.markup import Row, esc, todo, total
from llm_usage.html.phrases import cost_reads, count, share
from llm_usage.render.text import figure

_BASIS = (
    ("reported_requests", "s1", "reported by the response"),
    ("computed_requests", "s2", "from the price list"),
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


def cards(facts: Facts) -> str:
    """The headline figures."""
    if facts.empty:
        return todo(
            "The lake holds no request. Read recordings with <code>llm-usage ingest PATH</code>"
            + (", or widen <code>--since</code> and <code>--until</code>." if facts.settings.since or facts.settings.until else ".")
        )
    head = facts.headline
    return f'<div class="cards">{_spend(head)}{_requests(head)}{_tokens(facts)}{_speed(head)}</div>'


def _card(label: str, value: str, notes: list[str], extra: str = "", kind: str = "") -> str:
    lines = "".join(f"<p>{note}</p>" for note in notes if note)
    return f'<div class="card {kind}"><h3>{esc(label)}</h3><p class="value">{value}</p>{extra}{lines}</div>'


def _spend(head: Row) -> str:
    known = head["reported_requests"] + head["computed_requests"]
    reads = cost_reads(head["billable_requests"], known, head["lower_bound_requests"])
    value = f'{_amount(head["cost_usd"])} <span class="unit">USD</span>' if head["cost_usd"] is not None else "unknown"
    word = {"at least": '<span class="reads">at least</span> ', "unknown": ""}.get(reads, "")
    parts = [(head[name], colour, words) for name, colour, words in _BASIS if head[name]]
    key = "".join(
        f'<li><span class="swatch" style="background:var(--{colour})"></span>{esc(words)} <b>{n:,}</b></li>' for n, colour, words in parts
    )
    bar = "".join(f'<i style="flex:{n};background:var(--{colour})"></i>' for n, colour, _ in parts)
    extra = f'<div class="meter" aria-hidden="true">{bar}</div>'
    billable = head["billable_requests"]
    return _card(
        "Spend",
        word + value,
        [f"Cost known in full for <b>{known:,} of {billable:,}</b> requests that may have been charged ({share(known, billable)})."],
        f'{extra}<ul class="legend">{key}</ul>',
        "lead",
    )


def _amount(value: Decimal) -> str:
    """All digits; those after the cents smaller, with nothing between that would break a copy."""
    whole, _, fraction = figure("usd", value).partition(".")
    return f'{whole}.{fraction[:2]}<span class="fine">{fraction[2:]}</span>'


def _requests(head: Row) -> str:
    failed = head["requests"] - head["ok_requests"]
    ended = f"<b>{share(head['ok_requests'], head['requests'])}</b> ended well; {failed:,} did not, {head['truncated_requests']:,} of them "
    repeats = f"{count(head['repeats'], 'repeat')} of a response in another recording left out." if head["repeats"] else ""
    of = f"{count(head['models'], 'model')} of {count(head['providers'], 'provider')}."
    return _card("Requests", f"{head['requests']:,}", [f"{ended}cut off.", repeats, of])


def _tokens(facts: Facts) -> str:
    head = facts.headline
    if head["input_tokens"] is None and head["output_tokens"] is None:
        return _card("Tokens", "unknown", ["No response reports its usage."])
    given_out = [(figure("n", head[f"{name}put_tokens"]), name) for name in ("in", "out")]
    value = " ".join(f'{amount} <span class="unit">{name}</span>' for amount, name in given_out)
    usage = f"Reported by <b>{head['usage_requests']:,} of {head['requests']:,}</b> requests."
    given, read = (total(facts.reports["cache"], name) for name in ("input_tokens", "cache_read_tokens"))
    cached = f"{share(read, given)} of the input came from a cache, where that is reported." if given and read is not None else ""
    return _card("Tokens", value, [usage, cached], kind="pair")


def _speed(head: Row) -> str:
    if head["ttft_n"] > 1:
        tail = f"p95 {figure('x_ms', head['ttft_p95_ms'])} ms. " if head["ttft_p95_ms"] is not None else ""
        note = f"{tail}Client clock, <b>n = {head['ttft_n']:,}</b> of {head['requests']:,}."
        return _card("Median time to first token", f'{figure("x_ms", head["ttft_p50_ms"])} <span class="unit">ms</span>', [note])
    if head["headers_n"] > 1:
        note = f"Client clock, <b>n = {head['headers_n']:,}</b> of {head['requests']:,}."
        bound = "A lower bound of time to first token: these recorders stop their clock at the headers."
        return _card("Median time to headers", f'{figure("x_ms", head["headers_p50_ms"])} <span class="unit">ms</span>', [note, bound])
    return _card("Time to first token", "not recorded", ["These recordings keep no client clock that tells it."])
