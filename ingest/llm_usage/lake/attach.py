"""Owns the lake as DuckDB sees it: schema ``raw`` with one relation a table; must not know what any view makes of it.

The ledger is opened first, so whatever it names as live is in the fact files listed after it. The files of a version are
listed by name: a connection goes on seeing that version whatever writers, compaction or vacuum do within seven days.
"""

from __future__ import annotations

import duckdb

from llm_usage.lake import Lake
from llm_usage.model.schema import Table
from llm_usage.model.tables import TABLES

_GLOB = {"[": "[[]", "*": "[*]", "?": "[?]"}


def attach(connection: duckdb.DuckDBPyConnection, lake: Lake | None) -> None:
    """Create ``raw.recordings``, ``raw.requests``, ``raw.chunks`` and ``raw.runs``; no lake, or an empty one, gives empty tables.

    Raises:
        LakeError: the lake cannot be read.
    """
    connection.execute("create schema if not exists raw")
    for table in TABLES:
        files = lake.files(table) if lake is not None else []
        if files:
            names = ", ".join(quote(literal_path(f)) for f in files)
            columns = ", ".join(f'cast("{c.name}" as {c.sql_type}) as "{c.name}"' for c in table.columns)
            connection.execute(f"create or replace view raw.{table.name} as select {columns} from read_parquet([{names}])")
        else:
            connection.execute(empty_table(table))


def empty_table(table: Table) -> str:
    """The statement that makes an empty typed table."""
    columns = ", ".join(f'"{c.name}" {c.sql_type}' for c in table.columns)
    return f"create or replace table raw.{table.name} ({columns})"


def literal_path(path: str) -> str:
    """A path as a glob pattern that matches just it: DuckDB takes every path for a pattern."""
    return "".join(_GLOB.get(char, char) for char in path)


def quote(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
