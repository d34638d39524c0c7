"""Owns an ingest run: which files to read, in which batches to commit. The only module that knows walk, reader and lake at once.

A run reads what is new or changed and replaces a changed file's rows. One bad file never stops it. Killed at any moment the
lake is right: what a commit did not name is not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.batch import OpenBatch
from ingest.exchange import HEADER_ALLOW_LIST
from ingest.fold import recording_id
from ingest.lake import Known, Lake
from ingest.ledger import ledger_row, new_generation, tombstone
from ingest.reader import Outcome, read_document
from ingest.recordings import side_file_owner
from ingest.recordings.document import Document
from ingest.runs import RunOptions, Summary, new_run_id
from ingest.tables import RUNS
from ingest.walk import Found, Refused, Target, check_clashes, identity, no_recording_by_name, walk

#: A commit takes this much, so that a first run over many small files makes few and large data files.
BATCH_RECORDINGS = 500
BATCH_BYTES = 64 * 1024 * 1024
#: A file changed this shortly before it was ingested may change again within its time stamp's grain.
_RACY = timedelta(seconds=2)


def run(lake: Lake, targets: Sequence[Target], how: RunOptions) -> Summary:
    """One ingest run.

    Raises:
        ConfigError: names clash under one source.
        LakeError: the lake cannot be read or written.
    """
    summary = _begin()
    check_clashes(targets, how.ignore)
    known = lake.ledger()
    if not how.dry_run:
        lake.create()
    batch = OpenBatch(None if how.dry_run else lake)
    here: set[str] = set()
    stale: set[Path] = set()
    for found in walk(targets, how.ignore):
        summary.seen += 1
        key = recording_id(found.source, found.path)
        if how.prune:
            here.add(key)
        if isinstance(found, Refused):
            _refuse(found, key, known.get(key), batch, summary, how)
        else:
            _file(found, key, known.get(key), batch, summary, how, stale)
        batch.spill()
        if len(batch.ledger) >= BATCH_RECORDINGS or batch.bytes >= BATCH_BYTES:
            summary.commits += batch.commit()
    _reread(stale, targets, known, batch, summary, how)
    if how.prune:
        roots = {t.source for t in targets if t.only is None}
        _remove([row for row in _live(lake) if row["source"] in roots and row["recording_id"] not in here], batch, summary)
    summary.commits += batch.commit()
    if not how.dry_run:
        _finish(lake, summary)
    return summary


def collect(targets: Sequence[Target], how: RunOptions) -> dict[str, pa.Table]:
    """The rows of recordings as Arrow tables by name, held in memory, without any lake.

    Raises:
        ConfigError: names clash under one source.
    """
    summary = _begin()
    check_clashes(targets, how.ignore)
    batch = OpenBatch(None)
    for found in walk(targets, how.ignore):
        key = recording_id(found.source, found.path)
        if isinstance(found, Refused):
            _refuse(found, key, None, batch, summary, how)
        else:
            _file(found, key, None, batch, summary, how, set())
    return batch.tables()


def forget(lake: Lake, source: str, path: str | None) -> Summary:
    """Take the recordings of a source, or those at and below a path of it, out of the lake.

    Raises:
        LakeError: the lake cannot be read or written.
    """
    summary = _begin()
    batch = OpenBatch(lake)
    below = f"{path.rstrip('/')}/" if path is not None else ""
    gone = [
        row
        for row in _live(lake)
        if row["source"] == source and (path is None or row["recording_path"] == path or row["recording_path"].startswith(below))
    ]
    _remove(gone, batch, summary)
    summary.commits += batch.commit()
    if summary.removed:
        _finish(lake, summary)
    return summary


def _begin() -> Summary:
    now = datetime.now(UTC)
    return Summary(new_run_id(now), now)


def _finish(lake: Lake, summary: Summary) -> None:
    row = summary.row(datetime.now(UTC))
    if summary.commits:
        lake.note_run(pa.Table.from_pylist([row], schema=RUNS.arrow()))
    lake.heartbeat({**row, "recordings_unchanged": summary.unchanged, "busy": summary.busy, "pid": os.getpid(), "commits": summary.commits})


def _live(lake: Lake) -> Iterator[dict[str, Any]]:
    for row in lake.live_rows().select(["recording_id", "source", "recording_path", "revision", "outcome"]).to_pylist():
        if row["outcome"] != "removed":
            yield row


def _remove(rows: Sequence[dict[str, Any]], batch: OpenBatch, summary: Summary) -> None:
    batch.ledger.extend(tombstone(row, summary.run_id) for row in rows)
    summary.removed += len(rows)


def _unchanged(found: Found, before: Known | None, how: RunOptions) -> bool:
    """Whether size, time and reader are those of the ledger, without opening the file."""
    return (
        before is not None
        and before.outcome != "removed"
        and before.sha256 is not None
        and before.parser_version == how.parser_version
        and before.size == found.size
        and before.mtime is not None
        and before.mtime == found.mtime
        and before.mtime < before.ingested_at - _RACY
    )


def _reread(
    stale: set[Path], targets: Sequence[Target], known: Mapping[str, Known], batch: OpenBatch, summary: Summary, how: RunOptions
) -> None:
    """Read recordings again that have not changed themselves, but whose side files have."""
    for target in targets if stale else ():
        for found in walk([target], how.ignore):
            if isinstance(found, Found) and not stale.isdisjoint((found.file, found.file.parent)):
                key = recording_id(found.source, found.path)
                before = known.get(key)
                if before is not None and not any(row.recording_id == key for row in batch.ledger):
                    summary.unchanged -= 1
                    _file(found, key, replace(before, sha256=None, size=None), batch, summary, how, set())


def _file(found: Found, key: str, before: Known | None, batch: OpenBatch, summary: Summary, how: RunOptions, stale: set[Path]) -> None:
    if _unchanged(found, before, how):
        summary.unchanged += 1
        return
    how.on_file(found.path)
    document = Document(
        found.path, path=found.file, root=found.root, limits=how.options.limits, keep_headers=HEADER_ALLOW_LIST | how.label_headers
    )
    try:
        sha256: str | None = document.sha256
    except OSError:
        sha256 = None
    if before is not None and before.outcome != "removed" and (before.sha256, before.parser_version) == (sha256, how.parser_version):
        summary.unchanged += 1
        return
    generation = new_generation()
    owner = side_file_owner(found.file)
    if owner is not None and Path(owner).exists():
        stale.add(Path(owner))
        outcome = Outcome(left_out=f"side file of {Path(owner).name}")
    else:
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
        verdict, outcome.error, outcome.left_out = "ignored", None, "no recording by its name and content"
    _count(outcome, verdict, before, summary)
    batch.bytes += found.size
    summary.bytes_read += found.size
    batch.requests.extend(outcome.requests)
    batch.ledger.append(
        ledger_row(
            recording_id=key,
            source=found.source,
            path=found.path,
            run_id=summary.run_id,
            parser_version=how.parser_version,
            generation=generation,
            verdict=verdict,
            before=before,
            sha256=sha256,
            size=found.size,
            mtime=found.mtime,
            outcome=outcome,
        )
    )


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
    for error in ([outcome.error] if outcome.error is not None else []) + outcome.errors:
        summary.reject(error)


def _refuse(found: Refused, key: str, before: Known | None, batch: OpenBatch, summary: Summary, how: RunOptions) -> None:
    """Something that is no file, or a directory that cannot be read: a reject, written down once."""
    summary.rejected += 1
    summary.reject(found.error)
    if before is not None and (before.outcome, before.sha256, before.parser_version) == ("rejected", None, how.parser_version):
        return
    batch.ledger.append(
        ledger_row(
            recording_id=key,
            source=found.source,
            path=found.path,
            run_id=summary.run_id,
            parser_version=how.parser_version,
            generation=new_generation(),
            verdict="rejected",
            before=before,
            outcome=Outcome(error=found.error),
        )
    )
