"""Owns the batch of an ingest run that is being filled: what workers have made, until one commit makes it visible.

Must not know which files to read nor what is in them.
"""

from __future__ import annotations

import time

from llm_usage.lake import Batch, Lake
from llm_usage.lake.parts import Part
from llm_usage.model.rows import RecordingRow, to_arrow
from llm_usage.model.tables import RECORDINGS
from llm_usage.pipeline.tasks import TaskResult

#: A commit takes this much, so that a first run over many small files makes few and large data files …
BATCH_RECORDINGS = 1000
BATCH_BYTES = 64 * 1024 * 1024
#: … and waits no longer than this, so that a long run shows and a killed one loses little.
BATCH_SECONDS = 30.0


class OpenBatch:
    """Rows on their way into the lake; without a lake (a dry run) they are only counted."""

    def __init__(self, lake: Lake | None) -> None:
        self._lake = lake
        self._clear()

    def _clear(self) -> None:
        self.ledger: list[RecordingRow] = []
        self._requests: list[Part] = []
        self._chunks: list[Part] = []
        self._bytes = 0
        self._since = time.monotonic()

    def add(self, result: TaskResult) -> None:
        """Take what a task has made."""
        self.ledger.extend(result.ledger)
        self._requests.extend(result.requests)
        self._chunks.extend(result.chunks)
        self._bytes += result.tally.bytes_read

    @property
    def full(self) -> bool:
        """Whether it is time to commit."""
        return len(self.ledger) >= BATCH_RECORDINGS or self._bytes >= BATCH_BYTES or time.monotonic() - self._since > BATCH_SECONDS

    def commit(self) -> bool:
        """Make the batch visible; False when there was nothing in it.

        Raises:
            LakeError: the lake cannot be written.
        """
        if not self.ledger:
            return False
        if self._lake is not None:
            self._lake.commit(Batch(tuple(self._requests), tuple(self._chunks), to_arrow(RECORDINGS, self.ledger)))
        self._clear()
        return True
