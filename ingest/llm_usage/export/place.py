"""Owns putting a file where a person asked for it, whole or not at all; must not know what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llm_usage import durable
from llm_usage.errors import ConfigError


@contextmanager
def replacing(path: Path, option: str) -> Iterator[Path]:
    """Hand out a new path beside ``path``; what is written there takes its place when the block ends well, else it goes.

    Args:
        path: where the file is to be; its directory is made.
        option: what a person wrote to get here, for the error.

    Raises:
        ConfigError: it cannot be written there.
    """
    make_room(path, option)
    try:
        with durable.replacing(path) as beside:
            yield beside
    except OSError as error:
        raise _refused(path, option, error) from error


def make_room(path: Path, option: str) -> None:
    """Make the directory of a file that is to be written; a place that cannot be is refused before any work is done for it.

    Raises:
        ConfigError: no file can be there.
    """
    if path.is_dir():
        raise ConfigError(f"{option} {path}", "is a directory", "Name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(path, option, error) from error


def _refused(path: Path, option: str, error: OSError) -> ConfigError:
    return ConfigError(
        f"{option} {path}", f"cannot be written ({error.strerror or type(error).__name__})", "Name a place that you can write to"
    )
