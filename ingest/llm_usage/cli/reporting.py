"""Owns the commands that look at a lake: report, query, check, schema. No logic: they call and show."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from rich.text import Text

from llm_usage import render
from llm_usage.cli import command
from llm_usage.cli.console import stderr, stdout
from llm_usage.cli.exporting import page_can_be, write_files, write_page, write_rows
from llm_usage.cli.options import FORMATS, format_of, settings_asked, window
from llm_usage.config import Config
from llm_usage.errors import ConfigError
from llm_usage.lake import Lake
from llm_usage.lake.verify import faults
from llm_usage.model.schema import SCHEMA_VERSION
from llm_usage.model.tables import TABLES
from llm_usage.query import views
from llm_usage.query.session import connect
from llm_usage.query.sql_files import sql_files
from llm_usage.query.statement import lock, readers, run_sql
from llm_usage.render.table import show
from llm_usage.render.text import counted, plain
from llm_usage.reports.report import FOOTER, default_reports, find_report, footer, run_report

_FORMAT = click.option("--format", "form", type=click.Choice(FORMATS), help="How to show the rows [default: table].")


@command("report", "Show reports: those named, or the overview")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@window
@click.option("--wide", is_flag=True, help="Every column, also in the terminal.")
@click.option("--list", "listing", is_flag=True, help="List the reports.")
@_FORMAT
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the page with plots and tables: one file, to open or to send.",
)
@click.option(
    "--output",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Write files instead: one named report to a FILE, else all that are asked for to a DIR.",
)
def report_command(
    names: tuple[str, ...], wide: bool, listing: bool, form: str | None, page: Path | None, output: Path | None, lake: Path, config: Config,
    **asked: Any,
) -> int:  # fmt: skip
    """Show reports: those named, or the overview. `llm-usage report --list` lists them.

    `--html FILE` writes a page that needs nothing beside itself. `--output DIR` writes every report (or those named) as CSV, JSON,
    Parquet and Arrow (or in one --format), with the page as index.html.
    """
    settings = settings_asked(config, **asked)
    if page is not None and (names or settings.by or output is not None or form is not None):
        raise ConfigError("--html", "the page has its own reports and splits", "Leave out NAME, --by, --format and --output")
    console = stdout()
    if listing:
        for file in sorted(sql_files("20_marts"), key=lambda file: file.name):
            console.print(f"[bold]{file.name:22}[/bold] {file.caption or ''}", soft_wrap=True)
        return 0
    chosen = names or default_reports()
    _refuse(names, chosen, settings.by, form, page, output)
    if page is not None or output is not None:
        read = [file.body for file in (*sql_files("20_marts"), *sql_files("30_queries"))]
    else:
        read = [*FOOTER.values(), *(f"marts.{name}" for name in chosen)]
    connection = connect(lake, settings=settings, config=config, readers=read, once=len(chosen) > 1 and page is None)
    if page is not None:
        write_page(connection, settings, page)
        return 0
    if output is not None:
        write_files(connection, settings, names, form, output)
        return 0
    for name in chosen:
        report = run_report(connection, name, by=settings.by)
        if form in {None, "table"}:
            show(console, report.table, title=report.name, caption=report.caption, columns=() if wide else report.columns)
        else:
            render.write(report.table, str(form), sys.stdout)
    if form in {None, "table"}:
        for line in footer(connection, settings):
            console.print(line, style="dim", markup=False)
        if not Lake(lake).exists:
            stderr().print(Text(f"There is no lake at {lake} yet: --lake or LLM_USAGE_LAKE name another"))
    return 0


def _refuse(
    names: tuple[str, ...], chosen: tuple[str, ...], by: Sequence[str], form: str | None, page: Path | None, output: Path | None
) -> None:
    """Raise what is wrong with what was asked for, before any work is done for it."""
    for name in chosen:
        find_report(name, by=by)
    if output is not None:
        if form == "table":
            raise ConfigError("--format table", "is for the terminal", f"Use one of: {', '.join(render.FORMATS)}")
        if len(names) == 1 and (form is not None or output.suffix):
            format_of(form, output)
    elif len(chosen) > 1 and form not in {None, "table"}:
        raise ConfigError(f"--format {form}", f"{len(chosen)} reports are not one {form}", "Name one report, or write files: --output DIR")
    elif form is not None:
        render.must_be_text(form)
    if page is not None:
        page_can_be(page)


@command("query", "Run one SQL statement over tables and views")
@click.argument("sql")
@_FORMAT
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the rows to a file.")
@click.option("--allow-files", is_flag=True, help="Let the statement read and write files (COPY, read_csv …).")
def query_command(sql: str, form: str | None, output: Path | None, allow_files: bool, lake: Path, config: Config) -> int:
    """Run one SQL statement (DuckDB) over the lake's tables and views.

    It may only look: no other file is read, none is written, nothing is attached, installed or downloaded.
    """
    chosen = format_of(form, output) if output is not None else form or "table"
    try:
        table = _ask(sql, readers(sql), lake, config, locked=not allow_files)
    except ConfigError as error:
        if "Catalog Error" not in str(error):
            raise
        # Perhaps it names what was not made; and DuckDB's message proposes what there is.
        table = _ask(sql, None, lake, config, locked=not allow_files)
    if output is not None:
        write_rows(table, chosen, output)
    elif chosen == "table":
        show(stdout(), table, title=f"{table.num_rows:,} row{'' if table.num_rows == 1 else 's'}")
    else:
        render.write(table, chosen, sys.stdout)
    return 0


def _ask(sql: str, views_read: list[str] | None, lake: Path, config: Config, *, locked: bool) -> pa.Table:
    connection = connect(lake, config=config, readers=views_read)
    if locked:
        opened = Lake(lake)
        lock(connection, (file for each in TABLES for file in opened.files(each)))
    return run_sql(connection, sql, locked=locked)


@command("check", "Hold the lake against its invariants")
@click.option("--deep", is_flag=True, help="Also read every byte of the lake: digests of its files, counts of its log.")
def check_command(deep: bool, lake: Path, config: Config) -> int:
    """Hold the lake against its invariants; exit 1 and show the failing rows when one is broken."""
    failed = 0
    console = stdout()
    if deep:
        damage = list(faults(Lake(lake)))
        for place, thing, *_ in damage:
            console.print(Text.assemble(("FAIL", "red"), f"  {plain(place)}: {thing}"))
        if damage:
            stderr().print(f"{counted(len(damage), 'fault')}: run `llm-usage rebuild --lake {lake}`")
            return 1
        console.print("[green]ok[/green]    every file is as it was written")
    for result in views.run_checks(connect(lake, config=config, readers=[file.text for file in sql_files("checks")], once=True)):
        if result.passed:
            console.print(f"[green]ok[/green]    {result.name}")
        else:
            failed += 1
            console.print(f"[red]FAIL[/red]  {result.name}: {result.failures:,} rows")
            show(console, result.rows, title=result.title or result.name)
    if failed:
        stderr().print(f"{failed} checks failed")
    return 1 if failed else 0


@command("schema", "Describe the tables and their columns")
@click.argument("table", required=False)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For people or programs.")
def schema_command(table: str | None, form: str, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Describe the tables: every column, its type, unit and meaning."""
    import orjson
    import pyarrow as pa

    chosen = [t for t in TABLES if table is None or t.name == table]
    if not chosen:
        raise ConfigError(f"llm-usage schema {table}", "there is no such table", f"Tables: {', '.join(t.name for t in TABLES)}")
    if form == "json":
        tree = {
            "schema_version": SCHEMA_VERSION,
            "tables": {
                t.name: {
                    "doc": t.doc,
                    "key": t.key,
                    "columns": [
                        {
                            "name": c.name,
                            "type": str(c.type),
                            "sql": c.sql_type,
                            "nullable": c.nullable,
                            "unit": c.unit,
                            "values": c.values,
                            "doc": c.doc,
                        }
                        for c in t.columns
                    ],
                }
                for t in chosen
            },
        }
        sys.stdout.write(orjson.dumps(tree, option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    for t in chosen:
        rows = [{"column": c.name, "type": c.sql_type, "null": "null" if c.nullable else "", "meaning": c.comment} for c in t.columns]
        show(stdout(), pa.Table.from_pylist(rows), title=t.name, caption=f"{t.doc} Key: {', '.join(t.key)}.")
    return 0
