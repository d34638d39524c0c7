"""Owns the sections about what went wrong: streams and requests, retries, rejects, and what is missing in the recordings."""

from __future__ import annotations

from collections.abc import Sequence

from llm_usage.html import plots
from llm_usage.html.blocks import Block, Blocks, Entry, Legend, Todo, paragraph
from llm_usage.html.facts import Facts
from llm_usage.html.phrases import NOTHING, count, money, pct, share
from llm_usage.html.tables import Col, Row, TableText, table, total

_KINDS = (
    ("http_error_requests", 10, "refused or failed (HTTP error)"),
    ("stream_error_requests", 2, "error inside a response"),
    ("truncated_requests", 4, "cut off"),
    ("empty_requests", 7, "empty"),
    ("unparseable_requests", 9, "unreadable"),
)


def streams(facts: Facts) -> Blocks:
    """How requests and streams ended."""
    rows = facts.reports["stream_health"]
    if not rows:
        return (Todo(NOTHING),)
    n, ok = total(rows, "requests"), total(rows, "ok_requests")
    risk = total(rows, "spend_at_risk_usd")
    unknown = total(rows, "spend_unknown_requests") or 0
    intro = paragraph(
        f"{share(ok, n)} of {count(n, 'request')} ended well; {total(rows, 'streams'):,} were streams, "
        f"{total(rows, 'truncated_requests'):,} of them cut off.",
        (f"Known spend on those that did not end well: {money(risk)}{' at least' if unknown else ''}." if risk is not None else ""),
        (f"{count(unknown, 'failed request')} may have been charged an amount that is not known in full." if unknown else ""),
    )
    plot: list[Block] = []
    if n > ok:
        failed = _by_provider(rows)
        words = plots.Words(
            "health", "Requests that did not end well, by provider and kind", "Horizontal bars; the table below has the figures."
        )
        key = Legend(tuple(Entry(f"s{colour}", words_, f"{total(rows, name):,}") for name, colour, words_ in _KINDS if total(rows, name)))
        plot.append(plots.figure(words, plots.stacks(failed, [colour for _, colour, _ in _KINDS], money=False), legend=key))
    text = TableText("health", "Outcome of requests by provider and dialect", "more rows", 12)
    columns = (
        Col("provider", empty="not known"),
        Col("api", head="dialect"),
        Col("requests", add=True),
        Col("streams", add=True),
        Col("ok_pct", head="ended well"),
        Col("http_error_requests", head="HTTP errors", add=True),
        Col("http_429_requests", head="429", add=True, optional=True),
        Col("stream_error_requests", head="errors inside", add=True, optional=True),
        Col("truncated_requests", head="cut off", add=True),
        Col("empty_requests", head="empty", add=True, optional=True),
        Col("spend_at_risk_usd", head="spend at risk", add=True),
        Col("most_frequent_error", head="most frequent"),
    )
    ordered = sorted(rows, key=lambda row: (row["ok_requests"] - row["requests"], -row["requests"], row["provider"] or "", row["api"]))
    outcome = table(text, ordered, columns, lambda sums: {"ok_pct": pct(sums.get("ok_requests"), sums.get("requests"))})
    return (intro, *plot, outcome)


def _by_provider(rows: Sequence[Row]) -> list[dict[str, object]]:
    sums: dict[str | None, list[int]] = {}
    for row in rows:
        parts = sums.setdefault(row["provider"], [0] * len(_KINDS))
        for place, (name, _, _) in enumerate(_KINDS):
            parts[place] += row[name]
    ranked = sorted(((who, parts) for who, parts in sums.items() if sum(parts)), key=lambda item: (-sum(item[1]), item[0] or ""))
    drawn: list[dict[str, object]] = [{"label": who or "not known", "parts": parts} for who, parts in ranked[:12]]
    if rest := ranked[12:]:
        drawn.append({"label": f"{len(rest)} more", "parts": [sum(parts[i] for _, parts in rest) for i in range(len(_KINDS))]})
    return drawn


def retries(facts: Facts) -> Blocks:
    """Attempts beyond the first, how they ended, what they wasted."""
    rows = facts.reports["attempts"]
    if not rows:
        return (Todo(NOTHING),)
    logical, retried, recovered, wasted = (
        total(rows, n) for n in ("logical_requests", "retried_requests", "recovered_requests", "wasted_usd")
    )
    unknown = total(rows, "wasted_unknown_requests") or 0
    if not retried:
        first = f"No request was retried: {count(logical, 'request')}, one attempt each."
    else:
        first = f"{count(retried, 'request')} of {logical:,} needed more than one attempt; {recovered:,} of them ended well."
    spent = f"Failed attempts cost {money(wasted)}{' at least' if unknown else ''}." if wasted is not None else ""
    text = TableText("retries", "Attempts by provider, most failures first", "more providers", 12)
    columns = (
        Col("provider", empty="not known"),
        Col("requests", head="attempts", add=True),
        Col("logical_requests", head="requests", add=True),
        Col("retried_requests", head="retried", add=True),
        Col("recovered_requests", head="recovered", add=True),
        Col("failed_requests", head="failed in the end", add=True),
        Col("most_attempts", head="most attempts"),
        Col("failed_attempts", add=True),
        Col("http_429_attempts", head="429", add=True, optional=True),
        Col("wasted_usd", head="wasted", add=True),
        Col("wasted_unknown_requests", head="cost unknown", add=True),
    )
    return paragraph(first, spent), table(text, rows, columns)


def rejects(facts: Facts) -> Blocks:
    """What could not be read, with the remedy."""
    head = facts.headline
    if not head["recordings"]:
        return (Todo(NOTHING),)
    if not facts.rejects:
        return (Todo(f"Nothing was rejected: {count(head['recordings'], 'recording')} read in full."),)
    parts = [f"{count(head['rejected_recordings'], 'file')} of {head['recordings']:,}"] if head["rejected_recordings"] else []
    parts += [count(head["rejected_exchanges"], "exchange")] if head["rejected_exchanges"] else []
    intro = paragraph(f"{' and '.join(parts)} could not be read. They are in no figure of this page." if parts else "")
    rows = [row | {"reason": (row["reason"] or "").removeprefix(f"{row['recording_path']}: ")} for row in facts.rejects]
    text = TableText("rejects", "What could not be read, and the remedy", "more rejects", 12)
    columns = (Col("recording_path", head="recording"), Col("what"), Col("reason", head="what is wrong and what helps", prose=True))
    return intro, table(text, rows, columns)


def quality(facts: Facts) -> Blocks:
    """What is missing or odd, and what that means."""
    rows = facts.reports["data_quality"]
    if not rows:
        return (Todo(NOTHING if facts.empty else "Nothing is missing, broken or doubled."),)
    text = TableText("quality", "What is missing, broken or doubled, and what that means", "more findings", 30)
    columns = (
        Col("finding"),
        Col("area", head="in"),
        Col("n"),
        Col("of_all", head="of"),
        Col("pct", head="share, %", bar=True),
        Col("meaning"),
    )
    return (table(text, [row | {"finding": row["finding"].replace("_", " ")} for row in rows], columns),)
