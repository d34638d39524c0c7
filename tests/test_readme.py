"""The README's terminal sessions are real: every command is run and its output compared, line by line."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli import main
from places import PROJECT, SAMPLE

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def sessions() -> list[list[tuple[str, list[str]]]]:
    """Each ``console`` block as (command, lines printed)."""
    out = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        commands: list[tuple[str, list[str]]] = []
        for line in block.rstrip("\n").split("\n"):
            if line.startswith("$ "):
                commands.append((line[2:], []))
            else:
                commands[-1][1].append(line)
        out.append(commands)
    return out


def test_first_screen_is_a_session() -> None:
    assert README.index("```console") < 400
    assert sessions()[0][0][0].startswith("llm-usage ingest")


def test_sessions_print_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(SAMPLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "112")
    monkeypatch.delenv("LLM_USAGE_LAKE", raising=False)
    for commands in sessions():
        for command, printed in commands:
            words = shlex.split(command)
            assert words[0] == "llm-usage"
            result = CliRunner().invoke(main, words[1:], catch_exceptions=False)
            got = [line.rstrip() for line in result.output.rstrip("\n").split("\n")]
            while printed and not printed[-1]:
                printed.pop()
            assert got == printed, command


def test_every_command_is_documented() -> None:
    for name in main.commands:
        assert f"`llm-usage {name}" in README, f"{name} is not in the README"


def test_every_make_target_named_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", README))
    assert named - targets - {"alone"} == set()
