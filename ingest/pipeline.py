"""Owns an ingest run: which files to read, batches, commits, counts. The only module that knows walk, reader and lake at once.

A run reads what is new or changed and replaces a changed file's rows. One bad file never stops it. Killed at any moment the
lake is right: what a commit did not name is not there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pyarrow as pa

from ingest.errors import LlmUsageError
from ingest.exchange import HEADER_ALLOW_LIST
from ingest.fold import recording_id
from ingest.lake import Batch, Known, Lake
from ingest.lake.parts import Part, PartWriter
from ingest.reader import PARSER_VERSION, Options, Outcome, read_document
from ingest.recordings.document import Document
from ingest.rows import ChunkBuilder, RecordingRow, RequestRow, to_arrow
from ingest.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS
from ingest.walk import Found, Refused, Target, check_clashes, identity, no_recording_by_name, walk

#: A commit takes at least this much, so that a first run over many small files makes few and large data files.
BATCH_RECORDINGS = 500
BATCH_BYTES = 64 * 1024 * 1024
FLUSH_CHUNKS = 100_000
#: A file changed this shortly before it was ingested may change again within its time stamp's grain.
_RACY = timedelta(seconds=2)


@dataclass(slots=True)
class Summary:
    """What a run did."""

    run_id: str
    seen: int = 0
    unchanged: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    ignored: int = 0
    rejected: int = 0
    """Files that were rejected."""
    busy: int = 0
    """Files that changed while they were read: left for the next run."""
    exchanges: int = 0
    requests: int = 0
    chunks: int = 0
    exchanges_ignored: int = 0
    exchanges_rejected: int = 0
    bytes_read: int = 0
    commits: int = 0
    rejects: list[LlmUsageError] = field(default_factory=list)
    """The first of the rejects, for the terminal; all of them are in the ledger."""
    by_api: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Nothing was rejected."""
        return not self.rejected and not self.exchanges_rejected


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run."""

    options: Options = field(default_factory=Options)
    label_headers: frozenset[str] = frozenset()
    fingerprint: str = ""
    """Of everything configured that changes rows: another one reads the files again."""
    ignore: Sequence[str] = ()
    dry_run: bool = False
    prune: bool = False
    on_file: Callable[[str], None] = lambda _: None
    """Called with the name of each file before it is read."""

    @property
    def parser_version(self) -> str:
        """Version of the code and of the configuration that rows depend on."""
        return f"{PARSER_VERSION}+{self.fingerprint}" if self.fingerprint else PARSER_VERSION


def fingerprint(*parts: object) -> str:
    """Of configured values that change rows; empty when there are none."""
    text = repr([p for p in parts if p])
    return hashlib.sha256(text.encode()).hexdigest()[:8] if text != "[]" else ""


def program_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("llm-usage")
    except PackageNotFoundError:
        return "0+checkout"


def new_run_id(now: datetime) -> str:
    """Sorts by time, unique."""
    return f"{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"


class _Open:
    """The batch being filled."""

    def __init__(self, lake: Lake | None) -> None:
        self.lake = lake
        self._clear()

    def _clear(self) -> None:
        self.chunks = ChunkBuilder()
        self.requests: list[RequestRow] = []
        self.ledger: list[RecordingRow] = []
        self.bytes = 0
        self._writer: PartWriter | None = None

    def spill(self) -> None:
        """Write the chunks so far, so that memory stays that of one batch of them."""
        if self.chunks.rows >= FLUSH_CHUNKS:
            self._write()

    def _write(self) -> None:
        table = self.chunks.take()
        if self.lake is not None:
            self._writer = self._writer or PartWriter(self.lake.folder(CHUNKS), CHUNKS)
            self._writer.add(table)

    def commit(self) -> bool:
        """Make the batch visible; False when there was nothing in it."""
        if not self.ledger:
            return False
        if self.lake is not None:
            if self.chunks.rows:
                self._write()
            chunks = (self._writer.close(),) if self._writer is not None else ()
            requests: tuple[Part, ...] = ()
            if self.requests:
                table = to_arrow(REQUESTS, sorted(self.requests, key=_by_time))
                requests = (Part.write(self.lake.folder(REQUESTS), REQUESTS, [table]),)
            self.lake.commit(Batch(requests, chunks, to_arrow(RECORDINGS, self.ledger)))
        self._clear()
        return True


def _by_time(row: RequestRow) -> tuple[bool, datetime, str]:
    """Rows sorted by time within a file let a reader skip by day."""
    return row.started_at is None, row.started_at or datetime.min.replace(tzinfo=UTC), row.request_id


def run(lake: Lake, all_targets: Sequence[Target], how: RunOptions) -> Summary:
    """One ingest run.

    Raises:
        ConfigError: names clash under one source.
        LakeError: the lake cannot be read or written.
    """
    started = datetime.now(UTC)
    summary = Summary(new_run_id(started))
    check_clashes(all_targets, how.ignore)
    known = lake.ledger()
    if not how.dry_run:
        lake.create()
    batch = _Open(None if how.dry_run else lake)
    here: set[str] = set()
    for found in walk(all_targets, how.ignore):
        summary.seen += 1
        key = recording_id(found.source, found.path)
        if how.prune:
            here.add(key)
        before = known.get(key)
        if isinstance(found, Refused):
            _refused(found, key, before, batch, summary, how)
        else:
            _file(found, key, before, batch, summary, how)
        batch.spill()
        if len(batch.ledger) >= BATCH_RECORDINGS or batch.bytes >= BATCH_BYTES:
            summary.commits += batch.commit()
    if how.prune:
        roots = {t.source for t in all_targets if t.only is None}
        gone = [row for row in _live(lake) if row["source"] in roots and row["recording_id"] not in here]
        summary.removed = _tombstones(gone, batch, summary.run_id)
    summary.commits += batch.commit()
    _finish(lake, summary, started, how)
    return summary


def forget(lake: Lake, source: str, path: str | None) -> Summary:
    """Take the recordings of a source, or those at and below a path of it, out of the lake."""
    started = datetime.now(UTC)
    summary = Summary(new_run_id(started))
    batch = _Open(lake)
    gone = [
        row
        for row in _live(lake)
        if row["source"] == source
        and (path is None or row["recording_path"] == path or row["recording_path"].startswith(path.rstrip("/") + "/"))
    ]
    summary.removed = _tombstones(gone, batch, summary.run_id)
    summary.commits += batch.commit()
    if summary.removed:
        _finish(lake, summary, started, RunOptions())
    return summary


def _live(lake: Lake) -> Iterator[dict[str, object]]:
    for row in lake.live_rows().select(["recording_id", "source", "recording_path", "revision", "outcome"]).to_pylist():
        if row["outcome"] != "removed":
            yield row


def _tombstones(rows: Sequence[dict[str, object]], batch: _Open, run_id: str) -> int:
    now = datetime.now(UTC)
    for row in rows:
        batch.ledger.append(
            RecordingRow(
                recording_id=str(row["recording_id"]),
                source=str(row["source"]),
                recording_path=str(row["recording_path"]),
                recording_sha256=None,
                size_bytes=None,
                mtime=None,
                recording_format=None,
                parser_version="",
                generation=_generation(),
                revision=int(str(row["revision"])) + 1,
                outcome="removed",
                exchanges=0,
                llm_requests=0,
                chunks=0,
                ignored_exchanges=0,
                ignored_reasons=[],
                rejected_exchanges=0,
                rejected_reasons=[],
                error=None,
                run_id=run_id,
                ingested_at=now,
            )
        )
    return len(rows)


def _generation() -> str:
    """Fresh, and sorting by time within one writer."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


