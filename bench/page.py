"""Owns the measurement of ``llm-usage report --html`` on a lake of a million synthetic requests: seconds, CPU seconds, bytes.

Measured as a user would see it: a process of its own, from its start to the written file. The ratio is to a plain scan of the
columns that money needs, on the same files in the same run: it can be compared between machines.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench import synthetic
from bench.sql_marts import SCAN, Taken, best
from llm_usage.lake import Batch, Lake
from llm_usage.lake.parts import Part, PartWriter, logical_schema
from llm_usage.model.schema import Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS

MOST_SECONDS = 10
MOST_BYTES = 2_000_000
ROWS_AT_ONCE = 131_072


def build(folder: Path, parquet: Path) -> None:
    """A lake in ``folder`` of the tables that `synthetic.write` left in ``parquet``."""
    lake = Lake(folder)
    lake.create()
    recordings = pq.read_table(parquet / "recordings.parquet").cast(RECORDINGS.arrow())
    lake.commit(Batch(_part(lake, REQUESTS, parquet), _part(lake, CHUNKS, parquet), recordings))


def _part(lake: Lake, table: Table, parquet: Path) -> tuple[Part, ...]:
    schema = logical_schema(table)
    writer = PartWriter(lake.folder(table), table, schema=schema)
    for batch in pq.ParquetFile(parquet / f"{table.name}.parquet").iter_batches(ROWS_AT_ONCE):
        writer.add(pa.Table.from_batches([batch]).cast(schema))
    part = writer.close()
    return (part,) if part else ()


def run(lake: Path, page: Path) -> Taken:
    """Seconds by the clock and of CPU of one ``llm-usage report --html``."""
    command = [sys.executable, "-m", "llm_usage", "report", "--lake", str(lake), "--html", str(page)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    said = process.communicate()[1]
    if status:
        raise RuntimeError(f"{' '.join(command)}: {said}")
    return seconds, used.ru_utime + used.ru_stime


def measure(folder: Path, *, requests: int = 1_000_000, chunks: int = 1_000_000, times: int = 3) -> tuple[Taken, Taken, int]:
    """The scan, the page (each the least of several runs) and the page's bytes."""
    parquet, lake, page = folder / "parquet", folder / "lake", folder / "index.html"
    synthetic.write(parquet, requests=requests, chunks=chunks, per_stream=30)
    build(lake, parquet)
    connection = duckdb.connect()
    synthetic.attach(connection, parquet)
    scan = best(lambda: connection.execute(SCAN).fetchall())
    walls, cpus = zip(*(run(lake, page) for _ in range(times)), strict=True)
    return scan, (min(walls), min(cpus)), page.stat().st_size


def main() -> None:
    """Print the figures, and beside them what they may be."""
    with tempfile.TemporaryDirectory() as folder:
        scan, (wall, cpu), size = measure(Path(folder))
    title = "report --html of 1,000,000 requests"
    print(f"{title:<52}{wall:>8.3f}{cpu:>8.3f}{wall / scan[0]:>8.1f}  (at most {MOST_SECONDS} s)")
    print(f"{'  its size in bytes':<52}{size:>8,}  (at most {MOST_BYTES:,})")


if __name__ == "__main__":
    main()
