"""Owns the command that says what can be read: formats. No logic: it lists and shows."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pyarrow as pa
from rich.text import Text

from llm_usage import render
from llm_usage.cli import command
from llm_usage.cli.console import stdout
from llm_usage.config import Config
from llm_usage.reports.readable import readable


@command("formats", "List what can be read")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="How to print it.")
def formats_command(form: str, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """List what can be read: recording formats, framings, dialects. A file's content decides which of them it is, never its name."""
    found = list(readable())
    if form != "table":
        rows = [{"kind": one.kind, "name": one.name, "what": one.what} for one in found]
        render.write(pa.Table.from_pylist(rows), form, sys.stdout)
        return 0
    console = stdout()
    for kind in dict.fromkeys(one.kind for one in found):
        console.print(Text(f"{kind}s", style="bold"))
        for one in found:
            if one.kind == kind:
                console.print(Text.assemble(f"  {one.name:20}", (one.what, "dim")), soft_wrap=True)
    return 0
