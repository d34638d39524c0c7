"""Owns one Parquet data file of the lake: written by whoever has the rows, on disk before anybody names it in a log.

delta-rs does not fsync, so files are written here and only *named* by the Delta commit. Must not know what the rows mean.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from llm_usage.durable import fsync
from llm_usage.model.schema import Table

#: Small enough to skip by, large enough to read fast (design: at least 32k).
ROW_GROUP = 131_072


def logical_schema(table: Table) -> pa.Schema:
    """The table's Arrow schema as Delta keeps it: dictionaries are plain strings there."""
    fields = []
    for field in table.arrow():
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        fields.append(pa.field(field.name, kind, field.nullable, field.metadata))
    return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class Part:
    """One data file, complete and on disk."""

    name: str
    """Relative to the table's folder."""
    size: int
    rows: int

    @classmethod
    def write(cls, folder: Path, table: Table, batches: Iterable[pa.Table]) -> Part:
        """Write tables of one schema into a new file of ``folder`` and fsync it."""
        writer = PartWriter(folder, table)
        for batch in batches:
            writer.add(batch)
        return writer.close()

    def action(self) -> AddAction:
        """The log entry that names the file."""
        return AddAction(
            path=self.name,
            size=self.size,
            partition_values={},
            modification_time=int(time.time() * 1000),
            data_change=True,
            stats=orjson.dumps({"numRecords": self.rows}).decode(),
        )


class PartWriter:
    """Writes one data file piece by piece, so that a stream of any length needs the memory of one piece."""

    def __init__(self, folder: Path, table: Table, *, schema: pa.Schema | None = None) -> None:
        self._path = folder / f"part-{uuid.uuid4().hex}.zstd.parquet"
        # Without the Arrow schema in the file's metadata every reader sees plain strings, as the Delta schema says.
        self._writer = pq.ParquetWriter(
            self._path, schema if schema is not None else table.arrow(), compression="zstd", store_schema=False, write_statistics=True
        )
        self._rows = 0

    def add(self, batch: pa.Table) -> None:
        """Append rows."""
        self._writer.write_table(batch, row_group_size=ROW_GROUP)
        self._rows += batch.num_rows

    def close(self) -> Part:
        """Finish the file and put it on disk."""
        self._writer.close()
        fsync(self._path, self._path.parent)
        return Part(self._path.name, self._path.stat().st_size, self._rows)

    def abandon(self) -> None:
        """Give the file up."""
        self._writer.close()
        self._path.unlink(missing_ok=True)
