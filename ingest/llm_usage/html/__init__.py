"""Owns the report as one HTML page: which sections there are, and what holds them together.

The page needs nothing beside itself: no network, no font, and no script to be read (one small script lets tables be sorted). A content
security policy in it forbids everything else, so even markup that slipped through would stay dead. It carries no instant of its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import duckdb

from llm_usage.html import health, money, speed, summary
from llm_usage.html.facts import Facts, gather
from llm_usage.html.markup import esc
from llm_usage.html.phrases import count
from llm_usage.query import views
from llm_usage.reports.report import price_snapshot
from llm_usage.versions import program_version

__all__ = ["SECTIONS", "Section", "page"]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page. ``about`` says in a sentence what it answers."""

    ident: str
    title: str
    short: str
    """The title in the navigation."""
    about: str
    body: Callable[[Facts], str]


SECTIONS = (
    Section("glance", "At a glance", "", "", summary.cards),
    Section("spend", "Spend over time", "Spend", "What was spent when, and on which models.", money.spend),
    Section(
        "providers",
        "Spend by provider",
        "Providers",
        "Who was paid, and whether the figure is theirs or the price list’s.",
        money.providers,
    ),
    Section("against-list", "Price against list", "Against list", "Whether responses report what the list would give.", money.against_list),
    Section("latency", "Latency", "Latency", "How long responses took, on the clock that was recorded.", speed.latency),
    Section("stream", "One stream", "One stream", "How one response came in, piece by piece.", speed.stream),
    Section("health", "Stream health", "Health", "How requests and streams ended.", health.streams),
    Section("retries", "Retries", "Retries", "What needed more than one attempt, and what that wasted.", health.retries),
    Section("caching", "Caching", "Caching", "How much input came from a cache, and what that saved.", money.caching),
    Section("unpriced", "What totals miss", "Unpriced", "Requests whose cost is not known in full, and why.", money.unpriced),
    Section("rejects", "Rejects", "Rejects", "Recordings that could not be read.", health.rejects),
    Section("quality", "Data quality", "Quality", "What is missing or odd in the recordings.", health.quality),
)


def page(connection: duckdb.DuckDBPyConnection, settings: views.Settings) -> str:
    """The whole page.

    Args:
        connection: as `llm_usage.query.session.connect` gives it, not split by any dimension; its staging view is frozen.
        settings: those of the connection.
    """
    facts = gather(connection, settings)
    style, script = (files(__name__).joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    links = "".join(f'<li><a href="#{s.ident}">{esc(s.short)}</a></li>' for s in SECTIONS[1:])
    sections = "\n".join(_section(section, facts) for section in SECTIONS)
    period = esc(summary.period(facts))
    recordings = count(facts.headline["recordings"], "recording")
    limits = _limits(settings)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>LLM usage, {period}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<a class="skip" href="#glance">Skip to the figures</a>
<header><p class="brand">llm-usage</p><h1>LLM usage report</h1><p class="period">{period} · {recordings}</p>{limits}</header>
<nav aria-label="Sections"><ul>{links}</ul></nav>
<main>
{sections}
</main>
<footer><p>{esc(price_snapshot())} Every figure has a report behind it: <code>llm-usage report --list</code>.</p>
<p>Made by llm-usage {esc(program_version())} from recordings, offline. A dash is not known; it is never 0.</p></footer>
<script>{script}</script>
</body>
</html>
"""


def _section(section: Section, facts: Facts) -> str:
    about = f'<p class="about">{esc(section.about)}</p>' if section.about else ""
    title = f"{section.ident}-title"
    return (
        f'<section id="{section.ident}" aria-labelledby="{title}"><h2 id="{title}">{esc(section.title)}</h2>{about}'
        f"{section.body(facts)}</section>"
    )


def _limits(settings: views.Settings) -> str:
    """What the page was asked to leave out."""
    parts = [
        f"from {settings.since:%Y-%m-%d %H:%M %Z}" if settings.since else "",
        f"before {settings.until:%Y-%m-%d %H:%M %Z}" if settings.until else "",
    ]
    asked = " ".join(part for part in parts if part)
    repeats = "repeats counted each time" if settings.include_duplicates else ""
    text = "; ".join(part for part in (f"Only requests {asked}" if asked else "", repeats) if part)
    return f'<p class="limits">{esc(text)}.</p>' if text else ""
