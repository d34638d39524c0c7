"""Owns the making of ledger rows: one for each file looked at, a tombstone for each taken out. Pure but for the clock.

Must not know how files are found or rows stored.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from llm_usage.lake.ledger import LedgerEntry, LiveRecording
from llm_usage.model.rows import RecordingRow
from llm_usage.pipeline.discover import Found, Refused
from llm_usage.pipeline.read import Outcome
from llm_usage.pipeline.tasks import TaskConfig


def new_generation() -> str:
    """Fresh, and sorting by time within one writer."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


def ledger_row(
    config: TaskConfig,
    key: str,
    place: Found | Refused,
    before: LedgerEntry | None,
    outcome: Outcome,
    *,
    verdict: str,
    generation: str | None = None,
    sha256: str | None = None,
) -> RecordingRow:
    """The row of one file that was looked at.

    Args:
        config: of the run.
        key: recording_id.
        place: the file, or what could not be looked into.
        before: what the ledger knew.
        outcome: what became of reading it.
        verdict: the column outcome.
        generation: of its rows; a fresh one where there are none.
        sha256: of the file as it was read.
    """
    return RecordingRow(
        recording_id=key,
        source=place.source,
        recording_path=place.path,
        recording_sha256=sha256,
        size_bytes=place.size,
        mtime=place.mtime,
        recording_format=outcome.recording_format,
        parser_version=config.parser_version,
        generation=generation or new_generation(),
        revision=before.revision + 1 if before is not None else 1,
        outcome=verdict,
        exchanges=outcome.exchanges,
        llm_requests=outcome.llm_requests,
        chunks=outcome.chunks,
        ignored_exchanges=outcome.ignored,
        ignored_reasons=[*outcome.ignored_reasons, *([outcome.left_out] if outcome.left_out else [])],
        rejected_exchanges=outcome.rejected,
        rejected_reasons=outcome.rejected_reasons,
        error=str(outcome.error) if outcome.error is not None else None,
        run_id=config.run_id,
        ingested_at=datetime.now(UTC),
    )


def tombstone(live: LiveRecording, run_id: str) -> RecordingRow:
    """The row that takes a recording out of the lake: a further revision with outcome ``removed`` and no rows."""
    nowhere = Refused(live.source, live.recording_path)
    row = ledger_row(TaskConfig(run_id, ""), live.recording_id, nowhere, None, Outcome(), verdict="removed")
    row.revision = live.revision + 1
    return row
