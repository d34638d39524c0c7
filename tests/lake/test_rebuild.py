"""Rebuilding beside writers and readers, and killed: nothing acknowledged is lost, no reader fails, nothing is left behind.

At figures that fit CI; ``make torture`` runs the large ones (`rebuilding`).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rebuilding

from llm_usage import connect
from llm_usage.lake.mark import REBUILDING
from places import SAMPLE

NO_COMPILER = not (shutil.which("cc") or shutil.which("gcc"))


def start(*words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "llm_usage", *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def paths(lake: Path) -> set[str]:
    with connect(lake) as connection:
        return {row[0] for row in connection.execute("select recording_path from recordings where outcome = 'ingested'").fetchall()}


@pytest.mark.exhaustive
def test_rebuild_beside_ingest_and_readers_and_kills() -> None:
    told = rebuilding.rounds(20)
    assert told["rounds"] == 20
    assert min(told["rebuilt"], told["rebuilds_killed"]) > 0
    assert told["polls"] > 20


@pytest.mark.exhaustive
@pytest.mark.skipif(NO_COMPILER, reason="no C compiler to build the fault injector with")
@pytest.mark.parametrize("damaged", [False, True], ids=["sound", "damaged"])
def test_a_rebuild_killed_at_system_calls_from_begin_to_end(damaged: bool) -> None:
    """Every 97th here; ``make torture`` kills at each."""
    told = rebuilding.at_every_call(97, damaged=damaged)
    assert told["killed"] >= 5
    assert told["refused" if damaged else "shown"] > 0


@pytest.mark.exhaustive
def test_nothing_is_left_of_a_killed_driver() -> None:
    told = rebuilding.drivers(20)
    assert (told["killed"], told["told_twice"]) == (10, 10)
    assert told["slowest_s"] <= 5


@pytest.mark.exhaustive
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
