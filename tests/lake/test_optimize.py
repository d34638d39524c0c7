"""Upkeep: fewer files, no dead rows, the same answers; open connections go on; two at once do no harm."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from llm_usage.lake import Lake
from llm_usage.lake import optimize as upkeep
from llm_usage.lake.optimize import optimize
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import forget, run
from llm_usage.pipeline.runs import RunOptions
from llm_usage.query.session import connect
from places import SAMPLE, SAMPLE_FILES, SAMPLE_REQUESTS, SEED

NOW = timedelta(0)
SNAPSHOT = "select request_id, generation, output_tokens, cost_usd from requests order by 1"


def snapshot(lake: Path) -> list[tuple]:
    with connect(lake) as connection:
        return connection.execute(SNAPSHOT).fetchall()


@pytest.fixture
def busy(tmp_path: Path) -> tuple[Path, Path]:
    """A lake after many small runs over a changing file, and the folder that is read."""
    root = tmp_path / "in"
    shutil.copytree(SAMPLE, root)
    lake = tmp_path / "lake"
    for i in range(5):
        copy = root / "changing.yaml"
        copy.write_text(SEED.read_text().replace('"completion_tokens":4', f'"completion_tokens":{4 + i}'))
        run(Lake(lake), targets([str(root)], "s", {}), RunOptions())
    return lake, root


@pytest.mark.exhaustive
def test_merges_and_drops_and_answers_alike(busy: tuple[Path, Path]) -> None:
    lake, root = busy
    before = snapshot(lake)
    assert len(Lake(lake).files(CHUNKS)) == 5
    done = optimize(Lake(lake), dead_after=NOW, vacuum_after=NOW)
    assert [len(Lake(lake).files(t)) for t in (RECORDINGS, REQUESTS, CHUNKS)] == [1, 1, 1]
    assert done.dropped == {"recordings": 4, "requests": 4, "chunks": 28, "runs": 0}
    assert snapshot(lake) == before
    assert len(list((lake / "chunks").glob("*.parquet"))) == 1, "vacuumed"
    assert run(Lake(lake), targets([str(root)], "s", {}), RunOptions()).commits == 0
    again = optimize(Lake(lake), dead_after=NOW, vacuum_after=NOW)
    assert not any(again.merged.values())
    with connect(lake) as connection:
        assert connection.execute("select count(*) from raw.recordings").fetchall() == [(SAMPLE_FILES + 1,)]


def test_a_writer_at_work_is_left_alone(busy: tuple[Path, Path]) -> None:
    lake, _ = busy
    done = optimize(Lake(lake))
    assert not any(done.dropped.values()), "nothing is dead for a day yet"
    assert not any(done.vacuumed.values())


def test_a_connection_opened_before_still_answers(busy: tuple[Path, Path]) -> None:
    lake, root = busy
    with connect(lake) as connection:
        before = connection.execute(SNAPSHOT).fetchall()
        optimize(Lake(lake), dead_after=NOW)
        (root / "changing.yaml").write_text("version: 2\ninteractions: []\n")
        run(Lake(lake), targets([str(root)], "s", {}), RunOptions())
        optimize(Lake(lake), dead_after=NOW)
        assert connection.execute(SNAPSHOT).fetchall() == before
    assert len(snapshot(lake)) == len(before) - 1


def test_another_writer_in_between_is_seen(busy: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    lake, root = busy
    real = upkeep._write
    raced = []

    def write(*args):
        if not raced:
            raced.append(1)
            (root / "new.yaml").write_text(SEED.read_text().replace("gen-1758703127", "gen-1758703128"))
            run(Lake(lake), targets([str(root)], "s", {}), RunOptions())
            optimize(Lake(lake), dead_after=NOW)
        return real(*args)

    monkeypatch.setattr(upkeep, "_write", write)
    optimize(Lake(lake), dead_after=NOW)
    rows = snapshot(lake)
    assert len(rows) == len({r[0] for r in rows}) == SAMPLE_REQUESTS + 2


def test_forgotten_recordings_leave_the_disk(busy: tuple[Path, Path]) -> None:
    lake, _ = busy
    forget(Lake(lake), "s", "changing.yaml")
    optimize(Lake(lake), dead_after=NOW, vacuum_after=NOW)
    with connect(lake) as connection:
        assert connection.execute("select count(*) from raw.requests where recording_path = 'changing.yaml'").fetchall() == [(0,)]
        assert connection.execute("select count(*) from raw.chunks join raw.requests using (request_id)").fetchall()[0][0] > 0


def test_an_empty_lake_is_left_alone(tmp_path: Path) -> None:
    optimize(Lake(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()