def _unchanged(found: Found, before: Known | None, how: RunOptions) -> bool:
    """Whether size, time and reader are those of the ledger, without opening the file."""
    return (
        before is not None
        and before.outcome != "removed"
        and before.sha256 is not None
        and before.parser_version == how.parser_version
        and before.size == found.size
        and before.mtime == found.mtime
        and before.mtime < before.ingested_at - _RACY
    )


def _file(found: Found, key: str, before: Known | None, batch: _Open, summary: Summary, how: RunOptions) -> None:
    if _unchanged(found, before, how):
        summary.unchanged += 1
        return
    how.on_file(found.path)
    limits = how.options.limits
    document = Document(found.path, path=found.file, root=found.root, limits=limits, keep_headers=HEADER_ALLOW_LIST | how.label_headers)
    try:
        sha256: str | None = document.sha256
    except OSError:
        sha256 = None
    same = before is not None and before.outcome != "removed" and before.sha256 == sha256 and before.parser_version == how.parser_version
    if same:
        summary.unchanged += 1
        return
    generation = _generation()
    outcome = read_document(document, found.source, found.path, (key, generation), batch.chunks, how.options)
    try:
        still_same = identity(found.file.stat()) == found.identity
    except OSError:
        still_same = False
    if not still_same and sha256 is not None:
        # Whatever was read is under a generation that no ledger row will name.
        summary.busy += 1
        return
    verdict = outcome.outcome
    if verdict == "rejected" and outcome.recording_format is None and sha256 is not None and no_recording_by_name(found.path):
        verdict = "ignored"
        outcome.error = None
    _count(outcome, verdict, before, summary)
    batch.bytes += found.size
    summary.bytes_read += found.size
    batch.requests.extend(outcome.requests)
    batch.ledger.append(_ledger_row(found, key, sha256, generation, before, outcome, verdict, summary.run_id, how))


