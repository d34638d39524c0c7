"""Owns running somebody's SQL over the views; must not know where the rows came from nor how they are shown.

A statement that a person typed, pasted or was given may only look at the lake. DuckDB itself reads and writes any file, attaches
databases and downloads extensions; so the connection is locked before the statement is seen. Source: DuckDB, "Securing DuckDB".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from llm_usage.errors import ConfigError

#: MULTI is what PIVOT becomes.
_LOOKS = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.MULTI})
_NO_FILES = re.compile(r"(?i)permission error|file system .* disabled|disabled by configuration|configuration has been locked")
_LOOKS_AROUND = re.compile(r"(?i)\b(describe|show|summarize|explain|pragma\w*|information_schema|pg_\w+|duckdb_\w+|query(_table)?)\b")
_WORD = re.compile(r"\w+")
_NEAR = "`llm-usage schema` and `llm-usage report --list` name tables, columns and views"
_ALLOW = "--allow-files lets a statement read and write files"


def readers(sql: str) -> list[str] | None:
    """What of the views a statement can read, for `llm_usage.query.session.connect`: any word may name one. None: it asks what there is."""
    if _LOOKS_AROUND.search(sql):
        return None
    return [f"{schema}.{word}" for word in _WORD.findall(sql) for schema in ("marts", "staging")]


def lock(connection: duckdb.DuckDBPyConnection, files: Iterable[str]) -> None:
    """From here on the connection reads these files and no other, writes none, downloads nothing, and cannot be unlocked."""
    connection.execute("set allowed_paths = $1", [sorted(files)])
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def run_sql(connection: duckdb.DuckDBPyConnection, sql: str, *, locked: bool = True) -> pa.Table:
    """The rows of one statement as Arrow.

    Args:
        connection: over a lake; see `lock`.
        sql: one statement.
        locked: it may only look.

    Raises:
        ConfigError: it is not one statement, or may not be run, or DuckDB does not take it; its own words say where.
    """
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise ConfigError("SQL", f"{len(statements)} statements were given", "Give one")
        if locked and statements[0].type not in _LOOKS:
            raise ConfigError("SQL", f"a statement of kind {statements[0].type.name} does more than look", _ALLOW)
        relation = connection.sql(sql)
        if relation is None:
            return pa.table({"done": pa.array([True])})
        return relation.to_arrow_table()
    except duckdb.Error as error:
        text = _on_one_line(str(error))
        raise ConfigError("SQL", text, _ALLOW if locked and _NO_FILES.search(text) else _NEAR) from None


def _on_one_line(text: str) -> str:
    """DuckDB's message without the drawing below it that points into the statement."""
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line for line in lines if line.strip("^"))
