"""Owns the commands that change a lake: ingest and forget. No logic: they call `llm_usage.pipeline.run` and say what it did."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
import orjson
from rich.text import Text

from llm_usage.cli import FAULT, command
from llm_usage.cli.console import Ticker, complain_by_cause, stderr
from llm_usage.config import Config
from llm_usage.errors import ConfigError
from llm_usage.lake import Lake
from llm_usage.lake.ledger import live_rows
from llm_usage.lake.lock import one_run_at_a_time
from llm_usage.pipeline.discover import Target, targets
from llm_usage.pipeline.run import forget, run
from llm_usage.pipeline.runs import RunOptions, Summary
from llm_usage.render.text import counted

_SHOWN = 20


class Stop:
    """SIGTERM and Ctrl-C: the first ends the run after what is under way, a second one at once. Both leave the lake right."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on)

    def _on(self, number: int, _: FrameType | None) -> None:
        if self.asked:
            os._exit(128 + number)
        self.asked = True
        print("ending after the files under way; once more ends at once", file=sys.stderr)

    def __call__(self) -> bool:
        return self.asked


@command("ingest", "Read recordings into the lake: what is new or changed")
@click.argument("paths", nargs=-1, metavar="PATH…")
@click.option("--source", metavar="NAME", help="Name the root of the PATHs; default its absolute path, or its name in the config.")
@click.option("--dry-run", is_flag=True, help="Read everything, write nothing, say what would happen.")
@click.option("--strict", is_flag=True, help="Exit 1 when anything was rejected.")
@click.option("--prune", is_flag=True, help="Take recordings out that have vanished from the given directories.")
@click.option("--keep-text", is_flag=True, help="Also store the visible text of responses (off by default).")
@click.option(
    "--workers", type=click.IntRange(0), default=None, help="Worker processes; 0 reads in this one [default: one a core, at most 8]."
)
@click.option("--wait/--no-wait", default=True, help="When another run is at this lake: wait for it, or leave at once (exit 0).")
@click.option("--log-format", type=click.Choice(["plain", "json"]), default="plain", show_default=True, help="How to tell what was done.")
@click.option("--quiet", "-q", is_flag=True, help="Print rejects only.")
def ingest_command(
    paths: tuple[str, ...], source: str | None, dry_run: bool, strict: bool, prune: bool, keep_text: bool, workers: int | None,
    wait: bool, log_format: str, quiet: bool, lake: Path, config: Config,
) -> int:  # fmt: skip
    """Read recordings into the lake: what is new or changed, each once.

    PATH is a recording or a directory of them, in any format that `llm-usage` knows; content decides, not the name.
    Without PATH the `sources:` of the config are read.
    """
    if not paths and not config.sources:
        raise ConfigError("llm-usage ingest", "no PATH was given", "Name a recording or a directory, or list `sources:` in llm-usage.yaml")
    chosen = targets(paths or [str(p) for p in config.sources.values()], source, dict(config.sources))
    options = RunOptions.from_config(
        config,
        keep_text=keep_text,
        dry_run=dry_run,
        prune=prune,
        workers=min(os.cpu_count() or 1, 8) if workers is None else workers,
        stop=Stop(),
    )
    opened = Lake(lake, mode=config.lake_mode)
    if dry_run:
        summary = _ticking(opened, chosen, options, quiet=quiet or log_format == "json")
    else:
        with one_run_at_a_time(opened, wait=wait) as alone:
            if not alone:
                stderr().print(Text(f"another run is at {lake}: left to it"))
                return 0
            summary = _ticking(opened, chosen, options, quiet=quiet or log_format == "json")
    if log_format == "json":
        _log(summary, lake)
    else:
        _tell(summary, dry_run=dry_run, quiet=quiet, lake=lake)
    if summary.tally.bugs:
        return FAULT
    return 1 if strict and not summary.clean else 0


def _ticking(lake: Lake, chosen: list[Target], options: RunOptions, *, quiet: bool) -> Summary:
    with Ticker(quiet=quiet) as ticker:
        return run(lake, chosen, replace(options, on_read=ticker))


