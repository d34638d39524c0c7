"""Owns making a lake fit to be read anew where it lies: damaged parts out, new columns in; must not know how recordings are read.

Nothing is renamed and nothing copied, so that the same works on an object store. While a lake is not whole, ``rebuilding.json``
says so and names every recording that has to be in it again; killed at any moment, the next rebuild goes on from there.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import DeltaError
from deltalake.transaction import RemoveAction

from llm_usage.errors import LakeError
from llm_usage.lake import Lake, log
from llm_usage.lake.mark import REBUILDING, schema_version, sign
from llm_usage.lake.parts import DataFile, data_files, logical_schema
from llm_usage.lake.seal import read_sealed, write_sealed
from llm_usage.lake.verify import Fault, table_faults
from llm_usage.lake.versions import note
from llm_usage.model.schema import SCHEMA_VERSION, Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, TABLES

_NEEDED = ("source", "recording_path", "outcome", "recording_id", "revision", "generation")

Named = set[tuple[str, str]]


def named_recordings(lake: Lake) -> Named:
    """(source, path) of every recording that the lake is known to have, however old or damaged it is."""
    planned = read_sealed(lake.root / REBUILDING, f"Delete it and run `llm-usage rebuild --lake {lake.root}` again") or {}
    named: Named = {(source, path) for source, path in planned.get("recordings", ())}
    newest: dict[str, tuple[Any, ...]] = {}
    for row in _readable(lake, RECORDINGS):
        key = row.get("recording_id") or f"{row['source']}\0{row['recording_path']}"
        rank = (row.get("revision") or 0, row.get("generation") or "", row["source"], row["recording_path"], row["outcome"])
        newest[key] = max(newest.get(key, rank), rank)
    named |= {(source, path) for _, _, source, path, outcome in newest.values() if outcome != "removed"}
    if any(table_faults(lake, RECORDINGS)):
        # The ledger has holes: what has rows was there. Recordings that were taken out may come back; none is lost.
        gone = {(source, path) for _, _, source, path, outcome in newest.values() if outcome == "removed"}
        named |= {(row["source"], row["recording_path"]) for row in _readable(lake, REQUESTS)} - gone
    return named


def _readable(lake: Lake, table: Table) -> Iterator[dict[str, Any]]:
    folder = lake.folder(table)
    try:
        files = [file.path for file in data_files(folder, DeltaTable(str(folder)), check=False)]
    except (DeltaError, LakeError, OSError, ValueError):
        files = sorted(folder.glob("part-*.parquet"))  # the log is unreadable: every data file that is there
    for file in files:
        try:
            columns = [name for name in _NEEDED if name in pq.read_schema(file).names]
            rows = pq.read_table(file, columns=columns, partitioning=None).to_pylist()
        except (OSError, pa.ArrowException):
            continue
        yield from rows


def needs_mending(lake: Lake) -> list[Fault]:
    """What has to go, or to come, before recordings can be read into the lake again; nothing in a sound lake of this version."""
    found = [fault for table in TABLES for fault in table_faults(lake, table)]
    if _version(lake) != SCHEMA_VERSION or (lake.root / REBUILDING).exists():
        found.append(Fault(str(lake.root), "is of another schema version, or half rebuilt"))
    return found


def _version(lake: Lake) -> object:
    try:
        return schema_version(lake.root)
    except LakeError:
        return None  # a damaged mark says nothing


def begin(lake: Lake, named: Named, found: list[Fault]) -> None:
    """Take what is damaged out and give every table its present columns. From here to `finish` the lake is not whole.

    Raises:
        LakeError: the disk refuses.
    """
    try:
        lake.make_root()
        write_sealed(lake.root / REBUILDING, {"recordings": sorted(named)})
        for name in ("versions.json", "heartbeat.json"):
            with suppress(FileNotFoundError):
                (lake.root / name).unlink()
        whole = {fault.table.name for fault in found if fault.table is not None and fault.file is None}
        for table in TABLES:
            if table.name in whole:
                shutil.rmtree(lake.folder(table), ignore_errors=True)
            lost = [fault.file for fault in found if fault.table is table and fault.file is not None]
            if lost and table.name not in whole:
                _drop(lake, table, lost)
        lake.create_tables()
        for table in TABLES:
            _add_columns(lake, table)
    except (OSError, DeltaError) as error:
        raise log.failed(lake.root, error) from error


def _drop(lake: Lake, table: Table, files: list[DataFile]) -> None:
    now = int(time.time() * 1000)
    folder = lake.folder(table)
    here = {file.path for file in data_files(folder, DeltaTable(str(folder)), check=False)}
    removes = [
        RemoveAction(file.path.name, data_change=True, deletion_timestamp=now, size=file.size, partition_values={})
        for file in files
        if file.path in here
    ]
    if removes:
        log.commit(folder, removes)


def _add_columns(lake: Lake, table: Table) -> None:
    delta = DeltaTable(str(lake.folder(table)))
    have = {field.name for field in delta.schema().fields}
    new = [field for field in DeltaSchema.from_arrow(logical_schema(table)).fields if field.name not in have]
    if new:
        delta.alter.add_columns(new)
        log.sync_log(lake.folder(table))


def files_now(lake: Lake) -> dict[str, list[DataFile]]:
    """The data files of the three tables that a rebuild writes again."""
    found: dict[str, list[DataFile]] = {}
    for table in (RECORDINGS, REQUESTS, CHUNKS):
        folder = lake.folder(table)
        try:
            found[table.name] = data_files(folder, DeltaTable(str(folder)), check=False)
        except (DeltaError, OSError, ValueError):
            found[table.name] = []  # a table that cannot be opened goes whole
    return found


def finish(lake: Lake, before: dict[str, list[DataFile]]) -> None:
    """Everything has been read again: the rows from before go, the lake is signed and whole.

    Raises:
        LakeError: the disk refuses.
    """
    for table in (RECORDINGS, REQUESTS, CHUNKS):
        if before[table.name]:
            _drop(lake, table, before[table.name])
    try:
        note(lake.root, {table.name: DeltaTable(str(lake.folder(table))).version() for table in TABLES}, lower=True)
        sign(lake.root)
        (lake.root / REBUILDING).unlink(missing_ok=True)
    except OSError as error:
        raise log.failed(lake.root, error) from error


def leftovers(root: Path) -> list[Path]:
    """What an interrupted rebuild of version 0.1 left beside a lake: a half-made copy, or the lake under another name."""
    beside = [*root.parent.glob(f".{root.name}.new-*"), *root.parent.glob(f"{root.name}.old-*")] if root.parent.is_dir() else []
    return sorted(path for path in beside if path.is_dir())
