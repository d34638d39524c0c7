"""Owns what a lake's folder says of itself: the names of its small files, its schema version, the tables that it has had.

Must not know the tables' rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llm_usage.errors import LakeError
from llm_usage.lake import log
from llm_usage.lake.seal import read_sealed, write_sealed
from llm_usage.lake.versions import VERSIONS
from llm_usage.model.schema import SCHEMA_VERSION
from llm_usage.model.tables import TABLES

MARK = "lake.json"
HEARTBEAT = "heartbeat.json"
#: Set while facts may be missing behind the ledger's back: the next run holds the tables against each other.
SUSPECT = "suspect"
#: Set while every recording is being read anew: which ones, and so what is not yet in the lake again.
REBUILDING = "rebuilding.json"
#: A lake holds what people wrote to models, if only as numbers: nobody else reads it unless it is shared on purpose.
PRIVATE = 0o700


def sign(root: Path) -> None:
    """Write down that this is a lake of the present schema version, and which tables it has.

    Raises:
        OSError: the disk refuses.
    """
    write_sealed(root / MARK, {"schema_version": SCHEMA_VERSION, "tables": [t.name for t in TABLES]})


def _read(root: Path) -> dict[str, Any]:
    try:
        return read_sealed(root / MARK, f"Rebuild the lake from its recordings with `llm-usage rebuild --lake {root}`") or {}
    except OSError as error:
        raise log.unreadable(root / MARK, error) from error


def schema_version(root: Path) -> object:
    """The schema version that a lake says it has; None when its mark does not say, or is not there.

    Raises:
        LakeError: the disk refuses, or the mark is damaged.
    """
    return _read(root).get("schema_version")


def tables_of(root: Path) -> list[str]:
    """The tables that a lake has had."""
    named = _read(root).get("tables")
    return [str(name) for name in named] if isinstance(named, list) else []


def is_ours(name: str) -> bool:
    ours = {t.name for t in TABLES} | {HEARTBEAT, SUSPECT, VERSIONS, REBUILDING, ".lock"}
    return name in ours or name.startswith(tuple(f".{file}." for file in (MARK, HEARTBEAT, VERSIONS, SUSPECT, REBUILDING)))


def refuse_half(root: Path) -> None:
    """Stop at a lake that is half rebuilt.

    Raises:
        LakeError: it is, and how to go on; or this user may not look into it.
    """
    try:
        half = (root / REBUILDING).exists()
    except OSError as error:
        raise log.unreadable(root, error) from error
    if half:
        raise LakeError(
            str(root),
            "is being rebuilt, or its rebuild was interrupted: not every recording is in it again",
            f"Wait for it, or let `llm-usage rebuild --lake {root}` go on from there",
        )
    aside = sorted(root.parent.glob(f"{root.name}.old-*")) if not root.exists() and root.parent.is_dir() else []
    if aside:
        raise LakeError(
            str(root),
            f"a rebuild was interrupted in its swap: the lake is at {aside[0]}",
            f"Run `llm-usage rebuild --lake {root}`: it puts it back and goes on",
        )
