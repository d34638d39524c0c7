"""Rebuilding beside writers and readers, and killed: nothing acknowledged is lost, no reader fails, nothing is left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llm_usage import connect, ingest
from llm_usage.lake.mark import REBUILDING
from places import SAMPLE, SEED


def start(*words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "llm_usage", *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def paths(lake: Path) -> set[str]:
    with connect(lake) as connection:
        return {row[0] for row in connection.execute("select recording_path from recordings where outcome = 'ingested'").fetchall()}


def copies(root: Path, count: int) -> None:
    root.mkdir(exist_ok=True)
    for i in range(count):
        shutil.copy(SEED, root / f"r{i:03}.yaml")


@pytest.mark.exhaustive
def test_rebuild_beside_ingest_and_readers_and_kills(tmp_path: Path) -> None:
    root, lake = tmp_path / "in", tmp_path / "lake"
    copies(root, 5)
    ingest(root, lake)
    chance = random.Random(11)
    acknowledged = paths(lake)
    for number in range(10):
        shutil.copy(SEED, root / f"new{number:03}.yaml")
        rebuilding = start("rebuild", "--lake", lake)
        writing = start("ingest", root, "--lake", lake, "--workers", 0, "--quiet")
        until = time.monotonic() + chance.random() * 2.5
        while time.monotonic() < until:
            assert acknowledged <= paths(lake), "a reader never sees less"
        if chance.random() < 0.6:
            os.killpg(rebuilding.pid, signal.SIGKILL)
        for process in (rebuilding, writing):
            said = process.communicate(timeout=120)[1].decode()
            assert "Traceback" not in said, said
        assert writing.returncode == 0
        acknowledged = paths(lake)
        assert f"new{number:03}.yaml" in acknowledged, "what an ingest acknowledged is there"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "lake"]


def test_a_half_done_rebuild_of_a_damaged_lake_says_so_and_goes_on(tmp_path: Path, cli) -> None:
    lake = tmp_path / "lake"
    cli("ingest", SAMPLE)
    before = paths(lake)
    shutil.rmtree(lake / "requests")
    process = start("rebuild", "--lake", lake)
    for _ in range(3000):
        if (lake / REBUILDING).exists() or process.poll() is not None:
            break
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert (lake / REBUILDING).exists(), "killed too late: it was whole again"
    for words in (("report",), ("ingest", SAMPLE), ("status",), ("check",)):
        assert "is being rebuilt" in cli(*words, code=2).stderr, words
    cli("rebuild")
    assert paths(lake) == before
    assert not (lake / REBUILDING).exists()
    cli("check", "--deep")


def test_what_version_0_1_left_of_a_swap_is_finished(tmp_path: Path, cli) -> None:
    lake = tmp_path / "lake"
    cli("ingest", SAMPLE)
    before = paths(lake)
    lake.rename(tmp_path / "lake.old-1234567")
    (tmp_path / ".lake.new-1234567").mkdir()
    for words in (("report",), ("ingest", SAMPLE), ("status",)):
        assert "interrupted in its swap" in cli(*words, code=2).stderr, words
    cli("rebuild")
    assert paths(lake) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lake", "work"]


def alive(group: int) -> list[int]:
    """Processes of a session that are there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(stat[3]) == group and stat[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("how", ["kill", "two terms"])
def test_nothing_is_left_of_a_killed_driver(how: str, tmp_path: Path) -> None:
    root = tmp_path / "in"
    copies(root, 3000)
    chance = random.Random(5)
    for number in range(10):
        process = start("ingest", root, "--lake", tmp_path / f"lake{number}", "--workers", 2, "--quiet")
        until = time.monotonic() + 60
        while len(alive(process.pid)) < 4 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.3)
        if how == "kill":
            process.kill()
        else:
            process.terminate()
            time.sleep(0.05)
            process.terminate()
        process.wait(timeout=60)
        until = time.monotonic() + 5
        while (left := alive(process.pid)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not left, "these outlived their driver"
        process.stderr.close()
