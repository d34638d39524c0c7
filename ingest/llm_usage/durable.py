"""Owns what it takes that a file survives a power cut and is never seen half-written; must not know what is in it.

Written beside, put on disk, renamed over: a reader sees the old file or the new one. Source: fsync(2) and rename(2), which say
that the directory has to be synced as well.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def fsync(*paths: Path) -> None:
    """Put files and directories on disk, in this order.

    Raises:
        OSError: the disk refuses; what survives is then not known.
    """
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a new path beside ``path``; what is written there takes its place when the block ends well, else it goes.

    Raises:
        OSError: the disk refuses; ``path`` is as it was.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        _clear(path)
        yield beside
        fsync(beside)
        beside.replace(path)
        fsync(path.parent)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove what writers that were killed have left beside ``path``."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.[0-9]*"):
        pid = left.name.rpartition(".")[2]
        if pid.isdigit() and not runs(int(pid)):
            left.unlink(missing_ok=True)


def runs(pid: int) -> bool:
    """Whether a process of this machine is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def replace_file(path: Path, data: bytes) -> None:
    """Write a small file so that a reader sees the old one or the new one, and a crash leaves one of them.

    Raises:
        OSError: the disk refuses; ``path`` is as it was.
    """
    with replacing(path) as beside:
        beside.write_bytes(data)
