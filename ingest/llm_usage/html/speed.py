"""Owns the sections about time: latency by provider and clock, and the timeline of one stream."""

from __future__ import annotations

from collections.abc import Sequence

from llm_usage.html import plots
from llm_usage.html.blocks import Blocks, Entry, Figure, Legend, Mark, Particulars, Table, Todo, paragraph
from llm_usage.html.facts import Facts
from llm_usage.html.phrases import CLOCKS, NOTHING, SHORT_CLOCKS, count
from llm_usage.html.tables import Col, Row, TableText, table
from llm_usage.render.text import figure

#: (clock, metric, reads), what it is called, and what it means.
_PANELS = (
    ("client", "ttft", "observed", "Time to first token", "request sent to the first frame that bears tokens"),
    ("client", "e2e", "observed", "Time to last token", "request sent to the last frame that bears tokens"),
    ("client", "headers", "observed", "Time to response headers", "request sent to headers complete; nothing is said of what follows"),
    ("client", "duration", "observed", "Whole response", "request sent to the end of the body"),
    ("client", "stream_span", "observed", "First to last token", "between the first and the last frame that bear tokens"),
    ("server", "total", "observed", "Whole request, by the server", "the server’s own account, network not included"),
    ("server", "ttft", "observed", "Time to first token, by the server", "the server’s own account, network not included"),
)
_MOST_PANELS = 4
_RECORDERS = "llm-recorder, HAR with event times, httptape, aimock"
_NO_TIME = f"No recording tells a time. Recorders that keep every arrival say most ({_RECORDERS}); go-vcr keeps the time to the headers."
_NO_ARRIVALS = f"No recording keeps the arrival of every piece of a stream, so no timeline can be drawn. Recorders that do: {_RECORDERS}."
_KEY = Legend(
    (
        Entry("s1", "mark: median; bar: from there to p95 (p90 below 20 requests)"),
        Entry("axis", "line: fastest to slowest; dot: a single request"),
    )
)


def latency(facts: Facts) -> Blocks:
    """Distributions, each with its n and its clock."""
    rows = facts.reports["latency"]
    clocks = _clocks(facts)
    if not rows:
        return (Todo(NOTHING if facts.empty else _NO_TIME), *clocks)
    panels: list[Figure] = []
    for clock, metric, reads, title, meaning in _PANELS:
        own = [row for row in rows if (row["clock"], row["metric"], row["reads"]) == (clock, metric, reads)]
        if own and len(panels) < _MOST_PANELS:
            panels.append(_panel(f"latency-{clock}-{metric}", f"{title} ({clock} clock)", meaning, own))
    places = {panel[:3]: place for place, panel in enumerate(_PANELS)}
    ordered = sorted(rows, key=lambda row: (places.get((row["clock"], row["metric"], row["reads"]), len(places)), -row["n"]))
    text = TableText(
        "latency", "Latency by provider, clock and metric", "more rows", 16,
        (
            "A percentile is shown where enough requests stand behind it: 2 for p50, 10 for p90, 20 for p95, 100 for p99. ",
            Mark("q", "At least"), " marks lower bounds. ", Mark("code", "llm-usage report latency"), " has every row.",
        ),
    )  # fmt: skip
    columns = (
        Col("provider", empty="not known"),
        Col("metric"),
        Col("clock"),
        Col("timing_source", head="recorded"),
        Col("reads"),
        Col("n", bar=True),
        Col("min_ms"),
        Col("p50_ms"),
        Col("p90_ms"),
        Col("p95_ms"),
        Col("p99_ms"),
        Col("max_ms"),
    )
    worded = [_worded(row) for row in ordered]
    return (*clocks, _KEY, *panels, table(text, worded, columns))


def _worded(row: Row) -> Row:
    return {**row, "metric": row["metric"].replace("_", " "), "timing_source": SHORT_CLOCKS[row["timing_source"]]}


