"""Owns what goes to a reader of files and what comes back: a job, how to do it, what became of some. Values, all picklable.

Must not know who does the work, nor when it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from llm_usage.lake.ledger import LedgerEntry
from llm_usage.lake.parts import Part
from llm_usage.model.rows import RecordingRow
from llm_usage.pipeline.discover import Found
from llm_usage.pipeline.read import Options
from llm_usage.pipeline.runs import Tally


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read, with what the ledger knows of it."""

    found: Found
    key: str
    before: LedgerEntry | None
    force: bool = False
    """Read it although its own bytes may not have changed."""


@dataclass(frozen=True, slots=True)
class TaskConfig:
    """How to read and where to write; the same for every job of a run, and picklable."""

    run_id: str
    parser_version: str
    options: Options = field(default_factory=Options)
    label_headers: frozenset[str] = frozenset()
    lake: Path | None = None
    """Root of the lake; None: rows are not written."""


@dataclass(slots=True)
class TaskResult:
    """What became of some jobs."""

    ledger: list[RecordingRow] = field(default_factory=list)
    requests: list[Part] = field(default_factory=list)
    chunks: list[Part] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    owners: set[Path] = field(default_factory=set)
    """Recordings, or folders of them, whose side files were new or had changed."""
