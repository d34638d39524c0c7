"""Owns putting a finished file in its place: written beside, on disk, then renamed. Must not know what is in it.

A reader sees the old file or the new one, never half of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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
    if path.is_dir():
        raise ConfigError(f"{option} {path}", "is a directory", "Name a file")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        yield beside
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise ConfigError(
            f"{option} {path}", f"cannot be written ({error.strerror or type(error).__name__})", "Name a place that you can write to"
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
