"""A file beyond all bounds is looked at before it is read: of 100 GB that nobody could hold, the head is all that is ever read."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from llm_usage import ingest
from llm_usage.recordings._file import RecordingFile
from places import SEED

SIZE = 100 * 10**9
#: How the file begins → what is said of it.
HEADS = {
    "zeros": (b"", "is binary and no recording"),
    "json": (b'{"log": {"entries": [' + b" " * 2000, "document_bytes"),
    "sse": (b'data: {"object": "chat.completion.chunk", "choices": []}\n\n', "document_bytes"),
    "ndjson": (b'{"type": "message_start", "message": {"model": "m"}}\n' + b'{"type": "ping"}\n' * 200, "document_bytes"),
    "raw http": (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\n", "document_bytes"),
    "yaml": (SEED.read_bytes()[:-200], "no recording format|cannot be read"),
    "prose": (b"Dear all,\n" * 200, "document_bytes|no recording format"),
}


class Counting(io.BufferedReader):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        Counting.taken += len(data)
        return data


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    def opened(self: RecordingFile) -> Any:
        return Counting(io.FileIO(Path(self.path or self.name)))

    monkeypatch.setattr(RecordingFile, "_open", opened)
    monkeypatch.setattr(Counting, "taken", 0)
    return Counting


@pytest.mark.parametrize("kind", HEADS)
def test_only_the_head_of_a_sparse_file_is_read(kind: str, tmp_path: Path, cli, counted: type[Counting]) -> None:
    head, words = HEADS[kind]
    path = tmp_path / "large.recording"
    path.write_bytes(head)
    with path.open("r+b") as out:
        try:
            out.truncate(SIZE)
        except OSError:
            pytest.skip("this file system holds no sparse file of 100 GB")
    summary = ingest(path, tmp_path / "lake")
    (error,) = summary.tally.rejects
    assert re.search(words, str(error)), error
    assert "Traceback" not in str(error)
    assert counted.taken < 4 << 20
    counted.taken = 0
    assert ingest(path, tmp_path / "lake").tally.unchanged == 1
    assert counted.taken < 4 << 20


def test_a_large_cassette_is_still_read_exchange_by_exchange(tmp_path: Path, cli) -> None:
    """YAML beyond the limit: hashed once it is known whose it is, read, and not read again."""
    config = tmp_path / "llm-usage.yaml"
    config.write_text("limits: {document_bytes: 10000}\n")
    head, item = SEED.read_text().split("interactions:\n", 1)
    path = tmp_path / "many.yaml"
    path.write_text(head + "interactions:\n" + item * 20)
    assert path.stat().st_size > 10_000
    cli("ingest", path, "--config", config)
    (row,) = json.loads(
        cli("query", "--format", "json", "select llm_requests, recording_sha256 is not null as hashed from recordings").output
    )
    assert row == {"llm_requests": 20, "hashed": True}
    path.touch()
    assert "nothing new" in cli("ingest", path, "--config", config).output
