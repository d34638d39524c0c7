"""Owns what can still be told of a lake that is old or damaged: which recordings its ledger names.

Must not know how a lake is read anew. Nothing here needs the present schema.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

_NEEDED = ("source", "recording_path", "outcome", "recording_id", "revision", "generation")


def named_recordings(root: Path) -> set[tuple[str, str]]:
    """(source, path) of every live recording, as far as an old or damaged ledger can be read."""
    folder = root / "recordings"
    try:
        files = [Path(uri.removeprefix("file://")) for uri in DeltaTable(str(folder)).file_uris()]
    except (DeltaError, OSError, ValueError):
        # The log is unreadable: every data file that is there. Superseded rows among them name the same recordings.
        files = sorted(folder.glob("*.parquet"))
    newest: dict[str, tuple[int, str, str, str, str]] = {}
    for file in files:
        try:
            columns = [name for name in _NEEDED if name in pq.read_schema(file).names]
            table = pq.read_table(file, columns=columns, partitioning=None)
        except (OSError, pa.ArrowException):
            continue
        for row in table.to_pylist():
            key = row.get("recording_id") or f"{row['source']}\0{row['recording_path']}"
            rank = (row.get("revision") or 0, row.get("generation") or "", row["source"], row["recording_path"], row["outcome"])
            newest[key] = max(newest.get(key, rank), rank)
    return {(source, path) for _, _, source, path, outcome in newest.values() if outcome != "removed"}