def _panel(ident: str, title: str, meaning: str, rows: Sequence[Row]) -> Figure:
    most = sorted(rows, key=lambda row: (-row["n"], row["provider"] or "", row["timing_source"], row["arrival_origin"] or ""))
    names = [row["provider"] or "not known" for row in most]
    drawn = []
    for row, name in zip(most[:10], names, strict=False):
        twin = f", {SHORT_CLOCKS[row['timing_source']]}" if names.count(name) > 1 else ""
        drawn.append({**row, "label": f"{name}, n={row['n']:,}{twin}"})
    medians = "; ".join(f"{d['label']}: median {figure('p50_ms', d['p50_ms'])} ms" for d in drawn)
    left = f" {count(len(most) - len(drawn), 'row')} with fewer requests left out." if len(most) > len(drawn) else ""
    words = plots.Words(ident, title, f"Ranges on a logarithmic scale. {medians}.")
    return plots.figure(words, plots.ranges(drawn), caption=f"{meaning[0].upper()}{meaning[1:]}.{left}")


def _clocks(facts: Facts) -> list[Table]:
    sums = dict.fromkeys(CLOCKS, 0)
    for row in facts.reports["timing_observability"]:
        sums[row["timing_source"]] += row["requests"]
    rows = [{"clock": CLOCKS[name][0], "requests": n, "meaning": CLOCKS[name][1]} for name, n in sums.items() if n]
    text = TableText("clocks", "What the recordings can tell about time", "more clocks")
    columns = (Col("clock", head="recorded"), Col("requests", add=True, bar=True), Col("meaning", head="what follows"))
    return [table(text, rows, columns)] if rows else []


def stream(facts: Facts) -> Blocks:
    """One stream, frame by frame."""
    one = facts.stream
    if one is None:
        return (Todo(NOTHING if facts.empty else _NO_ARRIVALS),)
    origin = "the request was sent" if one["arrival_origin"] == "request" else "the response headers arrived"
    where = f"{one['recording_path']}, exchange {one['exchange_index']}"
    model, provider = one["model"] or "model not known", one["provider"] or "a provider that is not known"
    intro = paragraph(
        (f"The stream with the most recorded arrivals: {model} by {provider}, ", Mark("path", where), "."),
        f"Time counts from when {origin}.",
    )
    words = plots.Words(
        "stream",
        "Bytes of content so far, by seconds",
        f"A rising line of {one['arrivals']:,} frames; the list below has the figures.",
    )
    kinds = {row["what"] for row in facts.frames}
    key = [Entry(f"s{n}", name) for n, name in ((1, "content"), (2, "reasoning"), (4, "tool call"), (9, "other")) if name in kinds]
    if one["stalls"]:
        key.append(Entry("s10", f"standstill of {one['stall_ms']:,.6g} ms or more"))
    thin = f"{one['arrivals']:,} frames drawn as {len(facts.frames):,} moments." if len(facts.frames) < one["arrivals"] else ""
    plot = plots.figure(words, plots.timeline(facts.frames, one["stall_ms"]), legend=Legend(tuple(key)), caption=thin)
    return intro, plot, _particulars(one)


def _particulars(one: Row) -> Particulars:
    least = one["ttft_ms"] is None and one["after_headers_ttft_ms"] is not None
    items = (
        ("frames with an arrival", f"{one['arrivals']:,}"),
        ("frames that bear tokens", f"{one['token_frame_count']:,}"),
        ("output tokens", figure("n", one["output_tokens"])),
        ("time to first token", _ms(one["after_headers_ttft_ms"], "at least ") if least else _ms(one["ttft_ms"])),
        ("first to last token", _ms(one["stream_span_ms"])),
        ("time per output token", _ms(one["tpot_ms"])),
        ("decoding speed", "–" if one["decode_tok_s"] is None else f"{figure('decode_tok_s', one['decode_tok_s'])} tokens/s"),
        ("longest gap", _ms(one["longest_gap_ms"])),
        (f"gaps of {one['stall_ms']:,.6g} ms or more", f"{one['stalls']:,}"),
    )
    return Particulars(items)


def _ms(value: float | None, before: str = "") -> str:
    return "–" if value is None else f"{before}{figure('x_ms', value)} ms"
