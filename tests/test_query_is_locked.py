"""What `llm-usage query` may do: look at the lake, and nothing else. The matrix of what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_usage import connect
from places import SEED

LOOKS = (
    "select count(*) from requests",
    "from requests select request_id",
    "with a as (select 1 as x) select x from a",
    "describe requests",
    "summarize requests",
    "show tables",
    "explain select 1",
    "pivot requests on provider using count(*)",
    "values (1)",
    "select * from duckdb_settings() limit 1",
)
REACHES = (
    "select * from read_text('{file}')",
    "select * from read_csv('{file}')",
    "select * from '{file}'",
    "select * from read_blob('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from read_json('{file}')",
    "select * from read_parquet('{file}')",
    "copy requests to '{new}' (format csv)",
    "copy (select 1) to '{new}'",
    "attach '{new}' as other",
    "export database '{new}'",
    "import database '{new}'",
    "install httpfs",
    "load httpfs",
    "select * from 'https://example.com/x.parquet'",
    "select * from 's3://bucket/x.parquet'",
    "set enable_external_access = true",
    "set allowed_paths = ['{file}']",
    "set lock_configuration = false",
    "reset lock_configuration",
    "pragma enable_external_access = true",
    "create table t as select 1",
    "insert into raw.settings select * from raw.settings",
    "drop view requests",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "use raw",
    "select 1; select 2",
    "",
)


@pytest.fixture
def places(cli, tmp_path: Path) -> dict[str, Path]:
    cli("ingest", SEED)
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,sesame\n")
    return {"file": secret, "new": tmp_path / "made"}


@pytest.mark.parametrize("sql", LOOKS)
def test_may(cli, places, sql: str) -> None:
    assert cli("query", sql).output.strip()


def test_may_not(cli, places) -> None:
    for sql in REACHES:
        result = cli("query", sql.format(**places), code=2)
        assert result.stderr.startswith("error: SQL: "), sql
        assert "sesame" not in result.output, sql
        assert "root:" not in result.output, sql
        assert not places["new"].exists(), sql
        assert "Traceback" not in result.stderr, sql
    assert cli("query", "select count(*) from requests", "--format", "csv").output.split() == ["count_star()", "1"]


def test_may_with_a_word(cli, places) -> None:
    assert "sesame" in cli("query", "--allow-files", f"select * from '{places['file']}'").output
    cli("query", "--allow-files", f"copy (select 1) to '{places['new']}'")
    assert places["new"].exists()
    assert "--allow-files" in cli("query", f"select * from '{places['file']}'", code=2).stderr


def test_nothing_downloads(cli, places, tmp_path: Path) -> None:
    with connect(tmp_path / "lake") as connection:
        for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert connection.execute(f"select current_setting('{name}')").fetchall() == [(False,)]
