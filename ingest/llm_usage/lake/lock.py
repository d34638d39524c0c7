"""Owns the lake's advisory lock: one run at a time, for economy; two at once are still correct. Knows only the lake's folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from llm_usage.errors import LakeError
from llm_usage.lake import Lake


@contextmanager
def one_run_at_a_time(lake: Lake, *, wait: bool) -> Iterator[bool]:
    """Hold the lake's advisory lock. Yields False, at once, when another run has it and ``wait`` is not asked for.

    For economy only: two runs at once are still correct.

    Raises:
        LakeError: the lake's directory cannot be written.
    """
    import fcntl

    try:
        lake.make_root()
        with lake.rights():
            handle = (lake.root / ".lock").open("a")
    except OSError as error:
        raise LakeError(
            str(lake.root), f"cannot be written: {error.strerror}", "Name a directory that this user may write with --lake"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
