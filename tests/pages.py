"""Owns how README.md and docs/*.md are tried out: every block of a page in order, in one working directory that holds data/sample.

``console`` blocks are run and compared line by line, ``…`` standing for anything: within a line, or alone for any lines. ``python``
blocks are executed (or held against their output where they have ``>>>``), ``sql`` blocks queried, ``yaml`` blocks loaded; a yaml
block that begins with ``# NAME`` is put there under that name first. ``sh`` blocks are not run (they set up machines), but the
commands and options in them must exist.

    python tests/pages.py README.md docs/*.md     # write what the commands print now into the pages, but for blocks with …
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click
import yaml
from click.testing import CliRunner

import llm_usage
from llm_usage import config
from llm_usage.cli import main
from llm_usage.pricing import user_prices as prices_file
from places import PROJECT, SAMPLE

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"[|;&<>$`]|^(?!llm-usage )")
WIDTH = "112"


def pages() -> list[Path]:
    """README.md and the pages that people wrote."""
    return [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each fenced block: its language, its text."""
    yield from BLOCK.findall(text)


def sessions(block: str) -> list[tuple[str, list[str]]]:
    """A console block as (command, lines printed)."""
    out: list[tuple[str, list[str]]] = []
    for line in block.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            out.append((line[2:], []))
        else:
            out[-1][1].append(line)
    for _, printed in out:
        while printed and not printed[-1]:
            printed.pop()
    return out


def type_in(command: str) -> list[str]:
    """What a command prints, output and errors together, line by line."""
    if SHELL.search(command):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", f"{{ {command}\n}} 2>&1"], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
        )
        printed = done.stdout
    else:
        printed = CliRunner().invoke(main, shlex.split(command)[1:], catch_exceptions=False).output
    return [line.rstrip() for line in printed.rstrip("\n").split("\n")] if printed.strip() else []


def same(printed: list[str], expected: list[str]) -> bool:
    """Line by line, but for what ``…`` stands for."""
    pattern = "".join("(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


class Desk:
    """Where a page is tried out."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {}

    def do(self, language: str, text: str) -> None:
        """One block; raises AssertionError when the page is wrong."""
        getattr(self, f"_{language or 'none'}")(text)

    def _console(self, text: str) -> None:
        for command, expected in sessions(text):
            printed = type_in(command)
            assert same(printed, expected), "\n".join([f"$ {command}", *printed, "--- but the page says:", *expected])

    def _python(self, text: str) -> None:
        if ">>> " in text:
            said: list[str] = []
            test = doctest.DocTestParser().get_doctest(text, self.names, "page", None, 0)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
            assert not runner.run(test, out=said.append, clear_globs=False).failed, "".join(said)
            self.names.update(test.globs)
        else:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, "page", "exec"), self.names)

    def _sql(self, text: str) -> None:
        with llm_usage.connect() as connection:
            connection.sql(text).to_arrow_table()

    def _yaml(self, text: str) -> None:
        name = text.split("\n", 1)[0].removeprefix("# ")
        tree = yaml.safe_load(text)
        path = Path(name if text.startswith("# ") and re.fullmatch(r"[\w./-]+\.ya?ml", name) else "unnamed.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.name == "prices.yaml" or isinstance(tree.get("prices"), list):
            assert prices_file.read(path).entries
        elif path.parent == Path():
            assert config.load(path) != config.Config(origin=str(path)), "a configuration that says nothing"
        else:
            self._sh(text)

    def _sh(self, text: str) -> None:
        for name, rest in re.findall(r"\bllm-usage ([a-z]+)((?:[^\n\\`]|\\\n)*)", text):
            check_command(name, rest)
        check_targets(text)

    def _text(self, _: str) -> None:
        """Pictures drawn in letters."""


def check_command(name: str, rest: str) -> None:
    """The command exists, and so does every long option that follows it."""
    command = main.commands.get(name)
    assert command is not None, f"there is no llm-usage {name}"
    known = {word for p in command.params if isinstance(p, click.Option) for word in (*p.opts, *p.secondary_opts)} | {"--help"}
    for option in re.findall(r"(?<![\w-])--[a-z-]+", rest):
        assert option in known, f"llm-usage {name} has no {option}"


def check_targets(text: str) -> None:
    """The make targets in it exist."""
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in re.findall(r"(?m)(?:`|^ *)make ([a-z-]+)", text):
        assert name in targets, f"there is no make {name}"


def lay_out(folder: Path) -> None:
    """What a clone holds, as far as pages use it."""
    (folder / "data").mkdir()
    shutil.copytree(SAMPLE, folder / "data" / "sample")


def _rewrite(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    desk = Desk()

    def fill(found: re.Match[str]) -> str:
        language, block = found[1], found[2]
        if language != "console" or "…" in block:
            desk.do(language, block)
            return found[0]
        parts = ["\n".join([f"$ {command}", *type_in(command)]) for command, _ in sessions(block)]
        return "```console\n" + "\n\n".join(parts) + "\n```"

    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder))
        os.chdir(folder)
        new = BLOCK.sub(fill, text)
        os.chdir(PROJECT)
    if new != text:
        path.write_text(new, encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    given = [Path(name).absolute() for name in sys.argv[1:]] or pages()
    with mock.patch.dict(os.environ, {"COLUMNS": WIDTH}):
        os.environ.pop("LLM_USAGE_LAKE", None)
        for page in given:
            _rewrite(page)
