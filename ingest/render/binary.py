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
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)


BINARY_WRITERS: dict[str, Callable[[pa.Table, BinaryIO], None]] = {"parquet": to_parquet, "arrow": to_arrow}
