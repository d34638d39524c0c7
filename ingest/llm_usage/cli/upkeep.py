"""Owns the commands that look after a lake: optimize, rebuild, status. No logic: they call and say what was done."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, timedelta
from pathlib import Path

import click
import orjson
import pyarrow as pa
from rich.text import Text

from llm_usage.cli import FAULT, command
from llm_usage.cli.console import Ticker, complain_by_cause, stderr, stdout
from llm_usage.config import Config
from llm_usage.errors import ConfigError
from llm_usage.lake import Lake
from llm_usage.lake.lock import one_run_at_a_time
from llm_usage.lake.optimize import DEAD_AFTER, VACUUM_AFTER, optimize
from llm_usage.lake.status import problems, prometheus, status
from llm_usage.pipeline.rebuild import rebuild
from llm_usage.pipeline.runs import RunOptions
from llm_usage.render.table import show
from llm_usage.render.text import counted

_AGE = re.compile(r"(\d+)([smhd])")


def _age(text: str | None, option: str) -> timedelta | None:
    if text is None:
        return None
    found = _AGE.fullmatch(text)
    if found is None:
        raise ConfigError(option, f"`{text}` is no age", "Write 90s, 15m, 24h or 7d")
    return timedelta(**{{"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[found[2]]: int(found[1])})


@command("optimize", "Merge small files, remove what is no longer used")
@click.option("--dead-after", metavar="AGE", help="Drop rows replaced longer ago than this [default: 1d].")
@click.option("--vacuum-after", metavar="AGE", help="Remove files unused for longer than this [default: 7d].")
def optimize_command(dead_after: str | None, vacuum_after: str | None, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Merge small files, drop replaced and forgotten rows, remove old files. Part of a scheduled job, say nightly."""
    opened = Lake(lake)
    with one_run_at_a_time(opened, wait=True):
        done = optimize(
            opened,
            dead_after=_age(dead_after, "--dead-after") or DEAD_AFTER,
            vacuum_after=_age(vacuum_after, "--vacuum-after") or VACUUM_AFTER,
        )
    for name in done.vacuumed:
        merged, dropped = done.merged.get(name, 0), done.dropped.get(name, 0)
        stderr().print(Text(f"{name}: {merged:,} files merged, {dropped:,} dead rows dropped, {done.vacuumed[name]:,} old files removed"))
    return 0


@command("rebuild", "Read every recording of the lake again")
@click.option("--drop-missing", is_flag=True, help="Go on although recordings are gone; their rows are lost.")
@click.option("--keep-text", is_flag=True, help="Also store the visible text of responses (off by default).")
@click.option(
    "--workers", type=click.IntRange(0), default=None, help="Worker processes; 0 reads in this one [default: one a core, at most 8]."
)
def rebuild_command(drop_missing: bool, keep_text: bool, workers: int | None, lake: Path, config: Config) -> int:
    """Read every recording of the lake again, where it lies: after an upgrade, or when `llm-usage check --deep` finds damage.

    Readers go on meanwhile. A rebuild that was killed goes on where it was.
    """
    with Ticker(quiet=False) as ticker:
        used = min(os.cpu_count() or 1, 8) if workers is None else workers
        options = RunOptions.from_config(config, keep_text=keep_text, workers=used, on_read=ticker)
        summary = rebuild(lake, dict(config.sources), options, accept_loss=drop_missing)
    tally = summary.tally
    stderr().print(
        Text(f"{tally.new + tally.changed:,} recordings read again: {tally.requests:,} LLM requests, {tally.chunks:,} chunks · lake {lake}")
    )
    complain_by_cause(tally.rejects, 20)
    return FAULT if tally.bugs else 0


_EXCHANGES = {"requests": "LLM requests", "ignored": "ignored exchanges", "rejected": "rejected exchanges"}


def _ago(seconds: float) -> str:
    unit, size = next(((u, n) for u, n in (("day", 86_400), ("hour", 3_600), ("minute", 60)) if seconds >= 2 * n), ("second", 1))
    return counted(int(seconds // size), unit)


@command("status", "Say how fresh the lake is; for monitors")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "prometheus"]),
    default="table",
    show_default=True,
    help="For people, programs, or the node exporter.",
)
@click.option("--max-age", metavar="AGE", help="Exit 1 when the last run is older (90s, 15m, 24h, 7d).")
@click.option("--max-rejected", type=int, help="Exit 1 when more recordings than this are rejected.")
def status_command(form: str, max_age: str | None, max_rejected: int | None, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Say how fresh the lake is, what the last run did, what is rejected and how big it is; exit 1 for a monitor."""
    state = status(Lake(lake))
    age = _age(max_age, "--max-age")
    found = problems(state, max_age_s=age.total_seconds() if age is not None else None, max_rejected=max_rejected)
    if form == "prometheus":
        sys.stdout.write(prometheus(state))
    elif form == "json":
        facts = {
            "lake": str(lake),
            "exists": state.exists,
            "last_run_age_s": state.last_run_age_s,
            "last_run": state.last_run,
            "recordings": state.recordings,
            "exchanges": state.exchanges,
            "newest_ingest": state.newest_ingest.astimezone(UTC) if state.newest_ingest else None,
            "files": state.files,
            "bytes": state.bytes,
            "problems": found,
        }
        sys.stdout.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n")
    else:
        rows = [("last run", "never" if state.last_run_age_s is None else f"{_ago(state.last_run_age_s)} ago")]
        rows += [(f"{name} recordings", f"{count:,}") for name, count in state.recordings.items()]
        rows += [(_EXCHANGES[name], f"{count:,}") for name, count in state.exchanges.items()]
        rows += [(f"table {name}", f"{counted(state.files[name], 'file')}, {size:,} bytes on disk") for name, size in state.bytes.items()]
        show(stdout(), pa.table({"what": [r[0] for r in rows], "value": [r[1] for r in rows]}), title=str(lake))
    for problem in found:
        stderr().print(Text(problem, style="red"))
    return 1 if found else 0
