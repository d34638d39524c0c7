"""Owns an ingest run: which files to read, who reads them, when to commit. The only module that knows all of these at once.

A run reads what is new or changed and replaces a changed file's rows. One bad file never stops it. Killed at any moment the
lake is right: what a commit did not name is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from llm_usage.lake import Lake, log
from llm_usage.lake.ledger import Ledger, LedgerEntry, incomplete, live_recordings
from llm_usage.lake.mark import SUSPECT
from llm_usage.model.identity import recording_id
from llm_usage.pipeline.batch import OpenBatch
from llm_usage.pipeline.discover import Found, Refused, Target, check_clashes, walk
from llm_usage.pipeline.ledger_rows import ledger_row, tombstone
from llm_usage.pipeline.pool import run_here, run_in_workers
from llm_usage.pipeline.read import Outcome
from llm_usage.pipeline.run_notes import finish
from llm_usage.pipeline.runs import RunOptions, Summary, new_run_id
from llm_usage.pipeline.tasks import Job, TaskConfig
from llm_usage.pipeline.worker import TaskReader

#: A file changed this shortly before it was ingested may change again within its time stamp's grain.
_RACY = timedelta(seconds=2)


class Run:
    """One ingest run over some targets."""

    def __init__(self, lake: Lake, targets: Sequence[Target], options: RunOptions) -> None:
        now = datetime.now(UTC)
        self._lake = lake
        self._targets = targets
        self._options = options
        self.summary = Summary(new_run_id(now), now)
        self._config = TaskConfig(
            self.summary.run_id, options.parser_version, options.options, options.label_headers, None if options.dry_run else lake.root
        )
        self._batch = OpenBatch(None if options.dry_run else lake)
        self._here: set[str] = set()
        self._read: set[str] = set()
        self._owners: set[Path] = set()

    def __call__(self) -> Summary:
        """Do it.

        Raises:
            ConfigError: names clash under one source.
            LakeError: the lake cannot be read or written.
        """
        check_clashes(self._targets, self._options.ignore)
        if self._options.dry_run:
            return self._run()
        self._lake.create()
        with self._lake.rights():
            return self._run()

    def _run(self) -> Summary:
        self._ledger = Ledger(self._lake)
        self._suspect = incomplete(self._lake) if (self._lake.root / SUSPECT).exists() else set()
        self.summary.repaired = len(self._suspect)
        self._perform(self._jobs())
        if self._owners and not self.summary.stopped:
            self._perform(self._owned())
        if self._options.prune and not self.summary.stopped:
            self._prune()
        self._commit()
        if not self._options.dry_run:
            if not self.summary.stopped:
                (self._lake.root / SUSPECT).unlink(missing_ok=True)
            finish(self._lake, self.summary)
        return self.summary

    def _perform(self, jobs: Iterator[Job]) -> None:
        options = self._options
        try:
            for task, done in run_in_workers(jobs, self._config, options.workers) if options.workers else run_here(jobs, self._config):
                self.summary.tally.add(done.tally)
                self._read.update(row.recording_id for row in done.ledger)
                self._owners |= done.owners
                self._batch.add(done)
                options.on_read(len(task), task[-1].found.path)
                if self._batch.full:
                    self._commit()
        except OSError as error:
            raise log.failed(self._lake.root, error) from error

    def _commit(self) -> None:
        self.summary.commits += self._batch.commit()

    def _jobs(self) -> Iterator[Job]:
        """The files to read: what is new or has changed, as far as can be told without opening it."""
        for found in walk(self._targets, self._options.ignore, self.summary.pass_over):
            if self._options.stop():
                self.summary.stopped = True
                return
            self.summary.seen += 1
            key = recording_id(found.source, found.path)
            if self._options.prune:
                self._here.add(key)
            before = self._ledger.get(key)
            if isinstance(found, Refused):
                self._refuse(found, key, before)
            elif self._options.force or key in self._suspect:
                yield Job(found, key, before, force=True)
            elif self._unchanged(found, before):
                self.summary.tally.unchanged += 1
            else:
                yield Job(found, key, before)

    def _unchanged(self, found: Found, before: LedgerEntry | None) -> bool:
        return (
            before is not None
            and before.outcome != "removed"
            and before.sha256 is not None
            and before.parser_version == self._options.parser_version
            and before.size == found.size
            and before.mtime is not None
            and before.mtime == found.mtime
            and before.mtime < before.ingested_at - _RACY
        )

    def _owned(self) -> Iterator[Job]:
        """Recordings that have not changed themselves, but whose side files have."""
        for found in walk(self._targets, self._options.ignore):
            if isinstance(found, Found) and not self._owners.isdisjoint((found.file, found.file.parent)):
                key = recording_id(found.source, found.path)
                if key not in self._read and (before := self._ledger.get(key)) is not None:
                    self.summary.tally.unchanged -= 1
                    yield Job(found, key, before, force=True)

    def _refuse(self, found: Refused, key: str, before: LedgerEntry | None) -> None:
        """Something that is no file, or a directory that cannot be read: a reject, written down once."""
        self.summary.tally.rejected += 1
        if found.error is not None:
            self.summary.tally.reject(found.error)
        if before is not None and (before.outcome, before.sha256, before.parser_version) == (
            "rejected",
            None,
            self._options.parser_version,
        ):
            return
        self._batch.ledger.append(ledger_row(self._config, key, found, before, Outcome(error=found.error), verdict="rejected"))

    def _prune(self) -> None:
        roots = {target.source for target in self._targets if target.only is None}
        gone = [row for row in live_recordings(self._lake) if row.source in roots and row.recording_id not in self._here]
        self._batch.ledger.extend(tombstone(row, self.summary.run_id) for row in gone)
        self.summary.removed += len(gone)


def run(lake: Lake, targets: Sequence[Target], options: RunOptions) -> Summary:
    """One ingest run; see `Run`."""
    return Run(lake, targets, options)()


def forget(lake: Lake, source: str, path: str | None) -> Summary:
    """Take the recordings of a source, or those at and below a path of it, out of the lake.

    Raises:
        LakeError: the lake cannot be read or written.
    """
    now = datetime.now(UTC)
    summary = Summary(new_run_id(now), now)
    below = f"{path.rstrip('/')}/" if path is not None else ""
    batch = OpenBatch(lake)
    for row in live_recordings(lake):
        if row.source == source and (path is None or row.recording_path == path or row.recording_path.startswith(below)):
            batch.ledger.append(tombstone(row, summary.run_id))
    summary.removed = len(batch.ledger)
    if batch.commit():
        summary.commits += 1
        finish(lake, summary)
    return summary


def collect(targets: Sequence[Target], options: RunOptions) -> dict[str, pa.Table]:
    """The rows of recordings as Arrow tables by name, held in memory, without any lake.

    Raises:
        ConfigError: names clash under one source.
        LlmUsageError: something named cannot be looked into.
    """
    check_clashes(targets, options.ignore)
    reader = TaskReader(TaskConfig("", options.parser_version, options.options, options.label_headers))
    for found in walk(targets, options.ignore):
        if isinstance(found, Refused):
            if found.error is not None:
                raise found.error
            continue
        reader.read(Job(found, recording_id(found.source, found.path), None))
    return reader.tables()
