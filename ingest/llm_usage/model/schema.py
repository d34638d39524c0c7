"""Owns THE tables: each column once, with its Arrow type, whether it may be NULL, its unit and one sentence.

Arrow schemas, SQL comments, docs and ``llm-usage schema`` derive from here. Must not know how a value is found.
The tables themselves are declared in `llm_usage.model.tables`, one list a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

#: Bumped when a table changes in a way that old lakes cannot be read with.
SCHEMA_VERSION = 2

STRING = pa.string()
ENUM = pa.dictionary(pa.int32(), pa.string())
BOOL = pa.bool_()
INT16, INT32, INT64 = pa.int16(), pa.int32(), pa.int64()
MONEY = pa.decimal128(20, 12)
INSTANT = pa.timestamp("us", tz="UTC")
REAL = pa.float64()
STRINGS = pa.list_(pa.string())
#: What is charged beside tokens: up to six decimals, as audio is charged by parts of a second.
QUANTITY = pa.decimal128(20, 6)
BILLED_UNITS = pa.list_(pa.struct([("unit", pa.string()), ("quantity", QUANTITY), ("read_from", pa.string())]))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its contract."""

    name: str
    type: pa.DataType
    doc: str
    """One sentence."""
    unit: str | None = None
    nullable: bool = True
    values: tuple[str, ...] | None = None
    """Every value an enumeration may have, in order of precedence where there is one; None = open."""

    @property
    def comment(self) -> str:
        """The sentence, with the unit and the values behind it."""
        parts = [self.doc]
        if self.unit:
            parts.append(f"[{self.unit}]")
        if self.values:
            parts.append(f"One of: {', '.join(self.values)}.")
        return " ".join(parts)

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column."""
        return _sql_type(self.type)


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind):
        return "VARCHAR"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ"
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"STRUCT({', '.join(f'{field.name} {_sql_type(field.type)}' for field in kind)})"
    return {BOOL: "BOOLEAN", INT16: "SMALLINT", INT32: "INTEGER", INT64: "BIGINT", REAL: "DOUBLE"}[kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the lake."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def arrow(self) -> pa.Schema:
        """The Arrow schema, with each column's sentence as field metadata ``comment``."""
        return pa.schema(
            [
                pa.field(c.name, c.type, c.nullable, metadata={"comment": c.comment, **({"unit": c.unit} if c.unit else {})})
                for c in self.columns
            ],
            metadata={"table": self.name, "schema_version": str(SCHEMA_VERSION)},
        )

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def names(self) -> Sequence[str]:
        """Column names in order."""
        return [c.name for c in self.columns]


#: Kinds of a chunk, in order of precedence: the first that applies.
KINDS = (
    "malformed",
    "error",
    "done",
    "comment",
    "ping",
    "tool_call",
    "content",
    "refusal",
    "reasoning",
    "finish",
    "usage",
    "role",
    "metadata",
    "body",
)
STATUSES = ("http_error", "stream_error", "unparseable", "empty", "truncated", "ok")
USAGE_SOURCES = ("final", "last_cumulative", "partial", "none")
REASONING_ACCOUNTING = ("included", "separate", "none", "ambiguous")
TIMING_SOURCES = ("per_chunk", "total", "headers_only", "server", "none")
STARTED_AT_SOURCES = ("recorder", "response_created", "id_embedded", "date_header", "unknown")
#: How traffic is paid for, where it is said. Words of OpenAI, Anthropic, Google and AWS beside `service_tier`, which stays verbatim.
TRAFFIC = ("on_demand", "flex", "priority", "batch", "provisioned", "subscription")
COST_REPORTED_BY = ("provider", "gateway", "client")
RECORDING_KINDS = ("wire", "log")
OUTCOMES = ("ingested", "ignored", "rejected", "removed")
