"""Rubbish in, one clear reject each: place, thing, remedy; the run goes on; nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from places import SEED

SEED_BYTES = SEED.read_bytes()


def merge_bomb() -> bytes:
    """Under 1 KB, and 9^20 keys for a loader that follows merge keys."""
    lines = ["a: &a {k: v}"]
    for i in range(20):
        below, name = chr(97 + i), chr(98 + i)
        lines.append(f"{name}: &{name} {{<<: [{', '.join(['*' + below] * 9)}]}}")
    return "\n".join(lines).encode()


def alias_bomb_in_a_cassette() -> bytes:
    """A cassette whose first interaction holds 9^9 nodes by alias."""
    head = "version: 2\ninteractions:\n- request: {method: GET, url: http://h/}\n  response: {body: '', code: 200}\n  x0: &x0 [a]\n"
    lines = [f"  x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]" for i in range(1, 10)]
    return (head + "\n".join(lines) + "\n").encode()


#: name → (content, a word of the thing, exchanges that could still be read)
RUBBISH: dict[str, tuple[bytes, str, int]] = {
    "empty.yaml": (b"", "is empty", 0),
    "blank.yaml": (b"\n\n  \n", "is empty", 0),
    "no_cassette.yaml": (b"colour: blue\nsizes: [1, 2]\n", "no recording format", 0),
    "no_cassette.json": (b'{"colour": "blue"}', "no recording format", 0),
    "deep_flow.yaml": (b"[" * 40_000, "depth", 0),
    "deep_block.yaml": (b"- " * 40_000, "depth", 0),
    "deep_in_cassette.yaml": (b"version: 2\ninteractions:\n- " + b"[" * 40_000, "depth", 0),
    "merge_bomb.yaml": (merge_bomb(), "no recording format", 0),
    "alias_bomb.yaml": (alias_bomb_in_a_cassette(), "nodes", 0),
    "cut.yaml": (SEED_BYTES[:600], "cut off", 0),
    "rubbish.yaml": (bytes(range(256)) * 40, "binary", 0),
    "rubbish.bin": (os.urandom(32) + b"\x00\x01" + os.urandom(4000), "no recording", 0),
    "cut.json": (b'{"log": {"entries": [{"request": {"url": "http://h/"', "cut off", 0),
    "cut.yaml.gz": (gzip.compress(SEED_BYTES)[:200], "damaged or cut", 0),
    "bomb.yaml.gz": (gzip.compress(b"a" * 300_000_000), "expansion", 0),
    "latin1.yaml": (b"version: 2\ninteractions:\n- id: " + b"\xe9\xe8\n", "cannot be read on", 0),
}


@pytest.mark.parametrize("name", RUBBISH)
def test_one_clear_reject(name: str, cli, tmp_path: Path) -> None:
    content, word, _ = RUBBISH[name]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(content)
    shutil.copy(SEED, folder / "good.yaml")
    result = cli("ingest", folder)
    assert name in result.stderr
    assert word in result.stderr
    assert result.stderr.count("error:") == 1
    rows = json.loads(
        cli(
            "query", "--format", "json",
            "select recording_path, outcome, error, exchanges, llm_requests, ignored_exchanges, rejected_exchanges, rejected_reasons from recordings order by 1",
        ).output
    )  # fmt: skip
    by_path = {row["recording_path"]: row for row in rows}
    assert by_path["good.yaml"]["outcome"] == "ingested"
    assert by_path["good.yaml"]["llm_requests"] == 1
    bad = by_path[name]
    assert bad["outcome"] == "rejected"
    said = bad["error"] or bad["rejected_reasons"][0]
    assert word in said
    assert said.count(". ") >= 1 or said.count("; ") >= 1, "no remedy"
    for row in rows:
        assert row["exchanges"] == row["llm_requests"] + row["ignored_exchanges"] + row["rejected_exchanges"]
    assert cli("ingest", folder, "--strict").exit_code == 0, "nothing new was rejected: the file has not changed"


def test_strict_exits_1(cli, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"")
    cli("ingest", tmp_path / "bad.yaml", "--strict", code=1)


def test_a_cut_tail_keeps_what_is_before_it(cli, tmp_path: Path) -> None:
    whole = SEED_BYTES.decode()
    item = whole.split("interactions:\n", 1)[1]
    text = whole + item.replace("- id: 0", "- id: 1") + "- id: 2\n  request: {url: 'http://unclosed\n"
    (tmp_path / "three.yaml").write_text(text)
    result = cli("ingest", tmp_path / "three.yaml")
    assert "three.yaml line" in result.stderr
    (row,) = json.loads(cli("query", "--format", "json", "select * from recordings").output)
    assert (row["outcome"], row["exchanges"], row["llm_requests"], row["rejected_exchanges"]) == ("ingested", 3, 2, 1)
    assert len(row["rejected_reasons"]) == 1


def test_directory_without_rights_fifo_and_loop(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    (folder / "closed").mkdir(parents=True)
    shutil.copy(SEED, folder / "good.yaml")
    os.mkfifo(folder / "pipe.yaml")
    (folder / "loop").symlink_to(folder)
    (folder / "broken.yaml").symlink_to(folder / "nowhere")
    real = os.scandir

    def scandir(path):
        # Root may read everything, so the missing right is played.
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = cli("ingest", folder)
    for word in ("closed", "Permission denied", "pipe.yaml", "FIFO", "loop", "back above itself", "broken.yaml"):
        assert word in result.stderr
    rows = json.loads(cli("query", "--format", "json", "select recording_path, outcome from recordings").output)
    assert {r["recording_path"]: r["outcome"] for r in rows} == {
        "good.yaml": "ingested", "closed": "rejected", "pipe.yaml": "rejected", "loop": "rejected", "broken.yaml": "rejected",
    }  # fmt: skip
    runs = cli("query", "--format", "json", "select count(*) as n from runs").output
    assert cli("ingest", folder).exit_code == 0
    assert cli("query", "--format", "json", "select count(*) as n from runs").output == runs, "the same refusals were written again"


def test_licences_and_sources_beside_recordings_are_ignored_not_rejected(cli, tmp_path: Path) -> None:
    for name in ("LICENSE", "README.md", "test_it.py", "NOTICE"):
        (tmp_path / name).write_text("Some words about it.\n")
    cli("ingest", tmp_path, "--strict")
    rows = json.loads(cli("query", "--format", "json", "select recording_path, outcome from recordings").output)
    assert {r["outcome"] for r in rows} == {"ignored"}
    assert len(rows) == 4


def test_no_such_path(cli) -> None:
    result = cli("ingest", "nowhere", code=2)
    assert "nowhere" in result.stderr
    assert "no such file" in result.stderr


@pytest.mark.parametrize(
    "words", [("ingest", "s3://bucket/recordings"), ("ingest", ".", "--lake", "s3://bucket/lake"), ("status", "--lake", "s3:/b")]
)
def test_an_address_is_no_folder(words: tuple[str, ...], cli) -> None:
    said = cli(*words, code=2).output
    assert "is an address" in said
    assert not Path("s3:").exists()
