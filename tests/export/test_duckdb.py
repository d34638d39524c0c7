"""The file for BI tools: a stranger's DuckDB with its own settings reads from it what our reports say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import llm_usage
from hostile import NAMES, write_hostile
from llm_usage.export.duck import export_duckdb
from llm_usage.query import views
from llm_usage.query.materialize import freeze
from llm_usage.query.session import connect
from llm_usage.reports.report import run_report
from places import SAMPLE


@pytest.fixture(scope="module")
def lake(corpus_lake: Path) -> Path:
    return corpus_lake


@pytest.fixture(scope="module")
def file(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bi") / "bi.duckdb"
    settings = views.Settings()
    rows = export_duckdb(connect(lake, settings=settings), settings, path)
    assert rows["requests"] > 1400
    return path


def plain(path: Path) -> duckdb.DuckDBPyConnection:
    """As a BI tool opens it: no settings."""
    return duckdb.connect(str(path), read_only=True)


def test_there_are_tables_only_and_all_of_them(lake: Path, file: Path) -> None:
    connection = plain(file)
    tables = set(connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall())
    marts = {(f"marts.{mart.name}",) for mart in views.marts(connect(lake))}
    assert tables == marts | {
        ("main.recordings",),
        ("main.requests",),
        ("main.all_requests",),
        ("main.chunks",),
        ("main.runs",),
        ("main.about",),
    }
    assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_every_table_and_column_is_described(file: Path) -> None:
    connection = plain(file)
    assert connection.execute("select table_name from duckdb_tables() where coalesce(comment, '') = ''").fetchall() == []
    undescribed = "select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''"
    assert connection.execute(undescribed).fetchall() == []


@pytest.mark.exhaustive
def test_every_report_is_row_for_row_the_same(lake: Path, file: Path) -> None:
    ours, theirs = connect(lake), plain(file)
    theirs.execute("set TimeZone = 'UTC'")
    freeze(ours)
    for mart in views.marts(ours):
        if mart.name in {"freshness", "budget"}:  # they look at the clock
            continue
        expected = run_report(ours, mart.name).table
        got = theirs.sql(f'from marts."{mart.name}"').to_arrow_table()
        assert got.schema.names == expected.schema.names
        assert sorted(map(str, got.to_pylist())) == sorted(map(str, expected.to_pylist())), mart.name


def test_sums_over_joins_are_right_without_our_settings(lake: Path, file: Path) -> None:
    """The sums that DuckDB 2.0.0 gets wrong over views: behind joins, squeezed for an ORDER BY."""
    rows = (
        connect(lake)
        .execute("select gateway, provider, cost_usd, cache_read_tokens, output_tokens from staging.requests where is_counted")
        .fetchall()
    )
    expected: dict[tuple[str | None, str | None], list[Decimal | int]] = {}
    for gateway, provider, *values in rows:
        sums = expected.setdefault((gateway, provider), [Decimal(0), 0, 0])
        for place, value in enumerate(values):
            sums[place] += value or 0
    connection = plain(file)
    for query in (
        "select gateway, provider, sum(cost_usd), sum(cache_read_tokens), sum(output_tokens) from marts.cost_by_provider group by all order by 5",
        "select gateway, provider, sum(cost_usd), sum(cache_read_tokens), sum(output_tokens) from requests where is_counted group by all order by 5",
        """select r.gateway, r.provider, sum(r.cost_usd), sum(r.cache_read_tokens), sum(r.output_tokens) as o from requests as r
           join recordings as l on r.recording_id = l.recording_id and r.generation = l.generation cross join about
           where r.is_counted group by all order by o desc""",
    ):
        got = {(g, p): [v or 0 for v in values] for g, p, *values in connection.execute(query).fetchall()}
        assert got == expected, query
    assert sum(1 for r in rows if r[3]) > 10


@pytest.mark.exhaustive
def test_only_live_rows(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    seed = next(SAMPLE.glob("openrouter*.yaml")).read_text(encoding="utf-8")
    for text in (seed, seed + "\n# changed\n"):
        (tmp_path / "recordings" / "a.yaml").write_text(text, encoding="utf-8")
        llm_usage.ingest(tmp_path / "recordings", tmp_path / "lake")
    settings = views.Settings()
    export_duckdb(connect(tmp_path / "lake", settings=settings), settings, tmp_path / "bi.duckdb")
    connection = plain(tmp_path / "bi.duckdb")
    assert connection.execute("select count(*) from recordings").fetchall() == [(1,)]
    assert connection.execute("select count(*) from requests").fetchall() == [(1,)]
    assert connection.execute("select count(*), count(distinct request_id) from chunks").fetchall() == [(7, 1)]


@pytest.mark.exhaustive
def test_an_open_file_is_replaced_under_its_reader(cli, tmp_path: Path) -> None:
    path = tmp_path / "bi.duckdb"
    cli("export", "duckdb", path)
    reader = plain(path)
    assert reader.execute("select count(*) from requests").fetchall() == [(0,)]
    cli("ingest", SAMPLE)
    assert "requests" in cli("export", "duckdb", path).stderr
    assert reader.execute("select count(*) from requests").fetchall() == [(0,)], "who has it open goes on reading what was there"
    reader.close()
    assert plain(path).execute("select count(*) > 10 from requests").fetchall() == [(True,)]
    assert {p.name for p in tmp_path.iterdir()} == {"bi.duckdb", "lake", "work"}


def test_a_program_that_writes_to_it_is_not_robbed(on_sample, tmp_path: Path) -> None:
    cli = on_sample
    (tmp_path / "bi.duckdb.wal").write_bytes(b"x")
    assert "a program writes to it" in cli("export", "duckdb", tmp_path / "bi.duckdb", code=2).stderr


def test_nowhere_to_write(on_sample, tmp_path: Path) -> None:
    cli = on_sample
    assert "cannot be written" in cli("export", "duckdb", "/proc/bi.duckdb", code=2).stderr
    assert "is a directory" in cli("export", "duckdb", tmp_path, code=2).stderr


@pytest.mark.exhaustive
def test_range_and_split_are_kept(on_sample, tmp_path: Path) -> None:
    cli = on_sample
    cli("export", "duckdb", tmp_path / "x.duckdb", "--since", "2025-09-25", "--by", "model", "--as-of", "2026-01-01")
    connection = plain(tmp_path / "x.duckdb")
    connection.execute("set TimeZone = 'UTC'")
    assert connection.execute("select split_by, since::varchar, as_of::varchar from about").fetchall() == [
        (["model"], "2025-09-25 00:00:00+00", "2026-01-01 00:00:00+00")
    ]
    assert connection.execute("select count(distinct model) > 1 from marts.cost_by_provider").fetchall() == [(True,)]


@pytest.mark.exhaustive
def test_names_that_mean_harm_are_text(cli, tmp_path: Path) -> None:
    write_hostile(tmp_path / "recordings")
    cli("ingest", tmp_path / "recordings")
    cli("export", "duckdb", tmp_path / "x.duckdb")
    connection = plain(tmp_path / "x.duckdb")
    kept = {name for (name,) in connection.execute("select request_model from requests").fetchall()}
    assert kept >= {name for name in NAMES if len(name) < 200}
    assert len(kept) == len(NAMES)
    assert {name for (name,) in connection.execute("select model from marts.cost_by_model").fetchall()} >= set(NAMES[:2])
