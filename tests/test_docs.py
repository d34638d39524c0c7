"""README.md and docs/*.md are true: every block of every page is tried, in order, as its reader would."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

import llm_usage
from llm_usage import config
from llm_usage.cli import main
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.pricing import user_prices as prices_file
from llm_usage.reports.readable import known, readable
from pages import Desk, blocks, check_command, check_targets, lay_out, pages, same
from places import PROJECT

PAGES = pages()
GENERATED = sorted((PROJECT / "docs" / "reference").glob("*.md"))


@pytest.mark.exhaustive
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_does_what_the_page_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "112")
    monkeypatch.delenv("LLM_USAGE_LAKE", raising=False)
    desk = Desk()
    for language, text in blocks(page.read_text(encoding="utf-8")):
        desk.do(language, text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(list(blocks(text))), "a block that is not closed, or not at the margin"
    for name, rest in re.findall(r"`llm-usage ([a-z]+)([^`]*)`", text):
        check_command(name, rest)
    check_targets(text)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
    for target in re.findall(r"`((?:docs|sql|ops|tests|ingest|data/sample|notebooks)/[\w./-]+)`", text):
        assert (PROJECT / target).exists(), f"{page.name} names {target}"


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    for page in (*PAGES[1:], *GENERATED):
        assert f"({page.relative_to(PROJECT)})" in readme, f"{page.name} is not linked"


def test_every_command_is_used_on_some_page() -> None:
    everything = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for name in main.commands:
        assert f"llm-usage {name}" in everything, f"no page shows llm-usage {name}"


@pytest.mark.parametrize(
    ("printed", "expected", "alike"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a"], False),
        (["a (b)*"], ["a (b)*"], True),
        (["last run 3 s ago"], ["last run … s ago"], True),
        (["a", "x", "y", "b"], ["a", "…", "b"], True),
        (["a", "b"], ["a", "…", "b"], True),
        (["a", "c"], ["a", "…", "b"], False),
        ([], [], True),
        (["a"], [], False),
    ],
)
def test_how_lines_are_compared(printed: list[str], expected: list[str], alike: bool) -> None:
    assert same(printed, expected) is alike


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("console", "$ llm-usage formats\nnothing\n"),
        ("console", "$ echo a\nb\n"),
        ("python", "raise AssertionError\n"),
        ("python", ">>> 1 + 1\n3\n"),
        ("yaml", "{}\n"),
        ("sh", "make nothing-of-the-kind\n"),
        ("sh", "llm-usage ingest --no-such-option\n"),
        ("sh", "llm-usage nothing\n"),
    ],
)
def test_a_wrong_block_is_found(language: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError):
        Desk().do(language, text)


def test_what_how_fast_says_of_each_clock_is_what_the_samples_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of recorders and clocks, against the samples of every format: client clocks only, the server's stand apart."""
    monkeypatch.chdir(tmp_path)
    said: dict[str, set[str]] = {}
    for name, clock in re.findall(
        r"^\|[^|]*\(`(\w+)`\)[^|]*\|[^|]*\| `(\w+)` \|", (PROJECT / "docs/how-fast.md").read_text(), re.MULTILINE
    ):
        said.setdefault(name, set()).add(clock)
    found: dict[str, set[str]] = {}
    for folder in sorted((PROJECT / "tests" / "samples" / "recordings").iterdir()):
        for row in llm_usage.read(folder)["requests"].to_pylist():
            if row["timing_source"] not in ("server", "none"):
                found.setdefault(row["recording_format"], set()).add(row["timing_source"])
    assert said == found


def test_every_provider_is_on_its_page() -> None:
    page = (PROJECT / "docs" / "reference" / "providers.md").read_text(encoding="utf-8")
    for one in known():
        assert f"| `{one.name}` |" in page


def test_the_map_of_the_architecture_is_true() -> None:
    """Every room is a line of the folder list, no line is of a room that is gone, and every dependency has a reason."""
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^      ([a-z_]+(?:/|\.py|\.yaml))", text[: text.index("\n## ")], re.MULTILINE))
    package = PROJECT / "ingest" / "llm_usage"
    there = {path.name for path in package.iterdir() if path.suffix in {".py", ".yaml"} and not path.name.startswith("__")}
    there |= {f"{path.name}/" for path in package.iterdir() if (path / "__init__.py").exists()}
    assert listed == there
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = text[text.index("## Dependencies") :]
    for requirement in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        name = re.split(r"[<>=]", requirement)[0]
        assert re.search(rf"\| (?:[\w, -]+, )?{re.escape(name)}(?:, [\w, -]+)? \|", reasons), (
            f"ARCHITECTURE.md does not say what {name} is for"
        )


def test_the_changelog_counts_what_there_is() -> None:
    counts = Counter(one.kind for one in readable())
    said = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    for kind, count in counts.items():
        assert f"{count} {kind}s" in said


def test_every_key_of_the_configuration_is_on_its_page() -> None:
    """The two whole files of docs/configuration.md use every key that is known."""
    files = [text for language, text in blocks((PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")) if language == "yaml"]
    settings, prices = (yaml.safe_load(text) for text in files)
    assert set(settings) == {field.name for field in fields(config.Config)} - {"origin"}
    assert set(settings["limits"]) == {field.name for field in fields(Limits)}
    assert settings["limits"] == {field.name: getattr(DEFAULT_LIMITS, field.name) for field in fields(Limits)}, "the defaults"
    assert {key for rule in settings["labels"] for key in rule["match"]} == {"path", "host", "header", "field"}
    assert set(settings["slos"][0]) | {"match"} == {field.name for field in fields(config.Slo)}
    assert set(settings["budgets"][0]) == {field.name for field in fields(config.Budget)}
    assert set().union(*prices["prices"]) | {"gateway"} == set(prices_file._KEYS)
