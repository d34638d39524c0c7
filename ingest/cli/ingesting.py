"""Owns the commands that change a lake: ingest and forget. No logic: they call `ingest.pipeline` and say what it did."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from ingest.cli import command
from ingest.cli.console import Ticker, complain, stderr
from ingest.config import Config
from ingest.errors import ConfigError
from ingest.labels import Labeller, header_names
from ingest.lake import Lake
from ingest.pipeline import forget, run
from ingest.reader import Options
from ingest.runs import RunOptions, Summary, fingerprint
from ingest.walk import targets

_SHOWN = 20


@command("ingest")
@click.argument("paths", nargs=-1, metavar="PATH…")
@click.option("--source", metavar="NAME", help="Name the root of the PATHs; default its absolute path, or its name in the config.")
@click.option("--dry-run", is_flag=True, help="Read everything, write nothing, say what would happen.")
@click.option("--strict", is_flag=True, help="Exit 1 when anything was rejected.")
@click.option("--prune", is_flag=True, help="Take recordings out that have vanished from the given directories.")
@click.option("--keep-text", is_flag=True, help="Also store the visible text of responses (off by default).")
@click.option("--quiet", "-q", is_flag=True, help="Print rejects only.")
def ingest_command(
    paths: tuple[str, ...],
    source: str | None,
    dry_run: bool,
    strict: bool,
    prune: bool,
    keep_text: bool,
    quiet: bool,
    lake: Path,
    config: Config,
) -> int:
    """Read recordings into the lake: what is new or changed, each once.

    PATH is a recording or a directory of them, in any format that `llm-usage` knows; content decides, not the name.
    Without PATH the `sources:` of the config are read.
    """
    if not paths and not config.sources:
        raise ConfigError("llm-usage ingest", "no PATH was given", "Name a recording or a directory, or list `sources:` in llm-usage.yaml")
    chosen = targets(paths or [str(p) for p in config.sources.values()], source, dict(config.sources))
    label = Labeller(config.labels) if config.labels else None
    with Ticker(quiet=quiet) as ticker:
        summary = run(
            Lake(lake),
            chosen,
            RunOptions(
                options=Options(limits=config.limits, keep_text=keep_text, label=label),
                label_headers=header_names(config.labels),
                fingerprint=fingerprint(config.labels, keep_text),
                ignore=config.ignore,
                dry_run=dry_run,
                prune=prune,
                on_file=ticker,
            ),
        )
    _tell(summary, dry_run=dry_run, quiet=quiet, lake=lake)
    return 1 if strict and not summary.clean else 0


def _tell(summary: Summary, *, dry_run: bool, quiet: bool, lake: Path) -> None:
    console = stderr()
    for error in summary.rejects[:_SHOWN]:
        complain(error)
    hidden = max(0, len(summary.rejects) - _SHOWN)
    if hidden:
        console.print(f'… and {hidden} more: llm-usage query "select recording_path, error from recordings where error is not null"')
    if quiet:
        return
    read = summary.new + summary.changed
    parts = [f"{summary.seen:,} files seen", f"{read:,} read" if read else "nothing new"]
    if read:
        apis = ", ".join(f"{n:,} {api}" for api, n in sorted(summary.by_api.items(), key=lambda kv: (-kv[1], kv[0])))
        split = f"{summary.requests:,} LLM requests, {summary.exchanges_ignored:,} ignored, {summary.exchanges_rejected:,} rejected"
        parts.append(f"{summary.exchanges:,} exchanges: {split}")
        parts.append(f"{summary.chunks:,} chunks")
        if apis:
            parts.append(apis)
    if summary.rejected:
        parts.append(f"{summary.rejected:,} files rejected")
    if summary.busy:
        parts.append(f"{summary.busy:,} were being written, left for the next run")
    if summary.removed:
        parts.append(f"{summary.removed:,} removed")
    verb = "would write" if dry_run else "lake"
    console.print(Text(f"{' · '.join(parts)} · {verb} {lake}"))


@command("forget")
@click.argument("what", metavar="SOURCE[/PATH]")
def forget_command(what: str, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Take a source, or the recordings at or below a PATH of it, out of the lake. The files themselves stay."""
    opened = Lake(lake)
    sources = {str(row["source"]) for row in opened.live_rows().select(["source"]).to_pylist()}
    candidates = [what, str(Path(what).absolute())]
    for text in candidates:
        # The longest source that the argument begins with: sources are paths and may nest.
        for name in sorted(sources, key=len, reverse=True):
            if text.rstrip("/") == name.rstrip("/") or text.startswith(name.rstrip("/") + "/"):
                path = text[len(name.rstrip("/")) + 1 :].rstrip("/") or None
                summary = forget(opened, name, path)
                stderr().print(
                    Text(f"{summary.removed:,} recordings taken out of {lake}; `llm-usage optimize` removes their rows from disk")
                )
                return 0 if summary.removed else 1
    raise ConfigError(what, "no such source in the lake", f"Known sources: {', '.join(sorted(sources)) or 'none'}")
