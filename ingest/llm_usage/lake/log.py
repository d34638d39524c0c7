"""Owns the commits to one Delta table's log: written, fsynced, checked for tears, repaired. Knows Delta's log, not our rows.

A log entry that power loss cut short reads as a shorter commit and silently hides rows (Delta protocol: an entry is a list
of JSON actions, one a line). So each of our entries says in its ``commitInfo`` how many actions follow; one that does not
hold them is torn. Only an entry that was never acknowledged can be torn by power loss, as every one is fsynced first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from llm_usage.durable import fsync
from llm_usage.errors import LakeError

_COUNT = "llm-usage.actions"
#: delta-rs colours some of its messages.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ENTRY = re.compile(r"[0-9]{20}\.json")
#: How many of the newest entries are looked at: with several writers more than the last may be unsynced.
_SUSPECTS = 8
_NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def commit(folder: Path, actions: Sequence[AddAction | RemoveAction], *, on_top_of: int | None = None) -> int | None:
    """Append one entry to the table's log and put it on disk.

    Args:
        folder: the table's folder.
        actions: files to name and files to drop.
        on_top_of: the version that the entry must directly follow. An entry that drops files has to say it: two writers
            that rewrite the same files would otherwise both name their copies.

    Returns:
        The version that the table has reached at least; None when another writer has already followed ``on_top_of`` and
        nothing was written.

    Raises:
        LakeError: the entry cannot be written.
    """
    try:
        table = DeltaTable(str(folder), version=on_top_of)
        before = table.version()
        retries = 1000 if on_top_of is None else 0
        properties = CommitProperties(custom_metadata={_COUNT: str(len(actions))}, max_commit_retries=retries)
        table.create_write_transaction(
            list(actions), "append", table.schema(), commit_properties=properties, post_commithook_properties=_NO_HOOKS
        )
    except CommitFailedError as error:
        if on_top_of is not None:
            return None
        raise failed(folder, error) from error
    except (DeltaError, OSError) as error:
        raise failed(folder, error) from error
    sync_log(folder, since=before + 1)
    return before + 1


def failed(folder: Path, error: Exception) -> LakeError:
    """A commit that did not happen."""
    return LakeError(
        str(folder),
        f"cannot be written ({type(error).__name__}: {_COLOUR.sub('', str(error))[:200]})",
        "Free space or mend the disk and run it again: nothing was lost and nothing half-written shows",
    )


def unreadable(path: Path, error: OSError) -> LakeError:
    """A file of the lake that the disk does not give out; whether it is sound is not known."""
    return LakeError(
        str(path), f"cannot be read: {error.strerror}", "Mend the disk, or the rights, or close other programs' files, and run it again"
    )


def entries(folder: Path) -> list[Path]:
    """The log's entries, oldest first.

    Raises:
        LakeError: the disk refuses.
    """
    log = folder / "_delta_log"
    try:
        return sorted(path for path in log.iterdir() if _ENTRY.fullmatch(path.name)) if log.is_dir() else []
    except OSError as error:
        raise unreadable(log, error) from error


def sync_log(folder: Path, since: int = 0) -> None:
    """Put the entries from version ``since`` on, and their directory, on disk.

    Raises:
        LakeError: the disk refuses; whether the commit survives a power loss is then not known.
    """
    try:
        new = [path for path in entries(folder) if int(path.stem) >= since]
        fsync(*new, folder / "_delta_log", folder)
    except OSError as error:
        raise failed(folder, error) from error


def torn(folder: Path) -> list[Path]:
    """The newest entries that do not hold what they say, oldest first; none in a sound table.

    Raises:
        LakeError: the disk refuses.
    """
    return [path for path in entries(folder)[-_SUSPECTS:] if not whole(path)]


def whole(path: Path) -> bool:
    """Whether an entry holds the actions that it says.

    Raises:
        LakeError: the disk refuses.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return True  # another run's upkeep has just folded it into a checkpoint
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        actions = [orjson.loads(line) for line in data.splitlines() if line.strip()]
    except orjson.JSONDecodeError:
        return False
    if not all(isinstance(action, dict) for action in actions):
        return False
    kinds = [next(iter(action), "") for action in actions]
    info = next((action["commitInfo"] for action in actions if "commitInfo" in action), None)
    if isinstance(info, dict) and info.get("operation") == "ADD COLUMN":  # a rebuild of an older lake
        return "metaData" in kinds
    if "metaData" in kinds or "protocol" in kinds:
        return {"metaData", "protocol", "commitInfo"} <= set(kinds)
    if not isinstance(info, dict) or _COUNT not in info:
        # Somebody else's, Delta's own vacuum among them: their commitInfo comes first, so it was there or the line is broken.
        return bool(actions)
    said: object = info[_COUNT]
    return said == str(sum(kind in {"add", "remove"} for kind in kinds))


def refuse_torn(folder: Path) -> None:
    """Stop a reader at a torn log.

    Raises:
        LakeError: an entry is torn; says how to repair it.
    """
    if found := torn(folder):
        raise LakeError(
            str(found[0]),
            "this entry of the table's log is cut short, as after a power failure",
            "Run `llm-usage ingest` or `llm-usage optimize`: they set it aside and read again what it held",
        )


def repair(folder: Path) -> int:
    """Set torn entries, and what was written on top of them, aside; returns how many entries that were.

    What lies above a torn entry was written by somebody who read it as shorter than it was; it goes too, and what it
    made visible is read again from the recordings.
    """
    found = torn(folder)
    if not found:
        return 0
    aside = [path for path in entries(folder) if path >= found[0]]
    for path in reversed(aside):
        with suppress(FileNotFoundError):  # another run repairs at the same time
            path.rename(path.with_name(f"{path.name}.torn-{os.getpid()}"))
    last = folder / "_delta_log" / "_last_checkpoint"
    if last.exists():
        last.unlink()
    sync_log(folder, since=2**62)
    return len(aside)
