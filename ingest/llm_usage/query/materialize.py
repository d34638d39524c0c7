"""Owns working out ``staging.requests`` once for many reports: prices and duplicates are joined one time, not once a mart.

Must not know which reports those are nor how they are shown. The rows are the same ones; only when they are computed differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from llm_usage.query.sql_files import SqlFile

_WORD = re.compile(r"\w+")
#: Strings and remarks, in one pass: either may hold what begins the other.
_NOT_SQL = re.compile(r"'(?:[^']|'')*'|--.*")


def freeze(connection: duckdb.DuckDBPyConnection, readers: Iterable[str] | None = None) -> None:
    """Put a table in the place of ``staging.requests`` and ``staging.live_requests``; the views on top of them read it.

    Later changes of ``raw.settings`` no longer show in them. Does nothing where it was done before.

    Args:
        connection: as `llm_usage.query.views.install` leaves it.
        readers: the statements that will be asked; columns whose name none of them mentions are left out. All columns without it.
    """
    if "frozen_requests" in connection.execute(_VIEW).fetchall()[0][0]:
        return
    names = [name for (name,) in connection.execute(_COLUMNS).fetchall()]
    if readers is not None:
        # A word of the text is a superset of what is read: a column too many costs memory, one too few would be an error.
        words = set(_WORD.findall(" ".join(_NOT_SQL.sub("", text) for text in readers)))
        names = [name for name in names if name in words]
    columns = ", ".join(f'"{name}"' for name in names)
    connection.execute(f"create or replace table staging.frozen_requests as select {columns} from staging.requests")
    redirect(connection, "staging.frozen_requests")


def redirect(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Let ``staging.requests`` and ``staging.live_requests`` read ``table``, which holds what ``staging.requests`` gave."""
    for view in ("requests", "live_requests"):
        connection.execute(f"create or replace view staging.{view} as from {table}")


@contextmanager
def hollow(connection: duckdb.DuckDBPyConnection, staging: Iterable[SqlFile]) -> Iterator[None]:
    """While views are made, let them see an empty table in the place of ``staging.requests``; afterwards that is as it was.

    DuckDB works a view out when it is made, with all that is under it. Under each mart lie prices and duplicates: making thirty
    marts takes half the time when they are worked out once, for their columns.
    """
    bodies = {file.name: file.body for file in staging}
    if "requests" not in bodies:
        yield
        return
    connection.execute("create or replace table staging._columns as from staging.requests limit 0")
    redirect(connection, "staging._columns")
    try:
        yield
    finally:
        for name in ("live_requests", "requests"):
            connection.execute(bodies[name])
        connection.execute("drop table staging._columns")


_COLUMNS = "select column_name from duckdb_columns() where schema_name = 'staging' and table_name = 'requests' order by column_index"
_VIEW = "select sql from duckdb_views() where schema_name = 'staging' and view_name = 'requests'"
