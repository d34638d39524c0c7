"""Owns the deep look at a lake: every byte of it against what was written; must not know how a fault is mended.

Opening a lake looks at names and lengths only. This reads everything: digests of data files, counts of log entries, seals.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from llm_usage.errors import LakeError
from llm_usage.lake import Lake, log
from llm_usage.lake.mark import HEARTBEAT, MARK
from llm_usage.lake.parts import DataFile, data_files, digest_of
from llm_usage.lake.seal import read_sealed
from llm_usage.lake.versions import VERSIONS
from llm_usage.model.schema import Table
from llm_usage.model.tables import TABLES


class Fault(NamedTuple):
    """One thing of a lake that is not as it was written."""

    place: str
    thing: str
    table: Table | None = None
    file: DataFile | None = None
    """The data file, where it is one and the table can still do without it."""


def faults(lake: Lake) -> Iterator[Fault]:
    """Everything that is not as it was written.

    Raises:
        LakeError: the disk refuses.
    """
    for name in (MARK, VERSIONS, HEARTBEAT):
        try:
            if read_sealed(lake.root / name, "") is None:
                yield Fault(str(lake.root / name), "is gone")
        except LakeError as error:
            yield Fault(error.place, error.thing)
        except OSError as error:
            raise log.unreadable(lake.root / name, error) from error
    for table in TABLES:
        yield from table_faults(lake, table)


def table_faults(lake: Lake, table: Table) -> Iterator[Fault]:
    """Everything in one table that is not as it was written; a fault without a file makes the whole table unreadable."""
    folder = lake.folder(table)
    for entry in log.entries(folder):
        if not log.whole(entry):
            yield Fault(str(entry), "does not hold the actions that it says", table)
            return
    try:
        delta = lake.delta(table)
    except LakeError as error:
        yield Fault(error.place, error.thing, table)
        return
    if delta is None:
        yield Fault(str(folder), "the table is gone", table)
        return
    for file in data_files(folder, delta, check=False):
        thing = file.fault() or _deep(file)
        if thing is not None:
            yield Fault(str(file.path), thing, table, file)


def _deep(file: DataFile) -> str | None:
    try:
        if digest_of(file.path) is False:
            return "is not as it was written: its digest differs"
        rows = pq.read_metadata(file.path).num_rows
    except (OSError, pa.ArrowException) as error:
        return f"cannot be read ({type(error).__name__})"
    return f"has {rows:,} rows, {file.rows:,} were written" if file.rows is not None and rows != file.rows else None


def first_damage(root: Path) -> LakeError | None:
    """The first fault of a lake, as an error: for when DuckDB stumbles over one."""
    try:
        lake = Lake(root)
        found = next((fault for fault in faults(lake) if fault.table is not None), None)
    except LakeError as error:
        return error
    if found is None:
        return None
    return LakeError(found.place, found.thing, f"Run `llm-usage rebuild --lake {root}`: it reads the recordings again")
