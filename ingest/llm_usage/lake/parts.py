"""Owns one Parquet data file of the lake: written by whoever has the rows, on disk before anybody names it in a log.

delta-rs does not fsync, so files are written here and only *named* by the Delta commit. Must not know what the rows mean.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from llm_usage.durable import fsync
from llm_usage.errors import LakeError
from llm_usage.model.schema import Table

#: Small enough to skip by, large enough to read fast (design: at least 32k).
ROW_GROUP = 131_072
_NAMED = re.compile(r"-([0-9a-f]{32})\.zstd\.parquet\Z")


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
    """Writes one data file piece by piece, so that a stream of any length needs the memory of one piece.

    The finished file has a digest of itself in its name: bits that flip later are found, whoever reads it.
    """

    def __init__(self, folder: Path, table: Table, *, schema: pa.Schema | None = None) -> None:
        self._path = folder / f"part-{uuid.uuid4().hex}.unfinished.parquet"
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
        fsync(self._path)
        named = self._path.with_name(self._path.name.replace(".unfinished", f"-{_digest(self._path)}.zstd"))
        self._path.rename(named)
        fsync(named.parent)
        return Part(named.name, named.stat().st_size, self._rows)

    def abandon(self) -> None:
        """Give the file up."""
        self._writer.close()
        self._path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def digest_of(path: Path) -> bool | None:
    """Whether a data file is what it was when it was written; None for one from before digests were in the names.

    Raises:
        OSError: it cannot be read.
    """
    said = _NAMED.search(path.name)
    return _digest(path) == said[1] if said else None


class DataFile(NamedTuple):
    """A file that a table's newest version names."""

    path: Path
    size: int
    rows: int | None

    def fault(self) -> str | None:
        """What is wrong with it at a glance: it is gone, or not as long as it was written, or does not begin and end as Parquet."""
        try:
            with self.path.open("rb") as stream:
                begins = stream.read(4)
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - 4))
                ends = stream.read(4)
        except FileNotFoundError:
            return "is gone"
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        if size != self.size:
            return f"has {size:,} bytes, {self.size:,} were written"
        return None if begins == ends == b"PAR1" else "is no Parquet file"


def data_files(folder: Path, delta: DeltaTable, *, check: bool = True) -> list[DataFile]:
    """The files of a version; with ``check`` each has no `DataFile.fault`.

    Raises:
        LakeError: one is not.
    """
    actions = pa.table(delta.get_add_actions(flatten=True))
    rows = actions.column("num_records").to_pylist() if "num_records" in actions.column_names else [None] * actions.num_rows
    found = [
        DataFile(folder / unquote(name), size, count)
        for name, size, count in zip(actions.column("path").to_pylist(), actions.column("size_bytes").to_pylist(), rows, strict=True)
    ]
    for file in found if check else ():
        fault = file.fault()
        if fault is not None:
            raise LakeError(
                str(file.path),
                f"data file of `{folder.name}` {fault}",
                f"Run `llm-usage rebuild --lake {folder.parent}`: it reads the recordings again",
            )
    return found
