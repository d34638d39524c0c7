"""Owns the formats for other programs: Parquet and Arrow IPC; must not know what a table means.

Both hold the types as they are, so decimals stay decimals. The same table gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


def to_parquet(table: pa.Table, out: BinaryIO) -> None:
    """One Parquet file, zstd inside."""
    pq.write_table(table, out, compression="zstd")


def to_arrow(table: pa.Table, out: BinaryIO) -> None:
    """One Arrow IPC file (Feather version 2), not compressed so that it can be mapped into memory."""
    clean = _without_leftovers(table)
    with pa.ipc.new_file(out, clean.schema) as writer:
        writer.write_table(clean)


def _without_leftovers(table: pa.Table) -> pa.Table:
    """The same rows in buffers of their own: DuckDB leaves whatever was in memory under a NULL, and IPC would write that out."""
    return table.take(pa.array(range(table.num_rows), pa.int64())).combine_chunks()


BINARY_WRITERS: dict[str, Callable[[pa.Table, BinaryIO], None]] = {"parquet": to_parquet, "arrow": to_arrow}
