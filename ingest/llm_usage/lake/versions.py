"""Owns how far each table of a lake has got, beside the tables themselves: so that entries that vanish from a log are missed.

Delta's log is the truth of a version; what this file says is a lower bound of it, written after each commit. Must not know rows.
"""

from __future__ import annotations

from pathlib import Path

from llm_usage.errors import LakeError
from llm_usage.lake.seal import read_sealed, write_sealed

VERSIONS = "versions.json"


def reached(root: Path) -> dict[str, int]:
    """The version that each table has reached at least; nothing where a lake is older than this file.

    Raises:
        LakeError: the file is damaged.
    """
    found = read_sealed(root / VERSIONS, f"Delete it: the next `llm-usage ingest --lake {root}` writes it anew") or {}
    return {name: version for name, version in found.items() if isinstance(version, int)}


def note(root: Path, now: dict[str, int], *, lower: bool = False) -> None:
    """Write down versions; a lower one than is known is another writer's lag, and left out, unless a repair made it so.

    Raises:
        LakeError: the file is damaged.
        OSError: the disk refuses.
    """
    before = reached(root)
    after = {**before, **{name: version if lower else max(version, before.get(name, 0)) for name, version in now.items()}}
    if after != before:
        write_sealed(root / VERSIONS, dict(after))


def missing_entries(root: Path, table: str, version: int, reached_version: int) -> LakeError:
    """The error of a log that is shorter than it was."""
    return LakeError(
        str(root / table),
        f"the newest entries of its log are gone: it is at version {version:,} and was at {reached_version:,}",
        f"Run `llm-usage rebuild --lake {root}`: it reads the recordings again",
    )
