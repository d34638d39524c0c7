"""Owns the making of ledger rows: one for each file looked at, a tombstone for each taken out. Pure but for the clock.

Must not know how files are found or rows stored.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from llm_usage.lake.ledger import Known
from llm_usage.model.rows import RecordingRow
from llm_usage.pipeline.read import Outcome


def new_generation() -> str:
    """Fresh, and sorting by time within one writer."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


def ledger_row(
    *,
    recording_id: str,
    source: str,
    path: str,
    run_id: str,
    parser_version: str,
    generation: str,
    verdict: str,
    before: Known | None = None,
    sha256: str | None = None,
    size: int | None = None,
    mtime: datetime | None = None,
    outcome: Outcome | None = None,
) -> RecordingRow:
    """The row of one file that was looked at; ``verdict`` is the column outcome."""
    got = outcome if outcome is not None else Outcome()
    return RecordingRow(
        recording_id=recording_id,
        source=source,
        recording_path=path,
        recording_sha256=sha256,
        size_bytes=size,
        mtime=mtime,
        recording_format=got.recording_format,
        parser_version=parser_version,
        generation=generation,
        revision=before.revision + 1 if before is not None else 1,
        outcome=verdict,
        exchanges=got.exchanges,
        llm_requests=got.llm_requests,
        chunks=got.chunks,
        ignored_exchanges=got.ignored,
        ignored_reasons=[*got.ignored_reasons, *([got.left_out] if got.left_out else [])],
        rejected_exchanges=got.rejected,
        rejected_reasons=got.rejected_reasons,
        error=str(got.error) if got.error is not None else None,
        run_id=run_id,
        ingested_at=datetime.now(UTC),
    )


def tombstone(live: Mapping[str, Any], run_id: str) -> RecordingRow:
    """The row that takes a recording out of the lake: a further revision with outcome ``removed`` and no rows."""
    row = ledger_row(
        recording_id=live["recording_id"],
        source=live["source"],
        path=live["recording_path"],
        run_id=run_id,
        parser_version="",
        generation=new_generation(),
        verdict="removed",
    )
    row.revision = live["revision"] + 1
    return row