def _log(summary: Summary, lake: Path) -> None:
    """One JSON object a line: each reject, then the run."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lines = [
        {
            "time": now,
            "level": "warning",
            "event": "reject",
            "run_id": summary.run_id,
            "place": e.place,
            "thing": e.thing,
            "remedy": e.remedy,
        }
        for e in summary.tally.rejects
    ]
    row = {k: v for k, v in summary.row(datetime.now(UTC)).items() if k != "run_id"}
    for line in [*lines, {"time": now, "level": "info", "event": "run", "run_id": summary.run_id, "lake": str(lake), **row}]:
        print(orjson.dumps(line, option=orjson.OPT_UTC_Z).decode(), file=sys.stderr)


def _tell(summary: Summary, *, dry_run: bool, quiet: bool, lake: Path) -> None:
    console = stderr()
    if hidden := complain_by_cause(summary.tally.rejects, _SHOWN):
        console.print(f'… and {hidden} more: llm-usage query "select recording_path, error from recordings where error is not null"')
    if quiet:
        return
    read = summary.tally.new + summary.tally.changed
    parts = [f"{counted(summary.seen, 'file')} seen", f"{read:,} read" if read else "nothing new"]
    if not summary.seen:
        parts = ["no files there, or all of them are under `ignore:`"]
    if read:
        apis = ", ".join(f"{n:,} {api}" for api, n in sorted(summary.tally.by_api.items(), key=lambda kv: (-kv[1], kv[0])))
        told = summary.tally
        split = f"{counted(told.requests, 'LLM request')}, {told.exchanges_ignored:,} ignored, {told.exchanges_rejected:,} rejected"
        parts.append(f"{counted(told.exchanges, 'exchange')}: {split}")
        parts.append(counted(told.chunks, "chunk"))
        if apis:
            parts.append(apis)
    if summary.tally.ignored:
        parts.append(f"{counted(summary.tally.ignored, 'file')} ignored")
    if summary.tally.rejected:
        parts.append(f"{counted(summary.tally.rejected, 'file')} rejected")
    if summary.tally.bugs:
        parts.append(f"a fault of llm-usage in {counted(summary.tally.bugs, 'file')}: please report it")
    if summary.tally.busy:
        parts.append(f"{summary.tally.busy:,} were being written, left for the next run")
    if summary.repaired:
        parts.append(f"{summary.repaired:,} read again after a damaged log")
    if summary.passed_over:
        folders = ", ".join(f"{name} ×{n:,}" if n > 1 else name for name, n in sorted(summary.passed_over.items()))
        parts.append(f"not looked into: {folders}")
    if summary.stopped:
        parts.append("ended early as asked")
    if summary.removed:
        parts.append(f"{summary.removed:,} removed")
    verb = "would write" if dry_run else "lake"
    console.print(Text(f"{' · '.join(parts)} · {verb} {lake}"))


@command("forget", "Take a source, or a part of it, out of the lake")
@click.argument("what", metavar="SOURCE[/PATH]")
def forget_command(what: str, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Take a source, or the recordings at or below a PATH of it, out of the lake. The files themselves stay."""
    opened = Lake(lake)
    sources = {str(row["source"]) for row in live_rows(opened, ["recording_id", "revision", "generation", "source"]).to_pylist()}
    candidates = [what, str(Path(what).absolute())]
    for text in candidates:
        # The longest source that the argument begins with: sources are paths and may nest.
        for name in sorted(sources, key=len, reverse=True):
            if text.rstrip("/") == name.rstrip("/") or text.startswith(name.rstrip("/") + "/"):
                path = text[len(name.rstrip("/")) + 1 :].rstrip("/") or None
                summary = forget(opened, name, path)
                if not summary.removed:
                    raise ConfigError(what, "no such recording in the lake", 'llm-usage query "select recording_path from recordings"')
                gone = counted(summary.removed, "recording")
                stderr().print(Text(f"{gone} taken out of {lake}; `llm-usage optimize` removes their rows from disk"))
                return 0
    raise ConfigError(what, "no such source in the lake", f"Known sources: {', '.join(sorted(sources)) or 'none'}")
