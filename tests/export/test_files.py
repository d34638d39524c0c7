"""Reports as files: exact in every format, the same bytes each time, and never half a file."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import llm_usage
from llm_usage import export, render
from llm_usage.errors import ConfigError
from llm_usage.query import views
from llm_usage.query.materialize import freeze
from llm_usage.query.session import connect
from llm_usage.query.sql_files import sql_files
from llm_usage.render.text import unique
from llm_usage.reports.report import in_total_order, run_report
from places import PROJECT, SAMPLE

AS_OF = ("--as-of", "2026-01-01")


@pytest.fixture(scope="module")
def lake(sample_lake: Path) -> Path:
    return sample_lake


@pytest.fixture(scope="module")
def written(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = views.Settings()
    folder = tmp_path_factory.mktemp("written")
    export.write_all(connect(lake, settings=settings), settings, folder)
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_report_in_every_format_and_the_page(written: Path) -> None:
    names = [file.name for file in sql_files("20_marts")]
    expected = {f"{name}.{form}" for name in names for form in ("csv", "json", "parquet", "arrow")} | {"index.html"}
    assert set(bytes_of(written)) == expected


@pytest.mark.exhaustive
def test_binary_formats_are_exact(lake: Path, written: Path) -> None:
    connection = connect(lake)
    freeze(connection)
    timeless = [f.name for f in sql_files("20_marts") if f.name not in {"freshness", "budget"}]
    for name in timeless:
        table = run_report(connection, name).table
        parquet, arrow = pq.read_table(written / f"{name}.parquet"), pa.ipc.open_file(written / f"{name}.arrow").read_all()
        assert parquet.to_pylist() == arrow.to_pylist() == table.to_pylist(), name
        assert parquet.schema.types == arrow.schema.types == table.schema.types, name


def test_text_formats_have_the_same_rows_and_digits(written: Path) -> None:
    for name in (file.name for file in sql_files("20_marts")):
        rows = pq.read_table(written / f"{name}.parquet").to_pylist()
        tree = json.loads((written / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)
        with (written / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            cells = list(csv.DictReader(file))
        assert len(rows) == len(tree) == len(cells)
        for row, node, cell in zip(rows, tree, cells, strict=True):
            for key, value in row.items():
                if isinstance(value, Decimal):
                    assert Decimal(node[key]) == Decimal(cell[key]) == value
                elif value is None:
                    assert node[key] is None
                    assert cell[key] == ""
                elif isinstance(value, bool):
                    assert (node[key], cell[key]) == (value, str(value).lower())
                elif isinstance(value, int):
                    assert int(node[key]) == int(cell[key]) == value
                elif isinstance(value, float):
                    assert float(node[key]) == float(cell[key]) == value
                elif isinstance(value, str):
                    assert node[key] == value
                    assert cell[key].removeprefix("'") == value


@pytest.mark.exhaustive
def test_two_runs_give_the_same_bytes(lake: Path, cli, tmp_path: Path) -> None:
    for name in ("one", "two"):
        cli("report", "--lake", lake, "--output", tmp_path / name, *AS_OF)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


@pytest.mark.exhaustive
def test_another_process_zone_and_hash_seed_give_the_same_bytes(lake: Path, tmp_path: Path) -> None:
    for number, zone in enumerate(("Asia/Tokyo", "America/New_York")):
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": str(number), "LLM_USAGE_LAKE": str(lake)}
        command = [sys.executable, "-m", "llm_usage", "report", "--output", str(tmp_path / zone), *AS_OF]
        subprocess.run(command, check=True, env=environment, cwd=PROJECT, capture_output=True)
    assert bytes_of(tmp_path / "Asia/Tokyo") == bytes_of(tmp_path / "America/New_York")


@pytest.mark.exhaustive
def test_another_lake_of_the_same_recordings_gives_the_same_page(lake: Path, tmp_path: Path, cli) -> None:
    llm_usage.ingest(SAMPLE, tmp_path / "again", source="sample")
    for name, folder in (("one", lake), ("two", tmp_path / "again")):
        cli("report", "--lake", folder, "--html", tmp_path / f"{name}.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.exhaustive
def test_every_report_has_an_order_that_leaves_nothing_open(lake: Path) -> None:
    connection = connect(lake)
    for file in sql_files("20_marts"):
        mart = next(m for m in views.marts(connection) if m.name == file.name)
        query = in_total_order(file, [column.name for column in mart.columns])
        assert query.endswith(", ".join(f'"{column.name}"' for column in mart.columns))
        ours, theirs = connection.sql(query).to_arrow_table(), connection.sql(f"from marts.{file.name}").to_arrow_table()
        assert sorted(map(str, ours.to_pylist())) == sorted(map(str, theirs.to_pylist())), file.name


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet", "arrow"])
def test_one_report_into_one_file(cli, lake: Path, tmp_path: Path, form: str) -> None:
    by_ending, by_option = tmp_path / f"a.{form}", tmp_path / "b"
    cli("report", "cost_daily", "--lake", lake, "--output", by_ending)
    cli("report", "cost_daily", "--lake", lake, "--output", by_option, "--format", form)
    assert by_ending.read_bytes() == by_option.read_bytes()
    if form in {"csv", "json", "ndjson"}:
        assert by_option.read_text(encoding="utf-8") == cli("report", "cost_daily", "--lake", lake, "--format", form).stdout


def test_several_reports_in_one_format(cli, lake: Path, tmp_path: Path) -> None:
    cli("report", "cost_daily", "latency", "--lake", lake, "--output", tmp_path / "out", "--format", "ndjson", "--since", "2025-01-01")
    assert set(bytes_of(tmp_path / "out")) == {"cost_daily.ndjson", "latency.ndjson"}


def test_query_into_a_file(cli, lake: Path, tmp_path: Path) -> None:
    cli("query", "select 1 as a, 0.50 as b", "--lake", lake, "--output", tmp_path / "x.arrow")
    assert pa.ipc.open_file(tmp_path / "x.arrow").read_all().to_pylist() == [{"a": 1, "b": Decimal("0.50")}]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("report", "cost_daily", "--format", "parquet"), "--output FILE"),
        (("query", "select 1", "--format", "arrow"), "--output FILE"),
        (("query", "select 1", "--output", "x"), "the format is not clear"),
        (("report", "cost_daily", "--output", "x.txt"), "the format is not clear"),
        (("report", "--format", "table", "--output", "x"), "is for the terminal"),
        (("report", "cost_daily", "--html", "x.html"), "Leave out"),
        (("report", "--by", "model", "--html", "x.html"), "Leave out"),
        (("report", "--html", "."), "is a directory"),
        (("report", "--html", "/proc/no/x.html"), "cannot be written"),
        (("report", "nothing", "--output", "out"), "there is no such report"),
        (("report", "cost_by_modl"), "Did you mean cost_by_model?"),
        (("report", "--format", "csv"), "8 reports are not one csv"),
        (("report", "cost_daily", "latency", "--format", "json"), "--output DIR"),
        (("query", "select nowhere\nfrom requests"), 'Referenced column "nowhere" not found in FROM clause! Candidate bindings'),
        (("report", "--as-of", "soon"), "--as-of"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(cli, lake: Path, args: tuple[str, ...], words: str) -> None:
    result = cli(*args, "--lake", lake, code=2)
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    export.write_table(pa.table({"a": [1]}), "csv", path)
    before = path.read_bytes()

    def fails(table: pa.Table, form: str, out: object) -> None:
        out.write(b"half")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(render, "write_file", fails)
    with pytest.raises(ConfigError, match="No space left"):
        export.write_table(pa.table({"a": [2]}), "csv", path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.exhaustive
def test_page_of_a_range_says_so(cli, lake: Path, tmp_path: Path) -> None:
    cli("report", "--lake", lake, "--html", tmp_path / "x.html", "--since", "2025-09-25", "--tz", "Europe/Berlin", "--all")
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "Only requests from 2025-09-25 00:00 CEST; repeats counted each time." in text
    assert "(Europe/Berlin)" in text


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet", "arrow"])
def test_columns_of_one_name_are_all_there(form: str, tmp_path: Path) -> None:
    export.write_table(pa.table([[1], [2], [3]], names=["a", "b", "a"]), form, tmp_path / "x")
    data = (tmp_path / "x").read_bytes()
    if form == "parquet":
        assert pq.read_table(tmp_path / "x").to_pylist() == [{"a": 1, "b": 2, "a_2": 3}]
    elif form == "arrow":
        assert pa.ipc.open_file(tmp_path / "x").read_all().to_pylist() == [{"a": 1, "b": 2, "a_2": 3}]
    elif form == "csv":
        assert data == b"a,b,a_2\n1,2,3\n"
    else:
        assert json.loads(data) in ({"a": 1, "b": 2, "a_2": 3}, [{"a": 1, "b": 2, "a_2": 3}])


@pytest.mark.parametrize("names", [["a", "a", "a_2"], ["a_2", "a", "a"], ["a"] * 4, ["a", "b"], ["a", "a", "a_2", "a_2", "a_3"], []])
def test_names_told_apart_make_no_new_twins(names: list[str]) -> None:
    told = unique(names)
    assert len(set(told)) == len(names)
    assert all(new == old or new.startswith(f"{old}_") for new, old in zip(told, names, strict=True))


def test_json_row_by_row_is_what_a_list_would_be(tmp_path: Path) -> None:
    for table in (
        pa.table({"a": [1, None], "b": ["x\ny", '{"z":\n1}'], "c": [[1, 2], []], "d": [Decimal("1.50"), None]}),
        pa.table({"a": pa.array([], pa.int64())}),
        pa.table({"a": list(range(25_000))}),
    ):
        export.write_table(table, "json", tmp_path / "x.json")
        whole = orjson.dumps(table.to_pylist(), default=render.jsonable, option=orjson.OPT_INDENT_2) + b"\n"
        assert (tmp_path / "x.json").read_bytes() == whole
