"""Owns how the program speaks to a person: consoles, errors, progress; must not know any command."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from llm_usage.errors import LlmUsageError
from llm_usage.render.text import plain

PIPE_WIDTH = 160
_NUMBER = re.compile(r"\d+")
#: So many errors of one cause are told one by one.
_ONE_BY_ONE = 2
_EXAMPLES = 3


def stdout() -> Console:
    """Where results go. Into a pipe: no colours, wide enough that figures do not wrap."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    width = os.environ.get("COLUMNS", "")
    return Console(highlight=False, width=int(width) if width.isdigit() and int(width) > 0 else PIPE_WIDTH)


def stderr() -> Console:
    """Where everything else goes."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def complain(error: LlmUsageError) -> None:
    """Print an error: place, thing, remedy."""
    console = stderr()
    console.print(Text.assemble(("error: ", "bold red"), plain(error.place), ": ", plain(error.thing)))
    console.print(Text(f"  {plain(error.remedy)}", style="dim"))


def complain_by_cause(errors: Sequence[LlmUsageError], most: int) -> int:
    """Print errors, those of one cause together; at most so many causes. Returns how many errors were not told."""
    causes: dict[tuple[str, str], list[LlmUsageError]] = {}
    for error in errors:
        causes.setdefault((_NUMBER.sub("#", error.thing), error.remedy), []).append(error)
    for alike in list(causes.values())[:most]:
        first = alike[0]
        if len(alike) <= _ONE_BY_ONE:
            for error in alike:
                complain(error)
            continue
        shown = ", ".join(plain(error.place) for error in alike[:_EXAMPLES])
        stderr().print(
            Text.assemble(("error: ", "bold red"), f"{len(alike):,} times: {plain(first.thing)} (for example {shown})"), soft_wrap=True
        )
        stderr().print(Text(f"  {plain(first.remedy)}", style="dim"))
    return sum(len(alike) for alike in list(causes.values())[most:])


class Ticker:
    """Progress of a run: a live line on a terminal, a plain line now and then into a log, nothing when quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self._count = 0
        self._last = time.monotonic()
        self._console = stderr()
        self._quiet = quiet
        self._bar: Progress | None = None
        if not quiet and self._console.is_terminal:
            self._bar = Progress(
                SpinnerColumn(), TextColumn("{task.completed:,} files read"), TimeElapsedColumn(), TextColumn("[dim]{task.description}"),
                console=self._console, transient=True,
            )  # fmt: skip

    def __enter__(self) -> Ticker:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __call__(self, count: int, name: str) -> None:
        """So many more files have been read, the last one is ``name``."""
        self._count += count
        if self._bar is not None:
            self._bar.update(self._task, advance=count, description=plain(name)[-60:].replace("[", "\\["))
        elif not self._quiet and time.monotonic() - self._last > 10:
            self._last = time.monotonic()
            self._console.print(f"{self._count:,} files read")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
