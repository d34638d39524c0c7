"""Owns what leaves as files: a report in a format, all reports in all formats. Must not know options or terminals.

Files carry no instant of their own: the same lake, prices and ``as_of`` give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from llm_usage import html, render
from llm_usage.export.place import replacing
from llm_usage.query import views
from llm_usage.query.materialize import freeze
from llm_usage.reports.report import run_report

#: What `write_all` writes of every report.
ALL_FORMATS = ("csv", "json", "parquet", "arrow")


def write_table(table: pa.Table, form: str, path: Path) -> None:
    """One table into one file, in a format of `llm_usage.render.FORMATS`.

    Raises:
        ConfigError: the file cannot be written.
    """
    with replacing(path, "--output") as beside, beside.open("wb") as out:
        render.write_file(table, form, out)


def write_page(text: str, path: Path, option: str = "--html") -> None:
    """The HTML page into its file.

    Raises:
        ConfigError: the file cannot be written.
    """
    with replacing(path, option) as beside:
        beside.write_text(text, encoding="utf-8", newline="")


def write_all(
    connection: duckdb.DuckDBPyConnection,
    settings: views.Settings,
    folder: Path,
    *,
    names: Sequence[str] = (),
    formats: Sequence[str] = ALL_FORMATS,
    page: bool = True,
) -> list[str]:
    """Reports as ``NAME.csv``, ``NAME.json`` and so on in ``folder``, and the page as ``index.html``; other files there stay.

    Args:
        connection: as `llm_usage.query.session.connect` gives it; its staging view is frozen.
        settings: those of the connection.
        folder: is made when it is not there.
        names: which reports; all without it.
        formats: of `llm_usage.render.FORMATS`.
        page: also ``index.html``.

    Returns:
        The names of the reports.

    Raises:
        ConfigError: there is no such report, or a file cannot be written.
    """
    chosen = list(names) or [mart.name for mart in views.marts(connection)]
    freeze(connection)
    for name in chosen:
        table = run_report(connection, name, by=settings.by if names else ()).table
        for form in formats:
            write_table(table, form, folder / f"{name}.{form}")
    if page:
        write_page(html.page(connection, settings), folder / "index.html", "--output")
    return chosen
