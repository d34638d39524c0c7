"""Owns the upkeep of a lake: small files into large ones, dead generations and superseded ledger rows out, old files removed.

Readers are not disturbed: files that a rewrite replaced stay for seven days, so a connection opened before it still answers.
A rewrite is committed only if nobody else committed in between; otherwise it looks again (optimistic concurrency).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from llm_usage.errors import LakeError
from llm_usage.lake import Lake, log
from llm_usage.lake.ledger import live_rows, read_columns
from llm_usage.lake.parts import Part, PartWriter, data_files, digest_of, logical_schema
from llm_usage.model.schema import Table
from llm_usage.model.tables import RECORDINGS, RUNS, TABLES

#: Files smaller than this are worth merging.
SMALL = 32 * 1024 * 1024
#: Rows of a merged file: about 100 MB of chunks.
LARGE_ROWS = 4_000_000
DEAD_AFTER = timedelta(days=1)
VACUUM_AFTER = timedelta(days=7)
_TRIES = 20


@dataclass(slots=True)
class Upkeep:
    """What was done, by table."""

    merged: dict[str, int] = field(default_factory=dict)
    """Files replaced."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Rows of dead generations or superseded ledger rows."""
    vacuumed: dict[str, int] = field(default_factory=dict)
    """Files removed from disk."""


def optimize(lake: Lake, *, dead_after: timedelta = DEAD_AFTER, vacuum_after: timedelta = VACUUM_AFTER) -> Upkeep:
    """Merge small files, drop what is dead for longer than ``dead_after``, remove files that nothing has named for ``vacuum_after``.

    Raises:
        LakeError: a table cannot be read or written.
    """
    done = Upkeep()
    if not lake.exists:
        return done
    lake.create()
    with lake.rights():
        for table in TABLES:
            for _ in range(_TRIES):
                if _rewrite(lake, table, dead_after, done):
                    break
            _clean(lake, table, vacuum_after, done)
    return done


def _rewrite(lake: Lake, table: Table, dead_after: timedelta, done: Upkeep) -> bool:
    """One attempt; False when another writer was first."""
    delta = lake.delta(table)
    if delta is None:
        return True
    files = {file.path for file in data_files(lake.folder(table), delta)}
    dead = _dead(lake, table, files, dead_after)
    chosen = sorted(path for path in files if path in dead or path.stat().st_size < SMALL)
    if len(chosen) < 2 and not dead:
        return True
    sizes = {path: path.stat().st_size for path in chosen}
    written, dropped = _write(lake, table, chosen, dead)
    now = int(time.time() * 1000)
    removes = [
        RemoveAction(path.name, data_change=bool(dead), deletion_timestamp=now, size=sizes[path], partition_values={}) for path in chosen
    ]
    actions: list[AddAction | RemoveAction] = [*(part.action() for part in written), *removes]
    version = log.commit(lake.folder(table), actions, on_top_of=delta.version())
    if version is None:
        for part in written:
            (lake.folder(table) / part.name).unlink(missing_ok=True)
        return False
    lake.note_version(table, version)
    done.merged[table.name] = done.merged.get(table.name, 0) + len(chosen)
    done.dropped[table.name] = done.dropped.get(table.name, 0) + dropped
    return True


def _dead(lake: Lake, table: Table, files: set[Path], dead_after: timedelta) -> dict[Path, pa.Array]:
    """Generations to drop, by file. A generation begins with its time in ns, so a writer at work is left alone."""
    if table is RUNS:
        return {}
    before = f"{time.time_ns() - int(dead_after.total_seconds() * 1e9):016x}"
    live = live_rows(lake, ["recording_id", "revision", "generation", "outcome"])
    if table is RECORDINGS:
        keep = live.filter(pc.or_(pc.not_equal(live["outcome"], "removed"), pc.greater_equal(live["generation"], before)))
    else:
        keep = live.filter(pc.not_equal(live["outcome"], "removed"))
    alive = keep.column("generation").combine_chunks()
    found: dict[Path, pa.Array] = {}
    for path in files:
        here = pc.unique(read_columns(lake, table, str(path), ["generation"]).column("generation"))
        out = here.filter(pc.and_(pc.invert(pc.is_in(here, alive)), pc.less(here, before)))
        if len(out):
            found[path] = out
    return found


def _write(lake: Lake, table: Table, chosen: list[Path], dead: dict[Path, pa.Array]) -> tuple[list[Part], int]:
    """The chosen files' rows, dead ones left out, as few new files; and how many rows were left out."""
    parts: list[Part] = []
    dropped = 0
    writer: PartWriter | None = None
    rows = 0
    try:
        for piece in _pieces(lake, table, chosen):
            path, batch = piece
            kept = batch.filter(pc.invert(pc.is_in(batch.column("generation"), dead[path]))) if path in dead else batch
            dropped += batch.num_rows - kept.num_rows
            if not kept.num_rows:
                continue
            writer = writer or PartWriter(lake.folder(table), table, schema=logical_schema(table))
            writer.add(kept)
            rows += kept.num_rows
            if rows >= LARGE_ROWS:
                parts.append(writer.close())
                writer, rows = None, 0
        if writer is not None:
            parts.append(writer.close())
    except OSError as error:
        raise log.failed(lake.folder(table), error) from error
    return parts, dropped


def _pieces(lake: Lake, table: Table, chosen: list[Path]) -> Iterator[tuple[Path, pa.Table]]:
    schema = logical_schema(table)
    for path in chosen:
        if digest_of(path) is False:
            raise LakeError(
                str(path), f"data file of `{table.name}` is not as it was written", f"Run `llm-usage rebuild --lake {lake.root}`"
            )
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=131_072):
                    yield path, pa.Table.from_batches([batch]).select(schema.names).cast(schema)
        except pa.ArrowException as error:
            raise LakeError(
                str(path),
                f"data file of `{table.name}` cannot be read ({type(error).__name__})",
                f"Run `llm-usage rebuild --lake {lake.root}`",
            ) from error


def _clean(lake: Lake, table: Table, vacuum_after: timedelta, done: Upkeep) -> None:
    """Files that no version within ``vacuum_after`` names, orphans of killed writers among them; then a checkpoint."""
    folder = lake.folder(table)
    hours = int(vacuum_after.total_seconds() // 3600)
    try:
        delta = DeltaTable(str(folder))
        gone = delta.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=True)
        done.vacuumed[table.name] = len(gone)
        for entry in (folder / "_delta_log").glob("*.torn-*"):
            if entry.stat().st_mtime < time.time() - vacuum_after.total_seconds():
                entry.unlink(missing_ok=True)
        delta = DeltaTable(str(folder))
        delta.create_checkpoint()
        delta.cleanup_metadata()
    except (DeltaError, OSError) as error:
        raise log.failed(folder, error) from error
    log.sync_log(folder)
    lake.note_version(table, delta.version())
