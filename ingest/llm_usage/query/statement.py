"""Owns running somebody's SQL over the views; must not know where the rows came from nor how they are shown."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from llm_usage.errors import ConfigError


def run_sql(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The rows of one statement as Arrow.

    Raises:
        ConfigError: DuckDB does not take the statement; its own words say where.
    """
    try:
        relation = connection.sql(sql)
        if relation is None:
            return pa.table({"done": pa.array([True])})
        return relation.to_arrow_table()
    except duckdb.Error as error:
        raise ConfigError(
            "SQL", _on_one_line(str(error)), "`llm-usage schema` and `llm-usage report --list` name tables, columns and views"
        ) from None


def _on_one_line(text: str) -> str:
    """DuckDB's message without the drawing below it that points into the statement."""
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line for line in lines if line.strip("^"))
