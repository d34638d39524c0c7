"""Owns the lake: four Delta tables under one root, one visible state. The only room that knows deltalake.

``requests`` and ``chunks`` are append-only; every ingest of a recording writes its rows under a fresh *generation*, then
one append to ``recordings``, the ledger, makes that generation the live one. That append is the only moment anything
becomes visible: a writer killed before it leaves orphans that nobody sees. The live row of a recording is the one with the
highest ``revision`` (ties: the greater generation), so blind appends of two writers still leave one live generation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from ingest.errors import LakeError
from ingest.lake.parts import Part, logical_schema, sync
from ingest.schema import SCHEMA_VERSION, Table
from ingest.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS, TABLES

_MARK = "lake.json"
HEARTBEAT = "heartbeat.json"
_CONFIGURATION = {"delta.logRetentionDuration": "interval 30 days", "delta.deletedFileRetentionDuration": "interval 7 days"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows about one recording."""

    generation: str
    revision: int
    sha256: str | None
    size: int | None
    mtime: datetime | None
    parser_version: str
    outcome: str
    ingested_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit makes visible: parts written before, and the ledger rows that name their generations."""

    requests: tuple[Part, ...]
    chunks: tuple[Part, ...]
    ledger: pa.Table


class Lake:
    """A lake directory. Opening it creates nothing; the first commit does.

    Raises:
        LakeError: the directory holds something else, or a lake of another schema version.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        mark = self.root / _MARK
        if mark.exists():
            try:
                found = orjson.loads(mark.read_bytes()).get("schema_version")
            except (orjson.JSONDecodeError, AttributeError):
                found = None
            if found != SCHEMA_VERSION:
                raise LakeError(
                    str(self.root),
                    f"is a lake of schema version {found}, this program writes version {SCHEMA_VERSION}",
                    f"Rebuild it from its recordings with `llm-usage rebuild --lake {self.root}`",
                )
        elif self.root.exists() and not self.root.is_dir():
            raise LakeError(str(self.root), "is a file and no lake", "Name a directory with --lake")
        elif self.root.is_dir() and any(p for p in self.root.iterdir() if p.name not in {t.name for t in TABLES}):
            raise LakeError(
                str(self.root), "is a directory with other things in it and no lake", "Name an empty or a new directory with --lake"
            )

    @property
    def exists(self) -> bool:
        """Whether anything was ever committed."""
        return (self.root / _MARK).exists()

    def folder(self, table: Table) -> Path:
        """Where a table lies."""
        return self.root / table.name

    def delta(self, table: Table) -> DeltaTable | None:
        """The table at its newest version, or None when it was never written.

        Raises:
            LakeError: its log cannot be read.
        """
        folder = self.folder(table)
        if not (folder / "_delta_log").is_dir():
            return None
        try:
            return DeltaTable(str(folder))
        except TableNotFoundError:
            return None
        except (DeltaError, OSError, ValueError) as error:
            raise LakeError(
                str(folder), f"the table's log cannot be read ({type(error).__name__})", f"Rebuild it: llm-usage rebuild --lake {self.root}"
            ) from error

    def files(self, table: Table) -> list[str]:
        """Paths of the data files of the newest version."""
        found = self.delta(table)
        return [] if found is None else [uri.removeprefix("file://") for uri in found.file_uris()]

    def create(self) -> None:
        """Make the directory and its empty tables, if they are not there yet."""
        for table in TABLES:
            folder = self.folder(table)
            folder.mkdir(parents=True, exist_ok=True)
            if self.delta(table) is None:
                DeltaTable.create(
                    str(folder), logical_schema(table), mode="ignore", name=table.name, description=table.doc, configuration=_CONFIGURATION
                )
                sync(folder)
        mark = self.root / _MARK
        if not mark.exists():
            replace_file(mark, orjson.dumps({"schema_version": SCHEMA_VERSION, "tables": [t.name for t in TABLES]}))

    def commit(self, batch: Batch) -> None:
        """Make a batch visible, all or nothing: facts first, the ledger last; each on disk before the next.

        Raises:
            LakeError: the tables cannot be written.
        """
        self._append(CHUNKS, batch.chunks)
        self._append(REQUESTS, batch.requests)
        self._append(RECORDINGS, (Part.write(self.folder(RECORDINGS), RECORDINGS, [batch.ledger]),))

    def note_run(self, row: pa.Table) -> None:
        """Append to ``runs``."""
        self._append(RUNS, (Part.write(self.folder(RUNS), RUNS, [row]),))

    def _append(self, table: Table, parts: tuple[Part, ...]) -> None:
        if not parts:
            return
        found = self.delta(table)
        if found is None:
            raise LakeError(str(self.folder(table)), "the table has gone", f"Rebuild it: llm-usage rebuild --lake {self.root}")
        try:
            found.create_write_transaction(
                [part.action() for part in parts], "append", found.schema(), commit_properties=CommitProperties(max_commit_retries=100)
            )
        except (DeltaError, OSError) as error:
            raise LakeError(
                str(self.folder(table)),
                f"the commit failed ({type(error).__name__}: {str(error)[:200]})",
                "Run it again: nothing was lost, nothing half-written shows",
            ) from error
        sync(self.folder(table) / "_delta_log")

    def ledger(self) -> dict[str, Known]:
        """What is known about each recording, by recording_id; removed ones included (their outcome says so)."""
        names = [
            "recording_id",
            "generation",
            "revision",
            "recording_sha256",
            "size_bytes",
            "mtime",
            "parser_version",
            "outcome",
            "ingested_at",
        ]
        known: dict[str, Known] = {}
        for path in self.files(RECORDINGS):
            table = pq.read_table(path, columns=names, partitioning=None)
            columns = [table.column(name).to_pylist() for name in names]
            for key, *values in zip(*columns, strict=True):
                row = Known(*values)
                old = known.get(key)
                if old is None or (row.revision, row.generation) > (old.revision, old.generation):
                    known[key] = row
        return known

    def live_rows(self, wanted: pa.Array | None = None) -> pa.Table:
        """The live rows of the ledger, whole; of the given recording_ids only, where given."""
        files = self.files(RECORDINGS)
        schema = logical_schema(RECORDINGS)
        if not files:
            return schema.empty_table()
        table = pa.concat_tables([pq.read_table(f, partitioning=None).select(schema.names).cast(schema) for f in files])
        if wanted is not None:
            table = table.filter(pc.is_in(table["recording_id"], wanted))
        table = table.sort_by([("recording_id", "ascending"), ("revision", "descending"), ("generation", "descending")])
        ids = table.column("recording_id").to_pylist()
        first = [i for i, key in enumerate(ids) if i == 0 or ids[i - 1] != key]
        return table.take(pa.array(first, pa.int64()))

    def heartbeat(self, facts: dict[str, object]) -> None:
        """Replace the small file that says when the last run was, whether or not it changed anything."""
        self.root.mkdir(parents=True, exist_ok=True)
        replace_file(self.root / HEARTBEAT, orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, and a crash leaves one of them."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync(path.parent)


@contextmanager
def one_run_at_a_time(lake: Lake, *, wait: bool) -> Iterator[bool]:
    """Hold the lake's advisory lock. Yields False, at once, when another run has it and ``wait`` is not asked for.

    For economy only: two runs at once are still correct.
    """
    import fcntl

    lake.root.mkdir(parents=True, exist_ok=True)
    with (lake.root / ".lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
