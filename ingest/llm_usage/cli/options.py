"""Owns the options that reports, files and exports share: what range, which zone, split by what, and where files go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from llm_usage import render
from llm_usage.config import Config, check_zone
from llm_usage.errors import ConfigError
from llm_usage.query import views
from llm_usage.query.session import settings_of
from llm_usage.reports.report import parse_instant

FORMATS = ("table", *render.FORMATS)


def window(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a report is about; the command hands them to `settings_asked`."""
    for option in (
        click.option("--as-of", metavar="WHEN", help="Take this for now, in budgets and ages: the same lake then gives the same figures."),
        click.option("--all", "everything", is_flag=True, help="Count recordings of the same response each time, not once."),
        click.option("--by", metavar="DIM[,DIM]", help=f"Split by: {', '.join(views.DIMENSIONS)}."),
        click.option("--tz", metavar="ZONE", help="Cut days in this time zone [default: the config's, else UTC]."),
        click.option("--until", metavar="WHEN", help="Before this day or instant."),
        click.option("--since", metavar="WHEN", help="From this day or instant on (2025-09-24, 2025-09-24T08:00Z, 7d)."),
    ):
        function = option(function)
    return function


def settings_asked(
    config: Config, *, since: str | None, until: str | None, tz: str | None, by: str | None, everything: bool, as_of: str | None
) -> views.Settings:
    """What the options of `window` ask for.

    Raises:
        ConfigError: one of them cannot be understood.
    """
    zone = check_zone(tz, "--tz") if tz else config.timezone
    return settings_of(
        config,
        since=parse_instant(since, zone, "--since"),
        until=parse_instant(until, zone, "--until"),
        by=tuple(part.strip() for part in by.split(",")) if by else None,
        include_duplicates=everything or None,
        time_zone=zone,
        as_of=parse_instant(as_of, zone, "--as-of"),
    )


def format_of(form: str | None, output: Path) -> str:
    """The format of a file: as asked for, else by its ending.

    Raises:
        ConfigError: neither says.
    """
    ending = output.suffix.removeprefix(".")
    if form is None and ending in render.FORMATS:
        return ending
    if form is None or form == "table":
        raise ConfigError(f"--output {output}", "the format is not clear", f"Add --format, one of: {', '.join(render.FORMATS)}")
    return form
