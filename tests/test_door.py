"""What a program or a notebook calls."""

from __future__ import annotations

import doctest
import importlib
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

import llm_usage
import llm_usage.api
from llm_usage.errors import ConfigError
from llm_usage.model.tables import CHUNKS, REQUESTS
from llm_usage.query.session import connect_tables
from places import SAMPLE, SAMPLE_FILES, SAMPLE_REQUESTS, SEED


def test_read_gives_arrow_tables_without_a_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tables = llm_usage.read(SEED)
    assert tables["requests"].schema.equals(REQUESTS.arrow())
    assert tables["chunks"].schema.equals(CHUNKS.arrow())
    assert tables["requests"]["cost_reported_usd"].to_pylist() == [Decimal("0.000032")]
    assert tables["chunks"].num_rows == 7
    assert list(tmp_path.iterdir()) == []


def test_ingest_and_connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    summary = llm_usage.ingest([SAMPLE], tmp_path / "lake")
    assert (summary.tally.new, summary.tally.requests) == (SAMPLE_FILES, SAMPLE_REQUESTS)
    with llm_usage.connect(tmp_path / "lake") as connection:
        assert connection.execute("select count(*) from requests").fetchall() == [(SAMPLE_REQUESTS,)]
        assert connection.execute("select sum(cost_usd) from cost_daily").fetchall()[0][0] > 0


@pytest.mark.exhaustive
def test_every_view_works_on_no_lake_and_on_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    empty = llm_usage.connect(tmp_path / "nothing")
    filled = connect_tables(llm_usage.read(SAMPLE))
    for (name,) in empty.execute("select view_name from duckdb_views() where schema_name in ('staging', 'marts')").fetchall():
        empty.sql(f'select * from "{name}"').to_arrow_table()
        filled.sql(f'select * from "{name}"').to_arrow_table()
    assert filled.execute("select count(*) from requests").fetchall() == [(SAMPLE_REQUESTS,)]
    assert not (tmp_path / "nothing").exists()


def test_requests_come_with_their_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    llm_usage.ingest(SAMPLE, tmp_path / "lake")
    table = llm_usage.requests(tmp_path / "lake")
    assert table.num_rows == SAMPLE_REQUESTS
    assert {"cost_usd", "cost_basis", "is_counted", "tpot_ms"} <= set(table.column_names)
    assert [r["recording_path"] for r in table.to_pylist()] == sorted(r["recording_path"] for r in table.to_pylist())
    with llm_usage.connect(tmp_path / "lake") as connection:
        assert connection.execute("select sum(cost_usd) from requests").fetchall() == [
            (sum(cost for cost in table["cost_usd"].to_pylist() if cost is not None),)
        ]


@pytest.mark.exhaustive
def test_chunks_of_one_request_and_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    llm_usage.ingest(SAMPLE, tmp_path / "lake")
    one = llm_usage.chunks(f"{SEED.name}#0", tmp_path / "lake")
    assert one["chunk_index"].to_pylist() == list(range(7))
    assert one.equals(llm_usage.chunks(one["request_id"][0].as_py()[:12], tmp_path / "lake"))
    everything = llm_usage.chunks(lake=tmp_path / "lake")
    assert everything.num_rows == llm_usage.read(SAMPLE)["chunks"].num_rows
    assert everything.schema.equals(one.schema)
    with pytest.raises(ConfigError, match="no such request"):
        llm_usage.chunks("nothing#0", tmp_path / "lake")


@pytest.mark.parametrize("lake", ["nothing"])
def test_an_empty_lake_gives_empty_tables_of_the_same_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lake: str) -> None:
    monkeypatch.chdir(tmp_path)
    llm_usage.ingest(SAMPLE, tmp_path / "lake")
    assert llm_usage.requests(lake).num_rows == llm_usage.chunks(lake=lake).num_rows == 0
    assert llm_usage.requests(lake).schema.equals(llm_usage.requests("lake").schema)


@pytest.mark.exhaustive
@pytest.mark.parametrize("module", [llm_usage, llm_usage.api], ids=["llm_usage", "llm_usage.api"])
def test_the_examples_are_true(module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(SAMPLE)
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(recurse=True)
    examples = sorted((t for t in finder.find(module) if t.examples), key=lambda t: t.name != "llm_usage.api.ingest")
    assert len(examples) == (1 if module is llm_usage else 5)
    failures = []
    runner = doctest.DocTestRunner()
    for example in examples:
        example.globs["Decimal"] = Decimal
        runner.run(example, out=failures.append)
    assert not runner.summarize(verbose=False).failed, "\n".join(failures)


def test_every_name_of_the_door_is_documented() -> None:
    for name in set(llm_usage.__all__) - {"__version__"}:
        text = getattr(llm_usage, name).__doc__
        assert text, name
        if not isinstance(getattr(llm_usage, name), type):
            assert ">>> " in text, name
            assert "Raises:" in text, name
    assert llm_usage.__version__[0].isdigit()
    assert set(llm_usage.__all__) == set(dir(llm_usage))
    with pytest.raises(AttributeError, match="nothing_such"):
        llm_usage.nothing_such  # noqa: B018


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_goes_on_to(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both take Arrow; neither is needed here."""
    other = importlib.import_module(library)
    monkeypatch.chdir(tmp_path)
    llm_usage.ingest(SAMPLE, "lake")
    table = llm_usage.requests("lake")
    frame = other.from_arrow(table) if library == "polars" else table.to_pandas()
    assert len(frame) == SAMPLE_REQUESTS
    assert sum(cost for cost in list(frame["cost_usd"]) if cost is not None) == Decimal("0.01559895")


def test_without_either_arrow_itself_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    llm_usage.ingest(SAMPLE, "lake")
    (row,) = [r for r in llm_usage.requests("lake").to_pylist() if r["recording_path"] == SEED.name]
    assert (row["cost_usd"], row["cost_basis"]) == (Decimal("0.000032"), "reported")
