"""A lake of schema version 1 is refused with a clear word and read anew by ``rebuild``: its new columns are there and filled."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest
from deltalake import DeltaTable

import llm_usage.lake as lake_package
from llm_usage.lake import log, mark
from llm_usage.lake.parts import logical_schema
from llm_usage.model import rows, schema, tables
from places import SAMPLE

#: Columns of ``requests`` that version 2 brought.
NEW = {
    *("billed_units", "speed", "inference_region", "traffic", "gateway_cache_hit", "cost_reported_by", "cost_other", "cost_currency"),
    *("recording_kind", "response_created_at", "cache_read_audio_tokens", "cache_read_image_tokens"),
}


@pytest.fixture
def old_lake(cli, tmp_path: Path):
    """A lake as version 1 wrote it: the tables as they were declared then."""
    then = tuple(column for column in tables.REQUESTS.columns if column.name not in NEW)
    new = tables.REQUESTS.columns
    assert len(new) - len(then) == len(NEW)
    object.__setattr__(tables.REQUESTS, "columns", then)
    try:
        with (
            mock.patch.object(schema, "SCHEMA_VERSION", 1),
            mock.patch.object(mark, "SCHEMA_VERSION", 1),
            mock.patch.object(lake_package, "SCHEMA_VERSION", 1),
        ):
            cli("ingest", "--workers", 0, SAMPLE)
    finally:
        object.__setattr__(tables.REQUESTS, "columns", new)
    assert rows.to_arrow(tables.REQUESTS, []).schema.names == list(tables.REQUESTS.names)
    return tmp_path / "lake"


def names(lake: Path) -> set[str]:
    return {field.name for field in DeltaTable(str(lake / "requests")).schema().fields}


@pytest.mark.exhaustive
def test_a_lake_of_version_1_is_refused_and_then_read_anew(cli, old_lake: Path) -> None:
    assert not NEW & names(old_lake)
    assert json.loads((old_lake / "lake.json").read_text())["schema_version"] == 1
    for command in (("ingest", SAMPLE), ("report",), ("query", "select 1")):
        said = cli(*command, code=2).stderr
        assert "schema version 1, this program writes version 2" in said
        assert "llm-usage rebuild" in said
    cli("rebuild")
    assert not list(old_lake.rglob("*.torn-*")), "the entry that brings new columns is whole"
    assert names(old_lake) == {field.name for field in logical_schema(tables.REQUESTS)}
    asked = "select count(*) as n, count(recording_kind) as kinds, count(response_created_at) as created from requests"
    (row,) = json.loads(cli("query", "--format", "json", asked).stdout)
    assert row["n"] == row["kinds"] > row["created"] > 0
    cli("check", "--deep")


def test_the_entry_that_brings_columns_is_torn_when_they_are_cut_off(old_lake: Path, cli) -> None:
    cli("rebuild")
    entries = sorted((old_lake / "requests" / "_delta_log").glob("*.json"))
    (brings,) = [path for path in entries if '"ADD COLUMN"' in path.read_text()]
    brings.write_bytes(brings.read_bytes().splitlines(keepends=True)[0])
    assert log.torn(old_lake / "requests") == [brings]
