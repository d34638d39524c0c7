"""Owns the reading of a handful of files into data files of the lake: what a worker process does. Knows no other worker.

A worker writes its own Parquet and hands back the ledger rows that would make them visible; a worker that dies leaves
files that nobody names. Files are looked at again after reading: one that changed meanwhile is left for the next run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from llm_usage.errors import BugError, LlmUsageError
from llm_usage.lake.parts import PartWriter
from llm_usage.model.chunk_rows import ChunkBuilder
from llm_usage.model.exchange import HEADER_ALLOW_LIST
from llm_usage.model.rows import RequestRow, to_arrow
from llm_usage.model.schema import Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS
from llm_usage.pipeline.discover import Found, identity, no_recording_by_name
from llm_usage.pipeline.ledger_rows import ledger_row, new_generation
from llm_usage.pipeline.read import Outcome, read_document
from llm_usage.pipeline.tasks import Job, TaskConfig, TaskResult
from llm_usage.recordings import side_file_owner
from llm_usage.recordings.document import Document

#: Chunk rows held in memory before they are written out.
FLUSH_CHUNKS = 100_000
#: Request rows, likewise.
FLUSH_REQUESTS = 20_000


class TaskReader:
    """Reads jobs one after another; `finish` gives what they made."""

    def __init__(self, config: TaskConfig) -> None:
        self._config = config
        self._chunks = ChunkBuilder()
        self._rows: list[RequestRow] = []
        self._writer: PartWriter | None = None
        self._requests: PartWriter | None = None
        self.result = TaskResult()

    def read(self, job: Job) -> None:
        """Read one file. Never raises on bad input."""
        config, found, before, tally = self._config, job.found, job.before, self.result.tally
        document = Document(
            found.path,
            path=found.file,
            root=found.root,
            limits=config.options.limits,
            keep_headers=HEADER_ALLOW_LIST | config.label_headers,
        )
        try:
            sha256: str | None = document.sha256
        except OSError:
            sha256 = None
        if not job.force and before is not None and before.outcome != "removed":
            if (before.sha256, before.parser_version) == (sha256, config.parser_version):
                tally.unchanged += 1
                return
        generation = new_generation()
        owner = side_file_owner(found.file)
        if owner is not None and Path(owner).exists():
            self.result.owners.add(Path(owner))
            outcome = Outcome(left_out=f"side file of {Path(owner).name}")
        else:
            ids = (job.key, generation)
            outcome = self._read_document(document, found, ids)
        try:
            still_same = identity(found.file.stat()) == found.identity
        except OSError:
            still_same = False
        if not still_same and sha256 is not None:
            # Whatever was read is under a generation that no ledger row will name.
            tally.busy += 1
            return
        verdict = outcome.outcome
        if verdict == "rejected" and outcome.recording_format is None and sha256 is not None and no_recording_by_name(found.path):
            verdict, outcome.error, outcome.left_out = "ignored", None, "no recording by its name and content"
        tally.count(outcome, verdict, known=before is not None and before.outcome != "removed", size=found.size)
        self._rows.extend(outcome.requests)
        self.result.ledger.append(
            ledger_row(config, job.key, found, before, outcome, verdict=verdict, generation=generation, sha256=sha256)
        )
        self._spill(self._rows)

    def _read_document(self, document: Document, found: Found, ids: tuple[str, str]) -> Outcome:
        """Read it; a bug met in it costs this file and no other."""
        mark = self._chunks.mark()
        try:
            return read_document(document, found.source, found.path, ids, self._chunks, self._config.options, self._spill)
        except MemoryError:
            raise  # the process is out of memory, whatever file it is at: the pool finds out
        except Exception as fault:  # noqa: BLE001 - whatever it is, the run goes on and says so
            self._chunks.back_to(mark)
            self.result.tally.bugs += 1
            return Outcome(error=BugError.met(found.path, fault))

    def _spill(self, rows: list[RequestRow]) -> bool:
        """Write out what has piled up; True when it took ``rows``, which may be those of a recording still being read."""
        if self._config.lake is None:
            return False
        if self._chunks.rows >= FLUSH_CHUNKS:
            self._flush()
        if len(rows) < FLUSH_REQUESTS:
            return False
        self._write_rows(rows)
        if rows is self._rows:
            self._rows = []
        return True

    def _write_rows(self, rows: list[RequestRow]) -> None:
        folder = self._folder(REQUESTS)
        if folder is not None and rows:
            self._requests = self._requests or PartWriter(folder, REQUESTS)
            # Rows sorted by time within a row group let a reader skip by day.
            self._requests.add(to_arrow(REQUESTS, sorted(rows, key=lambda r: (r.started_at is None, str(r.started_at), r.request_id))))

    def _folder(self, table: Table) -> Path | None:
        return self._config.lake / table.name if self._config.lake is not None else None

    def _flush(self) -> None:
        table = self._chunks.take()
        folder = self._folder(CHUNKS)
        if folder is not None and table.num_rows:
            self._writer = self._writer or PartWriter(folder, CHUNKS)
            self._writer.add(table)

    def finish(self) -> TaskResult:
        """Everything read so far, its files on disk."""
        self._flush()
        if self._writer is not None:
            self.result.chunks.append(self._writer.close())
            self._writer = None
        self._write_rows(self._rows)
        self._rows = []
        if self._requests is not None:
            self.result.requests.append(self._requests.close())
            self._requests = None
        result, self.result = self.result, TaskResult()
        return result

    def tables(self) -> dict[str, pa.Table]:
        """Everything read so far as Arrow tables by name, for reading without a lake."""
        ledger, requests = to_arrow(RECORDINGS, self.result.ledger), to_arrow(REQUESTS, self._rows)
        return {"recordings": ledger, "requests": requests, "chunks": self._chunks.take()}


def read_jobs(jobs: Sequence[Job], config: TaskConfig) -> TaskResult:
    """Read some files; what a task of the pool is.

    Raises:
        OSError: the lake's disk refuses.
    """
    reading = TaskReader(config)
    for job in jobs:
        reading.read(job)
    return reading.finish()


def lost(job: Job, error: LlmUsageError, config: TaskConfig) -> TaskResult:
    """What became of a file that killed its reader: a reject."""
    outcome = Outcome(error=error)
    result = TaskResult()
    result.tally.count(outcome, "rejected", known=job.before is not None and job.before.outcome != "removed", size=job.found.size)
    result.ledger.append(ledger_row(config, job.key, job.found, job.before, outcome, verdict="rejected"))
    return result