def _count(outcome: Outcome, verdict: str, before: Known | None, summary: Summary) -> None:
    if before is None or before.outcome == "removed":
        summary.new += 1
    else:
        summary.changed += 1
    summary.exchanges += outcome.exchanges
    summary.requests += len(outcome.requests)
    summary.chunks += outcome.chunks
    summary.exchanges_ignored += outcome.ignored
    summary.exchanges_rejected += outcome.rejected
    summary.rejected += verdict == "rejected"
    summary.ignored += verdict == "ignored"
    for row in outcome.requests:
        summary.by_api[row.api] = summary.by_api.get(row.api, 0) + 1
    if outcome.error is not None and len(summary.rejects) < 1000:
        summary.rejects.append(outcome.error)


def _ledger_row(
    found: Found,
    key: str,
    sha256: str | None,
    generation: str,
    before: Known | None,
    outcome: Outcome,
    verdict: str,
    run_id: str,
    how: RunOptions,
) -> RecordingRow:
    return RecordingRow(
        recording_id=key,
        source=found.source,
        recording_path=found.path,
        recording_sha256=sha256,
        size_bytes=found.size,
        mtime=found.mtime,
        recording_format=outcome.recording_format,
        parser_version=how.parser_version,
        generation=generation,
        revision=before.revision + 1 if before is not None else 1,
        outcome=verdict,
        exchanges=outcome.exchanges,
        llm_requests=len(outcome.requests),
        chunks=outcome.chunks,
        ignored_exchanges=outcome.ignored,
        ignored_reasons=outcome.ignored_reasons,
        rejected_exchanges=outcome.rejected,
        rejected_reasons=outcome.rejected_reasons,
        error=str(outcome.error) if outcome.error is not None else None,
        run_id=run_id,
        ingested_at=datetime.now(UTC),
    )


def _refused(found: Refused, key: str, before: Known | None, batch: _Open, summary: Summary, how: RunOptions) -> None:
    """Something that is no file, or a directory that cannot be read: a reject, noted once."""
    summary.rejected += 1
    if len(summary.rejects) < 1000:
        summary.rejects.append(found.error)
    if before is not None and before.outcome == "rejected" and before.sha256 is None and before.parser_version == how.parser_version:
        return
    outcome = Outcome(error=found.error)
    row = _ledger_row(
        Found(found.source, found.path, Path(found.path), Path(), 0, datetime.fromtimestamp(0, UTC), (0, 0, 0, 0)),
        key, None, _generation(), before, outcome, "rejected", summary.run_id, how,
    )  # fmt: skip
    row.size_bytes = row.mtime = None
    batch.ledger.append(row)


def _finish(lake: Lake, summary: Summary, started: datetime, how: RunOptions) -> None:
    if how.dry_run:
        return
    finished = datetime.now(UTC)
    row = {
        "run_id": summary.run_id,
        "started_at": started,
        "finished_at": finished,
        "recordings_seen": summary.seen,
        "recordings_new": summary.new,
        "recordings_changed": summary.changed,
        "recordings_removed": summary.removed,
        "recordings_rejected": summary.rejected,
        "request_rows": summary.requests,
        "chunk_rows": summary.chunks,
        "bytes_read": summary.bytes_read,
        "program_version": program_version(),
        "prices_version": _prices_version(),
    }
    if summary.commits:
        lake.note_run(pa.Table.from_pylist([row], schema=RUNS.arrow()))
    lake.heartbeat({**row, "recordings_unchanged": summary.unchanged, "busy": summary.busy, "pid": os.getpid(), "commits": summary.commits})


def _prices_version() -> str | None:
    try:
        return f"genai-prices {version('genai-prices')}"
    except PackageNotFoundError:
        return None
