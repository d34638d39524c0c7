"""Reports in a terminal: no line is longer than it, and even a narrow one shows figures and not only what they are about."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from llm_usage.query.session import connect
from llm_usage.query.sql_files import sql_files
from llm_usage.render.table import show
from llm_usage.reports.report import Report, run_report

NAMES = [file.name for file in sql_files("20_marts")]
#: Their columns and the order of these belong to others: OpenTelemetry and FinOps.
FOREIGN = {"otel_spans", "focus"}


@pytest.fixture(scope="module")
def connection(sample_lake: Path):
    return connect(sample_lake, readers=[f"marts.{name}" for name in NAMES], once=True)


@pytest.mark.parametrize("name", NAMES)
def test_report_in_a_terminal(connection, name: str) -> None:
    report = run_report(connection, name)
    for width in (80, 120, 200):
        fits(report, width)


def fits(report: Report, width: int) -> None:
    name = report.name
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False)
    show(console, report.table, title=name, caption=report.caption, columns=report.columns)
    lines = out.getvalue().splitlines()
    assert not [line for line in lines if len(line) > width]
    if report.table.num_rows and name not in FOREIGN:
        rule = next(place for place, line in enumerate(lines) if line.startswith("─"))
        figures = [word for line in lines[rule + 1 :] for word in line.split() if word.replace(",", "").replace(".", "").isdigit()]
        assert figures, f"{name} shows no figure in {width} columns: name those first under -- show:"
