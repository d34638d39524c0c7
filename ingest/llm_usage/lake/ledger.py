"""Owns the reading of the ledger: which generation of each recording is live, and what is known of a file. Knows no pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from llm_usage.errors import LakeError
from llm_usage.lake import Lake
from llm_usage.lake.parts import logical_schema
from llm_usage.model.schema import Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS

_ORDER = [("recording_id", "ascending"), ("revision", "descending"), ("generation", "descending")]
_ENTRY = ["recording_id", "generation", "revision", "recording_sha256", "size_bytes", "mtime", "parser_version", "outcome", "ingested_at"]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger knows about one recording."""

    generation: str
    revision: int
    sha256: str | None
    size: int | None
    mtime: datetime | None
    parser_version: str
    outcome: str
    ingested_at: datetime


class Ledger:
    """The live row of each recording, held as Arrow columns: about 250 bytes a recording, objects only when asked for."""

    def __init__(self, lake: Lake) -> None:
        self._rows = live_rows(lake, _ENTRY)
        ids = self._rows.column("recording_id").to_pylist()
        self._at = {bytes.fromhex(key): i for i, key in enumerate(ids)}

    def get(self, recording_id: str) -> LedgerEntry | None:
        """What is known about a recording; removed ones included (their outcome says so)."""
        at = self._at.get(bytes.fromhex(recording_id))
        if at is None:
            return None
        return LedgerEntry(*(self._rows.column(name)[at].as_py() for name in _ENTRY[1:]))


class LiveRecording(NamedTuple):
    """Key, place and revision of a recording that is in the lake."""

    recording_id: str
    source: str
    recording_path: str
    revision: int


def live_recordings(lake: Lake) -> Iterator[LiveRecording]:
    """Every recording that is in the lake, sorted by its id.

    Raises:
        LakeError: the ledger cannot be read.
    """
    rows = live_rows(lake, [*LiveRecording._fields, "generation", "outcome"])
    for outcome, *row in zip(*(rows.column(name).to_pylist() for name in ("outcome", *LiveRecording._fields)), strict=True):
        if outcome != "removed":
            yield LiveRecording(*row)


def live_rows(lake: Lake, columns: list[str] | None = None) -> pa.Table:
    """The live rows of the ledger, removed ones included, sorted by recording_id.

    Raises:
        LakeError: the ledger cannot be read.
    """
    schema = logical_schema(RECORDINGS)
    if columns is not None:
        schema = pa.schema([schema.field(name) for name in columns])
    tables = [read_columns(lake, RECORDINGS, path, schema.names).cast(schema) for path in lake.files(RECORDINGS)]
    if not tables:
        return schema.empty_table()
    # Chunked string columns of one table may not outgrow 2 GiB, but chunks of a table may: combine stays off.
    return first_of_each(pa.concat_tables(tables).sort_by(_ORDER))


def first_of_each(table: pa.Table) -> pa.Table:
    """Of a table sorted by recording_id and then newest first: the first row of each recording."""
    if table.num_rows < 2:
        return table
    ids = table.column("recording_id").combine_chunks()
    if isinstance(ids, pa.ChunkedArray):
        ids = pa.concat_arrays(ids.chunks)
    differs = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1))
    return table.filter(pa.concat_arrays([pa.array([True]), differs]))


def read_columns(lake: Lake, table: Table, path: str, columns: list[str]) -> pa.Table:
    """Columns of one data file.

    Raises:
        LakeError: the file is gone or damaged.
    """
    try:
        return pq.read_table(path, columns=columns, partitioning=None).select(columns)
    except (OSError, pa.ArrowException) as error:
        raise LakeError(
            path, f"data file of `{table.name}` cannot be read ({type(error).__name__})", f"Run `llm-usage rebuild --lake {lake.root}`"
        ) from error


def incomplete(lake: Lake) -> set[str]:
    """recording_ids whose live generation has not the rows in ``requests`` and ``chunks`` that the ledger says.

    Raises:
        LakeError: a table cannot be read.
    """
    live = live_rows(lake, ["recording_id", "generation", "outcome", "llm_requests", "chunks", "revision"])
    wrong: set[str] = set()
    for table, name in ((REQUESTS, "llm_requests"), (CHUNKS, "chunks")):
        counted: dict[str, int] = {}
        for path in lake.files(table):
            for entry in read_columns(lake, table, path, ["generation"]).column("generation").value_counts().to_pylist():
                counted[entry["values"]] = counted.get(entry["values"], 0) + entry["counts"]
        for row in live.select(["recording_id", "generation", "outcome", name]).to_pylist():
            if row["outcome"] != "removed" and counted.get(row["generation"], 0) != row[name]:
                wrong.add(row["recording_id"])
    return wrong
