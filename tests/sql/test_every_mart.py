"""What holds for every view: it answers on an empty lake, is named as its file, is commented in full, and can be split."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from llm_usage.query import views
from llm_usage.query.sql_files import sql_files, sql_root
from small_lake import described, lake, request, rows

MARTS = [file.name for file in sql_files("20_marts")]
LAYERS = ("00_inputs", "05_macros", "10_staging", "20_marts", "checks")
RELATION = re.compile(r"create or replace (?:view|table|macro) (\w+)\.(\w+)")


def busy() -> list[dict[str, object]]:
    """A few requests that differ in every dimension."""
    return [
        request(
            f"q{i}",
            gateway=f"g{i % 2}",
            provider=f"p{i % 2}",
            response_model=f"m{i % 3}",
            project=f"x{i % 2}",
            user_label=f"u{i}",
            source=f"s{i % 2}",
            started_at=datetime(2025, 10, 1 + i, tzinfo=UTC) if i else None,
            input_tokens=10 + i,
            output_tokens=5 + i,
            cost_reported_usd=None,
        )
        for i in range(6)
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_file_makes_one_relation_of_its_name(layer: str) -> None:
    schemas = {"00_inputs": "raw", "05_macros": "staging", "10_staging": "staging", "20_marts": "marts"}
    for file in sql_files(layer):
        made = RELATION.findall(file.text)
        assert made == ([] if layer == "checks" else [(schemas[layer], file.name)]), file.name
        assert file.title.endswith("."), f"{layer}/{file.name} does not say what it is"


def test_the_folder_holds_nothing_else() -> None:
    strangers = [p for p in sql_root().rglob("*") if p.is_file() and p.suffix not in {".sql", ".md"} and p.name != ".gitkeep"]
    assert strangers == []


@pytest.mark.parametrize("schema", ["raw", "staging", "marts"])
def test_every_column_is_commented(schema: str) -> None:
    stored = {"recordings", "requests", "chunks", "runs"} if schema == "raw" else set()
    for view in described(schema):
        if view.name not in stored:
            assert view.comment, view.name
            assert [c.name for c in view.columns if not c.comment] == [], view.name


def test_no_working_column_reaches_a_report() -> None:
    """Those begin with `_` and are for the view above only; `* replace` would change a column without a word on it."""
    connection = lake()
    for file in sql_files("20_marts"):
        assert [name for name in connection.sql(f"from marts.{file.name} limit 0").columns if name[0] == "_"] == [], file.name
    for file in sql_files("10_staging"):
        assert not re.search(r"\*\s*(exclude\s*\([^)]*\)\s*)?replace\b", re.sub(r"--.*", "", file.body)), file.name


def test_a_layer_reads_only_what_lies_below_it() -> None:
    above = {
        "00_inputs": ("staging.", "marts."),
        "05_macros": ("marts.", "raw."),
        "10_staging": ("marts.",),
        "20_marts": ("raw.requests", "raw.chunks", "raw.recordings"),
    }
    for layer, forbidden in above.items():
        for file in sql_files(layer):
            body = re.sub(r"--.*", "", file.body)
            assert [name for name in forbidden if name in body] == [], f"{layer}/{file.name}"
            if layer == "20_marts":
                assert set(re.findall(r"marts\.(\w+)", body)) == {file.name}


@pytest.mark.parametrize("name", MARTS)
def test_an_empty_lake_is_no_error(name: str) -> None:
    connection = lake()
    found = connection.sql(f"from marts.{name}").to_arrow_table()
    assert '"NULL"' not in str(found.schema)
    assert found.num_rows == 0
    assert connection.sql(f"select count(*) from {name}").fetchall() == [(0,)], "not reachable by its bare name"


@pytest.mark.exhaustive
@pytest.mark.parametrize("file", [f for f in sql_files("20_marts") if f.by], ids=lambda f: f.name)
def test_a_mart_can_be_split_by_what_it_says(file: object) -> None:
    name, by = file.name, file.by  # type: ignore[attr-defined]
    assert set(by) <= set(views.DIMENSIONS)
    plain = rows(lake(busy()), f"from marts.{name}")
    for dimension in by:
        assert {r[dimension] for r in plain} <= {None}, f"{dimension} is split though nobody asked"
        split = rows(lake(busy(), settings=views.Settings(by=(dimension,))), f"from marts.{name}")
        if split:
            expected = 5 if dimension == "day" else 2
            assert len({r[dimension] for r in split if r[dimension] is not None}) >= min(expected, 1 if dimension == "api" else 2), (
                dimension
            )
        others = {r[d] for r in split for d in by if d != dimension}
        assert others <= {None}
        if "requests" in (split[0] if split else {}):
            assert sum(r["requests"] for r in split) == sum(r["requests"] for r in plain), dimension


#: One row a request or a chunk, by purpose.
UNGROUPED = {"otel_spans", "stream_timing", "chunk_timeline"}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sorted(set(MARTS) - UNGROUPED))
def test_rows_are_split_by_dimensions_and_never_by_measures(name: str) -> None:
    """A count that slips into GROUP BY ALL splits a total into rows that each look like it."""
    like = request(
        provider="p", response_model="m", timing_source="per_chunk", arrival_origin="request", is_stream=True, token_frame_count=9,
        reasoning_accounting="included", cache_write_tokens=3,
    )  # fmt: skip
    varied = [
        dict(
            like,
            request_id=f"q{i}",
            logical_request_id=f"q{i}",
            body_sha256=f"b{i}",
            input_tokens=10 + i,
            cache_read_tokens=i % 5,
            output_tokens=5 + i,
            reasoning_tokens=i % 4,
            total_tokens_reported=15 + 2 * i,
            cost_reported_usd=i + 1,
            headers_ns=i + 1,
            ttft_ns=i + 2,
            e2e_ns=i * 10 + 20,
            stream_span_ns=i * 9 + 18,
            usage_source="final",
        )
        for i in range(30)
    ]
    one, many = (rows(lake(given), f"from marts.{name}") for given in (varied[1:2], varied))
    assert len(many) == len(one)
