"""Owns what is written down of a run when it has ended: its row in ``runs``, the heartbeat; must not know how it was done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from llm_usage.lake import Lake
from llm_usage.lake.ledger import live_rows, read_columns
from llm_usage.model.tables import RUNS
from llm_usage.pipeline.runs import Summary

_OF_A_RUN = ["recording_id", "revision", "generation", "run_id", "outcome", "llm_requests", "chunks", "size_bytes", "ingested_at"]


def finish(lake: Lake, summary: Summary) -> None:
    """Write the run down: in ``runs`` when it changed something, in the heartbeat always."""
    row = summary.row(datetime.now(UTC))
    if summary.commits:
        lake.note_run(pa.Table.from_pylist([row, *_unnoted(lake, summary.run_id)], schema=RUNS.arrow()))
    tally = summary.tally
    beat = {**row, "recordings_unchanged": tally.unchanged, "recordings_busy": tally.busy, "commits": summary.commits}
    lake.heartbeat({**beat, "exchanges_rejected": tally.exchanges_rejected, "stopped": summary.stopped, "pid": os.getpid()})


def _unnoted(lake: Lake, but: str) -> Iterator[dict[str, Any]]:
    """Rows of runs that the ledger names and ``runs`` does not: they were stopped after a commit and before they could say so."""
    noted = {row for path in lake.files(RUNS) for row in read_columns(lake, RUNS, path, ["run_id"]).column("run_id").to_pylist()}
    live = live_rows(
        lake, ["recording_id", "revision", "generation", "run_id", "outcome", "llm_requests", "chunks", "size_bytes", "ingested_at"]
    )
    for name in sorted(set(live.column("run_id").to_pylist()) - noted - {but}):
        rows = live.filter(pc.equal(live["run_id"], name))
        count = {outcome: pc.sum(pc.equal(rows["outcome"], outcome)).as_py() or 0 for outcome in ("removed", "rejected")}
        summary = Summary(name, datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), seen=rows.num_rows)
        summary.removed = count["removed"]
        summary.tally.new, summary.tally.rejected = rows.num_rows - count["removed"], count["rejected"]
        summary.tally.requests, summary.tally.chunks = pc.sum(rows["llm_requests"]).as_py() or 0, pc.sum(rows["chunks"]).as_py() or 0
        summary.tally.bytes_read = pc.sum(rows["size_bytes"]).as_py() or 0
        yield summary.row(pc.max(rows["ingested_at"]).as_py())
