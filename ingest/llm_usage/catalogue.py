"""Owns the generated documentation: ``sql/README.md`` and ``docs/reference/``. ``make docs`` writes it, a test fails when it is stale.

Everything in it is said elsewhere, once: columns in `llm_usage.model.tables`, views in the comments of their SQL, commands in their help.
Must not say anything of its own beyond how to read the page.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

import click

from llm_usage.cli import main as command_line
from llm_usage.model.tables import TABLES
from llm_usage.query import views
from llm_usage.query.session import connect_tables
from llm_usage.query.sql_files import sql_files, sql_root
from llm_usage.reports.readable import known

_MARK = "<!-- Written by `make docs`; a test fails when it is stale. Do not edit. -->"


def pages() -> dict[str, str]:
    """Every generated page: its path below the project, its text."""
    return {
        "sql/README.md": _page(_sql()),
        "docs/reference/commands.md": _page(_commands(command_line)),
        "docs/reference/tables.md": _page(_tables()),
        "docs/reference/views.md": _page(_views()),
        "docs/reference/providers.md": _page(_providers()),
    }


def _page(lines: Iterator[str]) -> str:
    return "\n".join([_MARK, *lines]).rstrip("\n") + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _sql() -> Iterator[str]:
    """The catalogue beside the SQL: marts and staging with every column, checks with their sentence."""
    yield from (
        "# Views",
        "",
        "Plain DuckDB, no templates: each file makes one view of its own name, with its comments. A layer reads only the layers below it.",
        "",
        "| folder | what |",
        "|---|---|",
        "| `00_inputs` | tables that the program fills: settings, prices, budgets, service levels |",
        "| `05_macros` | arithmetic that several views share |",
        "| `10_staging` | the tables as they stand: live rows, duplicates marked, cost worked out |",
        "| `20_marts` | the reports: one view each |",
        "| `30_queries` | queries of single commands and of the HTML page |",
        "| `checks` | what must hold: each query returns the rows that break it |",
        "",
        "`llm_usage.connect()` and `llm-usage query` see all of it, without naming a schema. Money is `DECIMAL`, NULL is not known, and a",
        "percentile stands only on enough requests. The tables below are described in `docs/reference/tables.md`.",
        "",
    )
    connection = connect_tables({})
    for title, schema in (("Marts", "marts"), ("Staging", "staging")):
        found = sorted(views.marts(connection, schema), key=lambda view: view.name)
        yield f"## {title}"
        yield ""
        yield from _table(("view", "what it says"), [(f"[{view.name}](#{view.name})", view.comment or "") for view in found])
        for view in found:
            yield f"### {view.name}"
            yield ""
            yield view.comment or ""
            if schema == "marts":
                yield f"`llm-usage report {view.name}`" + (f"; `--by` {', '.join(view.by)}." if view.by else ".")
            yield ""
            yield from _table(("column", "type", "meaning"), [(f"`{c.name}`", c.type, c.comment or "") for c in view.columns])
    yield from ("## Checks", "", "`llm-usage check` runs them and shows the rows that break one.", "")
    yield from _table(("check", "what must hold"), [(f"`{file.name}`", file.title) for file in sql_files("checks")])


def _views() -> Iterator[str]:
    """The reports in one table, for people who do not read SQL."""
    yield from (
        "# Reports",
        "",
        "`llm-usage report NAME` shows one; the same name is a view in `llm-usage query` and in `llm_usage.connect()`. Every column of",
        "each is in [sql/README.md](../../sql/README.md).",
        "",
    )
    rows = [
        (f"[{view.name}](../../sql/README.md#{view.name})", view.comment or "", ", ".join(view.by), str(len(view.columns)))
        for view in sorted(views.marts(connect_tables({})), key=lambda view: view.name)
    ]
    yield from _table(("report", "what it says", "`--by`", "columns"), rows)


def _tables() -> Iterator[str]:
    yield from (
        "# Tables",
        "",
        "The four tables of the lake. NULL means not reported or not observed; 0 means a reported or counted zero. `llm-usage schema`",
        "prints the same in a terminal, `--format json` for programs.",
        "",
    )
    for table in TABLES:
        yield from (f"## {table.name}", "", f"{table.doc} Key: {', '.join(f'`{key}`' for key in table.key)}.", "")
        rows = [(f"`{c.name}`", str(c.type), c.sql_type, "yes" if c.nullable else "no", c.comment) for c in table.columns]
        yield from _table(("column", "Arrow", "SQL", "may be NULL", "meaning"), rows)


def _providers() -> Iterator[str]:
    yield from (
        "# Providers and gateways",
        "",
        "Who is recognised, and by which addresses; also by paths, response headers, ids and how gateways spell them. An address that is",
        "not here is no obstacle: tokens, status and times are read all the same, only the provider stays unknown. A new one is an entry",
        "in `ingest/llm_usage/providers.yaml`.",
        "",
    )
    rows = [(f"`{k.name}`", "gateway" if k.gateway else "provider", ", ".join(f"`{h}`" for h in k.hosts)) for k in known()]
    yield from _table(("name", "kind", "addresses"), rows)


def _commands(group: click.Group) -> Iterator[str]:
    yield from (
        "# Commands",
        "",
        "Every command prints this with `--help`. Exit codes: 0 clean; 1 rejects with `--strict`, failing checks or a passed bound;",
        "2 usage, configuration, or a lake that cannot be used.",
        "",
    )
    for name, command in sorted(group.commands.items()):
        context = click.Context(command, info_name=f"llm-usage {name}", terminal_width=1000, max_content_width=1000)
        arguments = " ".join(command.collect_usage_pieces(context))
        yield from (f"## {name}", "", f"`llm-usage {name} {arguments}`", "", _prose(command.help), "")
        options = [p for p in command.get_params(context) if isinstance(p, click.Option)]
        records = [record for record in (option.get_help_record(context) for option in options) if record is not None]
        yield from _table(("option", "what it does"), [(f"`{option}`", text) for option, text in records])


def _prose(text: str | None) -> str:
    return inspect.cleandoc(text or "").replace("\b\n", "")


def main() -> None:
    """Write every page that has changed."""
    root = sql_root().parent
    for name, text in pages().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"wrote {name}")


if __name__ == "__main__":
    main()
