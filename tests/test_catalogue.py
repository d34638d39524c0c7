"""The generated documentation is up to date, and nothing that it is made of lacks its sentence."""

from __future__ import annotations

import re

import click
import pytest

from llm_usage import catalogue
from llm_usage.cli import main
from llm_usage.model.tables import TABLES
from llm_usage.query import views
from llm_usage.query.session import connect_tables
from llm_usage.query.sql_files import sql_files
from places import PROJECT

PAGES = catalogue.pages()
VIEWS = [view for schema in ("marts", "staging") for view in views.marts(connect_tables({}), schema)]


@pytest.mark.parametrize("name", PAGES)
def test_is_up_to_date(name: str) -> None:
    path = PROJECT / name
    assert path.is_file(), f"{name} is not there: run `make docs`"
    assert path.read_text(encoding="utf-8") == PAGES[name], f"{name} is stale: run `make docs`"


@pytest.mark.exhaustive
def test_writing_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogue.pages() == PAGES
    if all((PROJECT / name).is_file() and (PROJECT / name).read_text(encoding="utf-8") == text for name, text in PAGES.items()):
        catalogue.main()
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = main.commands[name]
    assert command.help
    assert command.help.strip().split("\n")[0].endswith("."), "a sentence"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"llm-usage {name} {parameter.opts[-1]} has no help"
        else:
            for word in re.findall(r"\w+", parameter.make_metavar(click.Context(command))):
                assert word.lower() in command.help.lower(), f"the help of llm-usage {name} does not say what {word} is"
    assert f"## {name}\n" in PAGES["docs/reference/commands.md"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_and_column_says_what_it_means(table) -> None:
    assert table.doc.endswith(".")
    for column in table.columns:
        assert column.doc.endswith("."), column.name
        assert f"| `{column.name}` |" in PAGES["docs/reference/tables.md"]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.schema}.{view.name}")
def test_every_view_and_column_says_what_it_means(view) -> None:
    assert view.comment, view.name
    for column in view.columns:
        assert column.comment, f"{view.name}.{column.name} has no comment"
    section = PAGES["sql/README.md"].split(f"\n### {view.name}\n")[1].split("\n### ")[0].split("\n## ")[0]
    assert section.count("\n| `") == len(view.columns)


def test_every_check_has_its_sentence() -> None:
    for check in sql_files("checks"):
        assert check.title.endswith("."), check.name
        assert f"| `{check.name}` | {check.title} |" in PAGES["sql/README.md"]


def test_links_between_the_pages_lead_somewhere() -> None:
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", text):
            assert not target or (PROJECT / page).parent.joinpath(target).resolve().is_file(), f"{page}: {target}"
        for anchor in re.findall(r"\]\([^)]*#([^)]*)\)", text):
            assert f"\n### {anchor}\n" in PAGES["sql/README.md"]
