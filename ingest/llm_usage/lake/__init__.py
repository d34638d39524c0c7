"""Owns the lake: four Delta tables under one root, one visible state. The only room that knows deltalake.

``requests`` and ``chunks`` are append-only; every ingest of a recording writes its rows under a fresh *generation*, then
one append to ``recordings``, the ledger, makes that generation the live one. That append is the only moment anything
becomes visible: a writer killed before it leaves orphans that nobody sees. The live row of a recording is the one with the
highest ``revision`` (ties: the greater generation), so blind appends of two writers still leave one live generation.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from llm_usage.durable import replace_file
from llm_usage.errors import LakeError
from llm_usage.lake import log
from llm_usage.lake.mark import HEARTBEAT, MARK, PRIVATE, REBUILDING, SUSPECT, is_ours, refuse_half, schema_version, sign, tables_of
from llm_usage.lake.parts import Part, data_files, logical_schema
from llm_usage.lake.seal import write_sealed
from llm_usage.lake.versions import missing_entries, note, reached
from llm_usage.model.schema import SCHEMA_VERSION, Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS, TABLES

_CONFIGURATION = {"delta.logRetentionDuration": "interval 30 days", "delta.deletedFileRetentionDuration": "interval 7 days"}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit makes visible: parts written before, and the ledger rows that name their generations."""

    requests: tuple[Part, ...]
    chunks: tuple[Part, ...]
    ledger: pa.Table


class Lake:
    """A lake directory. Opening it creates nothing; `create` does.

    Args:
        root: its directory.
        mode: rights of a directory that has to be made, and so of the files in it; an existing one keeps its own.
        any_version: open it whatever schema version it has and whatever is damaged in it: to read it anew.

    Raises:
        LakeError: the directory holds something else, or a lake of another schema version, or one that is damaged, or is an address.
    """

    def __init__(self, root: Path, *, mode: int = PRIVATE, any_version: bool = False) -> None:
        if re.match(r"[a-z][a-z0-9+.-]+:/", str(root)):
            raise LakeError(
                str(root),
                "is an address; a lake is a local directory",
                "Name a directory with --lake; where it has to be elsewhere, mount the store or copy the directory after a run",
            )
        self.root = root.absolute()
        self._mode = mode
        self._any_version = any_version
        if not any_version:
            refuse_half(self.root)
        if (self.root / MARK).exists():
            if not any_version:
                self._check_version()
        elif self.root.exists() and not self.root.is_dir():
            raise LakeError(str(self.root), "is a file and no lake", "Name a directory with --lake")
        elif self.root.is_dir() and any(not is_ours(p.name) for p in self.root.iterdir()):
            raise LakeError(
                str(self.root), "is a directory with other things in it and no lake", "Name an empty or a new directory with --lake"
            )
        elif not any_version and any(len(log.entries(self.folder(table))) > 1 for table in TABLES):
            if not (self.root / MARK).exists():  # another process may have made the lake between the two looks
                raise LakeError(str(self.root), f"its {MARK} is gone, its tables are not", self._rebuild)

    def _check_version(self) -> None:
        found = schema_version(self.root)
        if found != SCHEMA_VERSION:
            raise LakeError(
                str(self.root), f"is a lake of schema version {found}, this program writes version {SCHEMA_VERSION}", self._rebuild
            )

    @property
    def _rebuild(self) -> str:
        return f"Rebuild it from its recordings with `llm-usage rebuild --lake {self.root}`"

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
            LakeError: the table is gone, or its log is torn, shorter than it was, or cannot be read.
        """
        folder = self.folder(table)
        at_least = reached(self.root).get(table.name, 0)
        try:
            log.refuse_torn(folder)
            found = DeltaTable(str(folder)) if (folder / "_delta_log").is_dir() else None
        except TableNotFoundError:
            found = None
        except (DeltaError, OSError, ValueError) as error:
            raise LakeError(
                str(folder), f"the table's log cannot be read ({type(error).__name__})", f"Run `llm-usage rebuild --lake {self.root}`"
            ) from error
        if found is None:
            if self.exists and not self._any_version and table.name in tables_of(self.root):
                raise LakeError(str(folder), "the table is gone", self._rebuild)
            return None
        if found.version() < at_least:
            raise missing_entries(self.root, table.name, found.version(), at_least)
        return found

    def files(self, table: Table) -> list[str]:
        """Paths of the data files of the newest version, each there and as long as it was written.

        Raises:
            LakeError: the table, or one of its files, is gone or damaged.
        """
        found = self.delta(table)
        return [] if found is None else [str(file.path) for file in data_files(self.folder(table), found)]

    def create(self) -> None:
        """Make the directory and its empty tables, if they are not there yet; set torn log entries aside.

        A table that a lake has had and has no more is not made anew here: that would lose it for good without a word.

        Raises:
            LakeError: the disk refuses, or a table is gone.
        """
        try:
            self.make_root()
            with self.rights():
                self.create_tables()
                if not (self.root / REBUILDING).exists() and set(tables_of(self.root)) != {table.name for table in TABLES}:
                    sign(self.root)
        except (OSError, DeltaError) as error:
            raise log.failed(self.root, error) from error

    def create_tables(self) -> None:
        """Make the tables that are not there, set torn entries aside; the lake is not signed by it."""
        for table in TABLES:
            self._create_table(table)

    def make_root(self) -> None:
        """Make the directory where it is not there yet.

        Raises:
            OSError: the disk refuses.
        """
        if not self.root.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(self._mode)

    def _create_table(self, table: Table) -> None:
        folder = self.folder(table)
        if log.repair(folder):
            if table in (REQUESTS, CHUNKS):
                replace_file(self.root / SUSPECT, b"")
            note(self.root, {table.name: DeltaTable(str(folder)).version()}, lower=True)
        if self.delta(table) is None:
            folder.mkdir(parents=True, exist_ok=True)
            DeltaTable.create(
                str(folder),
                logical_schema(table),
                mode="ignore",
                name=table.name,
                description=table.doc,
                configuration=_CONFIGURATION,
            )
            log.sync_log(folder)

    @contextmanager
    def rights(self) -> Iterator[None]:
        """Files made inside have the rights of the lake's directory: delta-rs and worker processes go by the umask."""
        mode = (self.root.stat().st_mode if self.root.exists() else self._mode) & 0o777
        before = os.umask(0o777 & ~mode)
        try:
            yield
        finally:
            os.umask(before)

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
            version = log.commit(self.folder(table), [part.action() for part in parts])
            self.note_version(table, version)

    def note_version(self, table: Table, version: int | None) -> None:
        """Write down how far a table has got.

        Raises:
            LakeError: the disk refuses.
        """
        if version is not None:
            try:
                note(self.root, {table.name: version})
            except OSError as error:
                raise log.failed(self.root, error) from error

    def heartbeat(self, facts: dict[str, object]) -> None:
        """Replace the small file that says when the last run was, whether or not it changed anything.

        Raises:
            LakeError: the disk refuses.
        """
        try:
            self.make_root()
            write_sealed(self.root / HEARTBEAT, facts)
        except OSError as error:
            raise log.failed(self.root, error) from error
