"""Owns the command line's frame: the group, options that every command has, exit codes. No logic.

Exit codes: 0 clean, 1 rejects with ``--strict``, failing checks or a passed bound, 2 usage, configuration or an unusable lake,
3 a fault of ours was met in a file: everything else was read.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import duckdb

from llm_usage.cli.console import complain
from llm_usage.config import Config
from llm_usage.config import load as load_config
from llm_usage.errors import LakeError, LlmUsageError
from llm_usage.lake.verify import first_damage
from llm_usage.query.session import lake_path
from llm_usage.versions import program_version

FAULT = 3
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(program_version(), prog_name="llm-usage")
def main() -> None:
    """What recorded LLM traffic cost, who served it and how fast it streamed: offline, exact to the last digit."""


def command(name: str, short: str) -> Callable[[Callable[..., int | None]], click.Command]:
    """A subcommand with ``--lake`` and ``--config``; its function gets ``lake`` (a Path) and ``config``, and returns the exit code.

    ``short`` fits a line of ``llm-usage --help`` on 80 columns.
    """

    def decorate(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        def run(lake: str | None, config_path: str | None, **given: Any) -> None:
            try:
                config: Config = load_config(Path(config_path) if config_path else None)
                code = function(lake=lake_path(lake, config), config=config, **given)
            except LlmUsageError as error:
                complain(error)
                sys.exit(2)
            except BrokenPipeError:
                # The reader of our output has gone (`| head`): nothing is wrong, but Python would complain on exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(0)
            except duckdb.Error:
                damage = first_damage(lake_path(lake, load_config(Path(config_path) if config_path else None)))
                if damage is None:
                    raise  # a fault of ours
                complain(damage)
                sys.exit(2)
            except OSError as error:
                # The machine's fault and not ours: a full disk, lost rights, too many open files.
                place = str(error.filename or "llm-usage")
                complain(LakeError(place, f"the system refuses: {error.strerror}", "Mend that and run it again; the lake is as it was"))
                sys.exit(2)
            sys.exit(code or 0)

        wrapped = click.option("--config", "config_path", metavar="FILE", help="Configuration [default: ./llm-usage.yaml, if there].")(run)
        wrapped = click.option("--lake", metavar="DIR", help="The lake [default: $LLM_USAGE_LAKE, else data/lake].")(wrapped)
        return main.command(name, short_help=short)(wrapped)

    return decorate


from llm_usage.cli import exporting, formats, ingesting, money, reporting, upkeep  # noqa: E402  (they register their commands on `main`)

__all__ = ["command", "exporting", "formats", "ingesting", "main", "money", "reporting", "upkeep"]
