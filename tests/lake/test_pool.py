"""Workers: a file that kills its reader costs that file; the rows are the same whoever reads."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from llm_usage.lake import Lake
from llm_usage.pipeline import pool
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.pool import Allowance, run_in_workers
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions
from llm_usage.query.session import connect
from places import SAMPLE, SEED


def rows(lake: Path, sql: str) -> list[tuple]:
    with connect(lake) as connection:
        return connection.execute(sql).fetchall()


EVERYTHING = "select * exclude (generation) from requests order by request_id"


@pytest.mark.exhaustive
def test_same_rows_whatever_the_workers_and_task_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for workers, files in ((0, 250), (1, 1), (2, 2)):
        monkeypatch.setattr(pool, "TASK_FILES", files)
        lake = tmp_path / f"lake{workers}"
        run(Lake(lake), targets([str(SAMPLE)], "s", {}), RunOptions(workers=workers))
        seen.append((rows(lake, EVERYTHING), rows(lake, "select * exclude (generation) from chunks order by request_id, chunk_index")))
    assert seen[0] == seen[1] == seen[2]


def killer(how: str) -> None:
    """Stands in for native code that does not survive a file."""
    if how == "crash":
        os.abort()
    if how == "memory":
        bytearray(4 * 1024**3)[::4096] = b"x" * (1024**2)
    while True:
        pass


@pytest.mark.parametrize("how", ["crash", "cpu", "memory"])
def test_a_file_that_kills_its_reader_is_one_reject(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "in"
    root.mkdir()
    for i in range(6):
        shutil.copy(SEED, root / f"{i}.yaml")
    shutil.copy(SEED, root / f"deadly-{how}.yaml")
    monkeypatch.setattr(pool, "_pool", deadly_pool)
    monkeypatch.setattr(pool.run_in_workers, "__defaults__", (Allowance(memory_bytes=512 * 1024**2, cpu_s=1, cpu_s_per_100_mib=0),))
    summary = run(Lake(tmp_path / "lake"), targets([str(root)], "s", {}), RunOptions(workers=2))
    assert (summary.tally.new, summary.tally.rejected, summary.tally.requests) == (7, 1, 6)
    ((path, outcome, error),) = rows(tmp_path / "lake", "select recording_path, outcome, error from recordings where outcome <> 'ingested'")
    assert (path, outcome) == (f"deadly-{how}.yaml", "rejected")
    assert "crashed, or took more CPU time or memory" in error


def deadly_pool(workers: int):
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("forkserver"), initializer=make_deadly)


def make_deadly() -> None:
    """In a worker: reading a file whose name begins with ``deadly`` ends badly."""
    pool._start_worker(os.getppid(), 0o077)
    from llm_usage.pipeline import worker

    real = worker.read_document

    def read_document(document, *rest):
        if document.name.startswith("deadly"):
            killer(document.name.removeprefix("deadly-").removesuffix(".yaml"))
        return real(document, *rest)

    worker.read_document = read_document


def test_no_pool_is_started_when_there_is_nothing_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_pool", lambda workers: pytest.fail("a pool was started"))
    assert list(run_in_workers(iter(()), None, 2)) == []
