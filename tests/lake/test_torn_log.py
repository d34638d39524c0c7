"""The last log entry cut at every byte: repaired or refused with a remedy; no row silently hidden."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from llm_usage.errors import LakeError
from llm_usage.lake import Lake, log
from llm_usage.model.tables import TABLES
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions
from llm_usage.query.session import connect
from places import SAMPLE, SEED


def count(lake: Path) -> tuple[int, int, int]:
    with connect(lake) as connection:
        return connection.execute(
            "select (select count(*) from recordings), (select count(*) from requests), (select count(*) from chunks)"
        ).fetchall()[0]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two commits."""
    root = tmp_path_factory.mktemp("torn") / "lake"
    run(Lake(root), targets([str(SEED)], "s", {}), RunOptions())
    run(Lake(root), targets([str(SAMPLE)], "s", {}), RunOptions())
    return root


@pytest.mark.parametrize("table", [t for t in TABLES if t.name != "runs"], ids=lambda t: t.name)
def test_cut_at_every_byte(table, lake: Path, tmp_path: Path) -> None:
    entry = log.entries(lake / table.name)[-1]
    data = entry.read_bytes()
    copy = tmp_path / "lake"
    shutil.copytree(lake, copy)
    names = sorted(Path(f).name for f in Lake(lake).files(table))
    target = copy / table.name / "_delta_log" / entry.name
    refused = 0
    for cut in range(len(data)):
        target.write_bytes(data[:cut])
        try:
            seen = Lake(copy).files(table)
        except LakeError as error:
            refused += 1
            assert "llm-usage ingest" in error.remedy
            assert entry.name in error.place
        else:
            assert sorted(Path(f).name for f in seen) == names, f"cut at {cut}: rows are hidden without a word"
    assert refused >= len(data) - 2, "only the closing line end is not missed"
    target.write_bytes(b"")
    with pytest.raises(LakeError, match="cut short"):
        count(copy)


@pytest.mark.exhaustive
@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_next_run_repairs_and_reads_again(table, share: float, lake: Path, tmp_path: Path) -> None:
    whole = count(lake)
    copy = tmp_path / "lake"
    shutil.copytree(lake, copy)
    target = log.entries(copy / table.name)[-1]
    data = target.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    summary = run(Lake(copy), targets([str(SAMPLE)], "s", {}), RunOptions())
    assert count(copy) == whole
    if table.name in ("requests", "chunks"):
        assert summary.repaired > 0
    assert run(Lake(copy), targets([str(SAMPLE)], "s", {}), RunOptions()).commits == 0
    with connect(copy) as connection:
        assert connection.execute("select count(*), count(distinct request_id) from requests").fetchall() == [(whole[1], whole[1])]


def test_entries_of_other_writers_are_not_taken_for_torn(lake: Path, tmp_path: Path) -> None:
    from deltalake import DeltaTable

    copy = tmp_path / "lake"
    shutil.copytree(lake, copy)
    whole = count(copy)
    DeltaTable(str(copy / "chunks")).optimize.compact()
    DeltaTable(str(copy / "chunks")).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    assert count(copy) == whole
    assert run(Lake(copy), targets([str(SAMPLE)], "s", {}), RunOptions()).commits == 0
