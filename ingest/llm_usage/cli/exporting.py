"""Owns what leaves as files: the page, reports as files, the export for BI tools. No logic: it calls and says what was written.

The rooms behind it are imported where they are needed: plots and their renderer take longer to load than most commands run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from rich.text import Text

from llm_usage.cli import command
from llm_usage.cli.console import stderr
from llm_usage.cli.options import format_of, settings_asked, window
from llm_usage.config import Config
from llm_usage.query import views
from llm_usage.query.session import Connection, connect


def write_page(connection: Connection, settings: views.Settings, path: Path) -> None:
    """Write the HTML page and say so."""
    from llm_usage import export, html

    export.write_page(html.page(connection, settings), path)
    _wrote(path)


def page_can_be(path: Path) -> None:
    """Refuse a place where no page can be, before the work for it is done."""
    from llm_usage.export.place import make_room

    make_room(path, "--html")


def write_rows(table: pa.Table, form: str, path: Path) -> None:
    """Write rows to one file and say so."""
    from llm_usage import export

    export.write_table(table, form, path)
    _wrote(path)


def write_files(connection: Connection, settings: views.Settings, names: Sequence[str], form: str | None, path: Path) -> None:
    """One named report as a file, or several as files in a directory; says which."""
    from llm_usage import export
    from llm_usage.reports.report import run_report

    if len(names) == 1 and (form is not None or path.suffix):
        write_rows(run_report(connection, names[0], by=settings.by).table, format_of(form, path), path)
        return
    whole = not names and form is None and not settings.by
    formats = export.ALL_FORMATS if form is None else (form,)
    written = export.write_all(connection, settings, path, names=names, formats=formats, page=whole)
    stderr().print(Text(f"{len(written)} reports as {', '.join(formats)}{' and index.html' if whole else ''} in {path}"))


@command("export", "Write all tables and reports into one DuckDB file")
@click.argument("kind", type=click.Choice(["duckdb"]))
@click.argument("file", type=click.Path(path_type=Path))
@window
def export_command(kind: str, file: Path, lake: Path, config: Config, **asked: Any) -> int:  # noqa: ARG001 - there is one kind so far
    """Write tables and all reports into one DuckDB file, for BI tools: llm-usage export duckdb FILE."""
    from llm_usage.export.duck import export_duckdb

    settings = settings_asked(config, **asked)
    rows = export_duckdb(connect(lake, settings=settings, config=config), settings, file)
    reports = sum(name.startswith("marts.") for name in rows)
    stderr().print(Text(f"{file}: {rows['requests']:,} requests, {rows['chunks']:,} chunks, {reports} reports"))
    return 0


def _wrote(path: Path) -> None:
    stderr().print(Text(f"{path}: {path.stat().st_size:,} bytes"))
