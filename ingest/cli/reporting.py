"""Owns the commands that look at a lake: report, query, check, schema. No logic: they call and show."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ingest import render, views
from ingest.cli import command
from ingest.cli.console import stderr, stdout
from ingest.config import Config, check_zone
from ingest.render.table import show
from ingest.report import default_reports, footer, parse_instant, run_report
from ingest.schema import SCHEMA_VERSION
from ingest.session import connect, settings_of
from ingest.sqlrun import run_sql
from ingest.tables import TABLES

_FORMAT = click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
_FORMAT_QUERY = click.option("--format", "form", type=click.Choice(["table", "csv", "json", "ndjson"]), default="table", show_default=True)


@command("report")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--since", metavar="WHEN", help="From this day or instant on (2025-09-24, 2025-09-24T08:00Z, 7d).")
@click.option("--until", metavar="WHEN", help="Before this day or instant.")
@click.option("--tz", metavar="ZONE", help="Cut days in this time zone [default: the config's, else UTC].")
@click.option("--by", metavar="DIM[,DIM]", help=f"Split by: {', '.join(views.DIMENSIONS)}.")
@click.option("--all", "everything", is_flag=True, help="Count recordings of the same response each time, not once.")
@click.option("--wide", is_flag=True, help="Every column, also in the terminal.")
@click.option("--list", "listing", is_flag=True, help="List the reports.")
@_FORMAT
def report_command(
    names: tuple[str, ...], since: str | None, until: str | None, tz: str | None, by: str | None, everything: bool, wide: bool,
    listing: bool, form: str, lake: Path, config: Config,
) -> int:  # fmt: skip
    """Show reports: those named, or the overview. `llm-usage report --list` lists them."""
    zone = check_zone(tz, "--tz") if tz else config.timezone
    settings = settings_of(
        config,
        since=parse_instant(since, zone, "--since"),
        until=parse_instant(until, zone, "--until"),
        by=tuple(part.strip() for part in by.split(",")) if by else None,
        include_duplicates=everything or None,
        time_zone=zone,
    )
    connection = connect(lake, settings=settings, config=config)
    console = stdout()
    if listing:
        for mart in views.marts(connection):
            console.print(f"[bold]{mart.name:22}[/bold] {mart.comment or ''}", soft_wrap=True)
        return 0
    chosen = names or default_reports()
    for name in chosen:
        report = run_report(connection, name, by=settings.by)
        if form == "table":
            show(console, report.table, title=report.name, caption=report.caption, columns=() if wide else report.columns)
        else:
            render.write(report.table, form, sys.stdout)
    if form == "table":
        for line in footer(connection, settings):
            console.print(line, style="dim", markup=False)
    return 0


@command("query")
@click.argument("sql")
@_FORMAT_QUERY
def query_command(sql: str, form: str, lake: Path, config: Config) -> int:
    """Run one SQL statement (DuckDB) over the lake's tables and views."""
    table = run_sql(connect(lake, config=config), sql)
    if form == "table":
        show(stdout(), table, title=f"{table.num_rows:,} row{'' if table.num_rows == 1 else 's'}")
    else:
        render.write(table, form, sys.stdout)
    return 0


@command("check")
def check_command(lake: Path, config: Config) -> int:
    """Hold the lake against its invariants; exit 1 and show the failing rows when one is broken."""
    failed = 0
    console = stdout()
    for result in views.run_checks(connect(lake, config=config)):
        if result.passed:
            console.print(f"[green]ok[/green]    {result.name}")
        else:
            failed += 1
            console.print(f"[red]FAIL[/red]  {result.name}: {result.failures:,} rows")
            show(console, result.rows, title=result.title or result.name)
    if failed:
        stderr().print(f"{failed} checks failed")
    return 1 if failed else 0


@command("schema")
@click.argument("table", required=False)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def schema_command(table: str | None, form: str, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Describe the tables: every column, its type, unit and meaning."""
    import orjson
    import pyarrow as pa

    from ingest.errors import ConfigError

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
