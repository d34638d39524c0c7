"""The tables are declared once; everything else that names columns agrees with them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from llm_usage.model.chunk_rows import ChunkBuilder
from llm_usage.model.rows import RecordingRow, RequestRow, getters, to_arrow
from llm_usage.model.schema import KINDS, MONEY
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS, TABLES
from places import SHARED


@pytest.mark.parametrize(("row", "table"), [(RequestRow, REQUESTS), (RecordingRow, RECORDINGS)])
def test_row_dataclass_equals_table(row, table) -> None:
    assert set(getters(row)) == set(table.names)


def test_chunk_builder_makes_the_declared_table() -> None:
    assert ChunkBuilder().take().schema.equals(CHUNKS.arrow(), check_metadata=True)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_column_has_a_sentence_and_the_arrow_field_carries_it(table) -> None:
    for column, field in zip(table.columns, table.arrow(), strict=True):
        assert column.doc.endswith(".")
        assert column.doc[0].isupper() or column.doc[0].isdigit()
        assert field.metadata[b"comment"].decode() == column.comment
        assert column.sql_type


@pytest.mark.parametrize("table", [REQUESTS, CHUNKS, RECORDINGS, RUNS], ids=lambda t: t.name)
def test_no_float_touches_money_or_tokens(table) -> None:
    for column in table.columns:
        if column.name.endswith("_usd"):
            assert column.type == MONEY
        if column.name.endswith(("_tokens", "_ns", "_bytes")):
            assert pa.types.is_integer(column.type)


def test_units_are_in_names() -> None:
    for table in TABLES:
        for column in table.columns:
            if column.unit == "USD":
                assert column.name.endswith("_usd")
            if column.unit == "ns":
                assert column.name.endswith("_ns")


def test_every_name_of_the_design_is_there() -> None:
    """The contract: names in design/schema.md may not be renamed."""
    design = SHARED / "design" / "schema.md"
    if not design.is_file():
        pytest.skip("../shared/design is not here")
    text = design.read_text(encoding="utf-8")
    section = text.split("## requests")[1].split("## chunks")[0]
    named = set()
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith(("| column", "|--")):
            named |= set(re.findall(r"[a-z][a-z0-9_]+", line.split("|")[1].replace("PK", "")))
    assert named - set(REQUESTS.names) == set()
    chunk_words = set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+", text.split("## chunks")[1].split("## recordings")[0]))
    known = set(CHUNKS.names) | {"tool_call", "message_start", "arrival_origin"}
    assert {w for w in chunk_words if w.endswith(("_index", "_bytes", "_tokens", "_ns", "_usd", "_at", "_id", "_name"))} - known == set()


def test_empty_tables_are_typed() -> None:
    assert to_arrow(REQUESTS, []).schema.equals(REQUESTS.arrow())
    assert len(KINDS) == 14


def test_schema_command_shows_every_column(cli) -> None:
    tree = json.loads(cli("schema", "--format", "json").output)
    for table in TABLES:
        assert [c["name"] for c in tree["tables"][table.name]["columns"]] == list(table.names)
    for column in CHUNKS.columns:
        assert column.name in cli("schema", "chunks").output


def test_sample_folder_has_a_readme() -> None:
    assert (Path(__file__).parent.parent / "data" / "README.md").is_file()
