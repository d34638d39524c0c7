"""The README is a front door: a session first, a picture, short. That its blocks are true is tests/test_docs.py's business."""

from __future__ import annotations

import re

from pages import BLOCK, blocks, sessions
from places import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_first_screen_is_a_session() -> None:
    assert README.index("```console") < 400
    language, text = next(iter(blocks(README)))
    assert language == "console"
    commands = sessions(text)
    assert commands[0][0] == "llm-usage ingest data/sample"
    assert all(printed for _, printed in commands)
    assert "…" not in text, "real output, whole"


def test_is_read_in_three_minutes() -> None:
    words = re.findall(r"[\w’'-]+", BLOCK.sub("", README))
    assert len(words) < 3 * 300


def test_shows_the_report() -> None:
    (picture,) = re.findall(r"!\[[^\]]{40,}\]\(([^)]+)\)", README)
    content = (PROJECT / picture).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 500_000


def test_says_as_many_checks_as_there_are() -> None:
    checks = len(list((PROJECT / "sql" / "checks").glob("*.sql")))
    words = {18: "seventeen", 19: "eighteen", 20: "nineteen", 21: "twenty", 22: "twenty-one", 23: "twenty-two", 24: "twenty-three"}
    assert f"and {words[checks]} more invariants" in README
