"""What a program or a notebook calls."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import ingest
from ingest.session import connect_tables
from ingest.tables import CHUNKS, REQUESTS
from places import SAMPLE, SAMPLE_FILES, SAMPLE_REQUESTS, SEED


def test_read_gives_arrow_tables_without_a_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tables = ingest.read(SEED)
    assert tables["requests"].schema.equals(REQUESTS.arrow())
    assert tables["chunks"].schema.equals(CHUNKS.arrow())
    assert tables["requests"]["cost_reported_usd"].to_pylist() == [Decimal("0.000032")]
    assert tables["chunks"].num_rows == 7
    assert list(tmp_path.iterdir()) == []


def test_ingest_and_connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    summary = ingest.ingest([SAMPLE], tmp_path / "lake")
    assert (summary.tally.new, summary.tally.requests) == (SAMPLE_FILES, SAMPLE_REQUESTS)
    with ingest.connect(tmp_path / "lake") as connection:
        assert connection.execute("select count(*) from requests").fetchall() == [(SAMPLE_REQUESTS,)]
        assert connection.execute("select sum(cost_usd) from cost_daily").fetchall()[0][0] > 0


def test_every_view_works_on_no_lake_and_on_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    empty = ingest.connect(tmp_path / "nothing")
    filled = connect_tables(ingest.read(SAMPLE))
    for (name,) in empty.execute("select view_name from duckdb_views() where schema_name in ('staging', 'marts')").fetchall():
        empty.sql(f'select * from "{name}"').to_arrow_table()
        filled.sql(f'select * from "{name}"').to_arrow_table()
    assert filled.execute("select count(*) from requests").fetchall() == [(SAMPLE_REQUESTS,)]
    assert not (tmp_path / "nothing").exists()
