"""Small lakes for tests: rows as dicts with defaults, on a connection whose schema ``raw`` looks as `llm_usage.lake` leaves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

import duckdb
import pyarrow as pa

from llm_usage.model.schema import Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS
from llm_usage.query import views
from llm_usage.query.sql_files import sql_files

Row = dict[str, Any]
NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)
_BLANK = {"string": "", "bool": False, "int16": 0, "int32": 0, "int64": 0}


def request(request_id: str = "q1", **values: Any) -> Row:
    """A request row: an ok chat stream at noon of 2025-10-01 UTC, with nothing known about tokens, money or time."""
    row: Row = {
        "recording_id": "r1",
        "generation": "g1",
        "request_id": request_id,
        "source": "test",
        "recording_path": f"{values.get('recording_id', 'r1')}.yaml",
        "recording_sha256": f"sha-{values.get('recording_id', 'r1')}",
        "recording_format": "go_vcr",
        "logical_request_id": request_id,
        "attempt": 1,
        "started_at": NOON,
        "started_at_source": "recorder",
        "api": "openai_chat",
        "operation": "chat",
        "is_stream": True,
        "http_status": 200,
        "status": "ok",
        "usage_source": "final" if values.get("input_tokens") is not None else "none",
        "timing_source": "none",
        "frame_count": 3,
        "token_frame_count": 1,
        "body_sha256": f"body-{request_id}",
    }
    return {**row, **values}


def chunk(request_id: str = "q1", chunk_index: int = 0, **values: Any) -> Row:
    """A chunk row: four bytes of text, no clock."""
    row: Row = {
        "recording_id": "r1",
        "generation": "g1",
        "request_id": request_id,
        "chunk_index": chunk_index,
        "kind": "content",
        "is_token_bearing": True,
        "byte_offset": chunk_index * 100,
        "frame_bytes": 100,
        "data_bytes": 92,
        "timing_source": "none",
        "text_bytes": 4,
        "text_chars": 4,
    }
    return {**row, **values}


def recording(recording_id: str = "r1", **values: Any) -> Row:
    """A ledger row: ingested, nothing in it."""
    row: Row = {
        "recording_id": recording_id,
        "source": "test",
        "recording_path": f"{recording_id}.yaml",
        "recording_sha256": f"sha-{recording_id}",
        "size_bytes": 1000,
        "recording_format": "go_vcr",
        "parser_version": "1",
        "generation": "g1",
        "revision": 1,
        "outcome": "ingested",
        "run_id": "run1",
        "ingested_at": NOON,
    }
    return {**row, **values}


def run(run_id: str = "run1", **values: Any) -> Row:
    """A row of runs."""
    return {"run_id": run_id, "started_at": NOON, "finished_at": NOON, "program_version": "0", **values}


def lake(
    requests: Iterable[Row] = (),
    chunks: Iterable[Row] = (),
    recordings: Iterable[Row] | None = None,
    runs: Iterable[Row] = (),
    *,
    settings: views.Settings | None = None,
    prices: pa.Table | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection with these rows and all views. Without ``recordings`` the ledger is the one that fits the rows."""
    requests, chunks = list(requests), list(chunks)
    connection = raw(requests, chunks, _ledger(requests, chunks) if recordings is None else recordings, runs)
    install(connection, settings, prices)
    return connection


class Pool:
    """Connections on which every view is made already: making them takes most of a second of CPU, filling tables milliseconds.

    The first one that a test asks for is the first of the pool again, and so on; one whose views a test has changed is given up.
    """

    connections: ClassVar[list[duckdb.DuckDBPyConnection]] = []
    made: ClassVar[dict[int, str]] = {}
    """Of connections that have all views (by id): what the views were."""
    taken = 0

    @classmethod
    def take(cls) -> duckdb.DuckDBPyConnection:
        place, cls.taken = cls.taken, cls.taken + 1
        if place == len(cls.connections):
            cls.connections.append(_empty())
        found = cls.connections[place]
        if id(found) in cls.made and views_of(found) != cls.made[id(found)]:
            found = cls.connections[place] = _empty()
        return found


def views_of(connection: duckdb.DuckDBPyConnection) -> str:
    """What its views are; empty when it was closed."""
    try:
        return str(connection.execute("select list(schema_name || sql order by all) from duckdb_views() where not internal").fetchall())
    except duckdb.Error:
        return ""


def _empty() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema raw")
    Pool.made.pop(id(connection), None)  # an id is that of another object once the first is gone
    return connection


def install(
    connection: duckdb.DuckDBPyConnection, settings: views.Settings | None = None, prices: pa.Table | None = None, *, comments: bool = False
) -> None:
    """As `views.install`; on a connection of the pool that has the views, only what depends on settings, prices and rows."""
    if id(connection) not in Pool.made or comments:
        views.install(connection, settings, prices, comments=comments)
        Pool.made[id(connection)] = views_of(connection)
        return
    settings = settings or views.Settings()
    views._check(settings)
    zone = views.check_zone(settings.time_zone, "time zone")
    connection.execute(f"set TimeZone = '{zone}'")
    for file in sql_files(views.LAYERS[0]):
        connection.execute(file.body)
    views._fill(connection, settings, prices)
    for file in sql_files("10_staging"):
        if "create or replace table" in file.body:
            connection.execute(file.body)


def raw(
    requests: Iterable[Row] = (), chunks: Iterable[Row] = (), recordings: Iterable[Row] = (), runs: Iterable[Row] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection with these tables in the schema ``raw``; see `install` for the views."""
    connection = Pool.take()
    for table, rows in ((REQUESTS, requests), (CHUNKS, chunks), (RECORDINGS, recordings), (RUNS, runs)):
        put(connection, table, rows)
    return connection


def put(connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make (or replace) one table of ``raw``."""
    fields = [pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type, f.nullable) for f in table.arrow()]
    columns: dict[str, list[Any]] = {field.name: [] for field in fields}
    for row in rows:
        unknown = row.keys() - columns.keys()
        assert not unknown, f"{table.name} has no {unknown}"
        for field in fields:
            default = None if field.nullable else _BLANK.get(str(field.type), NOON)
            columns[field.name].append(row.get(field.name, default))
    arrays = [pa.array(columns[field.name], field.type) for field in fields]
    connection.register("_rows", pa.Table.from_arrays(arrays, schema=pa.schema(fields)))
    connection.execute(f"create or replace table raw.{table.name} as from _rows")
    connection.unregister("_rows")


@cache
def described(schema: str) -> list[views.View]:
    """The views of a schema with their comments."""
    connection = duckdb.connect()
    connection.execute("create schema raw")
    for table in (REQUESTS, CHUNKS, RECORDINGS, RUNS):
        put(connection, table, [])
    views.install(connection)
    return views.marts(connection, schema)


def _ledger(requests: list[Row], chunks: list[Row]) -> list[Row]:
    count, frames = Counter(r["recording_id"] for r in requests), Counter(c["recording_id"] for c in chunks)
    return [
        recording(
            name,
            recording_sha256=next((r["recording_sha256"] for r in requests if r["recording_id"] == name), f"sha-{name}"),
            exchanges=count[name],
            llm_requests=count[name],
            chunks=frames[name],
        )
        for name in sorted(count.keys() | frames.keys())
    ]


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """The rows of a query as dicts; decimals and instants exact."""
    return connection.sql(query).to_arrow_table().to_pylist()


def row(connection: duckdb.DuckDBPyConnection, query: str) -> Row:
    """The one row of a query."""
    (only,) = rows(connection, query)
    return only
