"""Owns the lake: four Delta tables under one root, one visible state. The only room that knows deltalake.

``requests`` and ``chunks`` are append-only; every ingest of a recording writes its rows under a fresh *generation*, then
one append to ``recordings``, the ledger, makes that generation the live one. That append is the only moment anything
becomes visible: a writer killed before it leaves orphans that nobody sees. The live row of a recording is the one with the
highest ``revision`` (ties: the greater generation), so blind appends of two writers still leave one live generation.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from llm_usage.durable import fsync, replace_file
from llm_usage.errors import LakeError
from llm_usage.lake import log
from llm_usage.lake.parts import Part, logical_schema
from llm_usage.model.schema import SCHEMA_VERSION, Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS, TABLES

MARK = "lake.json"
HEARTBEAT = "heartbeat.json"
#: Set while facts may be missing behind the ledger's back: the next run holds the tables against each other.
SUSPECT = "suspect"
_CONFIGURATION = {"delta.logRetentionDuration": "interval 30 days", "delta.deletedFileRetentionDuration": "interval 7 days"}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit makes visible: parts written before, and the ledger rows that name their generations."""

    requests: tuple[Part, ...]
    chunks: tuple[Part, ...]
    ledger: pa.Table


class Lake:
    """A lake directory. Opening it creates nothing; `create` does.

    Raises:
        LakeError: the directory holds something else, or a lake of another schema version, or is an address.
    """

    def __init__(self, root: Path) -> None:
        if re.match(r"[a-z][a-z0-9+.-]+:/", str(root)):
            raise LakeError(
                str(root),
                "is an address; a lake is a local directory",
                "Name a directory with --lake; where it has to be elsewhere, mount the store or copy the directory after a run",
            )
        self.root = root.absolute()
        mark = self.root / MARK
        if mark.exists():
            if (found := schema_version(self.root)) != SCHEMA_VERSION:
                raise LakeError(
                    str(self.root),
                    f"is a lake of schema version {found}, this program writes version {SCHEMA_VERSION}",
                    f"Rebuild it from its recordings with `llm-usage rebuild --lake {self.root}`",
                )
        elif self.root.exists() and not self.root.is_dir():
            raise LakeError(str(self.root), "is a file and no lake", "Name a directory with --lake")
        elif self.root.is_dir() and any(not _ours(p.name) for p in self.root.iterdir()):
            raise LakeError(
                str(self.root), "is a directory with other things in it and no lake", "Name an empty or a new directory with --lake"
            )

    @property
    def exists(self) -> bool:
        """Whether it was ever written to."""
        return (self.root / MARK).exists()

    def folder(self, table: Table) -> Path:
        """Where a table lies."""
        return self.root / table.name

    def delta(self, table: Table) -> DeltaTable | None:
        """The table at its newest version, or None when it was never written.

        Raises:
            LakeError: its log is torn or cannot be read.
        """
        folder = self.folder(table)
        if not (folder / "_delta_log").is_dir():
            return None
        log.refuse_torn(folder)
        try:
            return DeltaTable(str(folder))
        except TableNotFoundError:
            return None
        except (DeltaError, OSError, ValueError) as error:
            raise LakeError(
                str(folder), f"the table's log cannot be read ({type(error).__name__})", f"Run `llm-usage rebuild --lake {self.root}`"
            ) from error

    def files(self, table: Table) -> list[str]:
        """Paths of the data files of the newest version."""
        found = self.delta(table)
        return [] if found is None else [uri.removeprefix("file://") for uri in found.file_uris()]

    def create(self) -> None:
        """Make the directory and its empty tables, if they are not there yet; set torn log entries aside.

        Raises:
            LakeError: the disk refuses.
        """
        try:
            for table in TABLES:
                folder = self.folder(table)
                folder.mkdir(parents=True, exist_ok=True)
                if log.repair(folder) and table in (REQUESTS, CHUNKS):
                    replace_file(self.root / SUSPECT, b"")
                if self.delta(table) is None:
                    DeltaTable.create(
                        str(folder),
                        logical_schema(table),
                        mode="ignore",
                        name=table.name,
                        description=table.doc,
                        configuration=_CONFIGURATION,
                    )
                    log.sync_log(folder)
            if not (self.root / MARK).exists():
                replace_file(self.root / MARK, orjson.dumps({"schema_version": SCHEMA_VERSION, "tables": [t.name for t in TABLES]}))
        except (OSError, DeltaError) as error:
            raise log.failed(self.root, error) from error

    def commit(self, batch: Batch) -> None:
        """Make a batch visible, all or nothing: facts first, the ledger last; each on disk before the next.

        Raises:
            LakeError: the tables cannot be written.
        """
        self._append(CHUNKS, batch.chunks)
        self._append(REQUESTS, batch.requests)
        self._append(RECORDINGS, (self._part(RECORDINGS, batch.ledger),))

    def note_run(self, row: pa.Table) -> None:
        """Append to ``runs``.

        Raises:
            LakeError: the table cannot be written.
        """
        self._append(RUNS, (self._part(RUNS, row),))

    def _part(self, table: Table, rows: pa.Table) -> Part:
        try:
            return Part.write(self.folder(table), table, [rows])
        except OSError as error:
            raise log.failed(self.folder(table), error) from error

    def _append(self, table: Table, parts: tuple[Part, ...]) -> None:
        if parts:
            log.commit(self.folder(table), [part.action() for part in parts])

    def heartbeat(self, facts: dict[str, object]) -> None:
        """Replace the small file that says when the last run was, whether or not it changed anything.

        Raises:
            LakeError: the disk refuses.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            replace_file(self.root / HEARTBEAT, orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
        except OSError as error:
            raise log.failed(self.root, error) from error


def schema_version(root: Path) -> object:
    """The schema version that a lake says it has; None when its mark says nothing sensible, or is not there.

    Raises:
        LakeError: the disk refuses.
    """
    try:
        return orjson.loads((root / MARK).read_bytes()).get("schema_version")
    except (orjson.JSONDecodeError, AttributeError, FileNotFoundError):
        return None
    except OSError as error:
        raise log.unreadable(root / MARK, error) from error


def _ours(name: str) -> bool:
    return name in {t.name for t in TABLES} or name in {HEARTBEAT, SUSPECT, ".lock"} or name.startswith((f".{MARK}.", f".{HEARTBEAT}."))


@contextmanager
def one_run_at_a_time(lake: Lake, *, wait: bool) -> Iterator[bool]:
    """Hold the lake's advisory lock. Yields False, at once, when another run has it and ``wait`` is not asked for.

    For economy only: two runs at once are still correct.

    Raises:
        LakeError: the lake's directory cannot be written.
    """
    import fcntl

    try:
        lake.root.mkdir(parents=True, exist_ok=True)
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


def swap(new: Path, old: Path) -> None:
    """Put the directory ``new`` where ``old`` is; what was there is removed last."""
    aside = old.with_name(f"{old.name}.old-{os.getpid()}")
    if old.exists():
        old.rename(aside)
    new.rename(old)
    fsync(old.parent)
    shutil.rmtree(aside, ignore_errors=True)
