"""Owns the batch of an ingest run that is being filled: rows in memory, chunks spilled to disk, one commit at its end.

Must not know which files to read nor what is in them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from ingest.lake import Batch, Lake
from ingest.lake.parts import Part, PartWriter
from ingest.rows import ChunkBuilder, RecordingRow, RequestRow, to_arrow
from ingest.tables import CHUNKS, RECORDINGS, REQUESTS

#: Chunk rows held in memory before they are written out.
FLUSH_CHUNKS = 100_000


class OpenBatch:
    """Rows on their way into the lake; without a lake (a dry run) they are only counted."""

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

    def tables(self) -> dict[str, pa.Table]:
        """Everything in the batch, as Arrow tables by name; empties the chunks."""
        ledger, requests = to_arrow(RECORDINGS, self.ledger), to_arrow(REQUESTS, self.requests)
        return {"recordings": ledger, "requests": requests, "chunks": self.chunks.take()}

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
