"""Owns the account of one request: file, exchange, frames and bytes behind each number, its cost, its clock.

Must not know how it is said or shown: `llm_usage.reports.sentences` has the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from llm_usage.errors import ConfigError
from llm_usage.reports.account import ClockAccount, Cost, clock_of, cost_of

#: Views that `explain` reads.
READS = ("staging.requests", "staging.chunks")


@dataclass(frozen=True, slots=True)
class Account:
    """What `explain` found, section by section; values, no words."""

    request_id: str
    where: Mapping[str, Any]
    numbers: pa.Table
    """Which frame each number comes from."""
    cost: Cost
    clock: ClockAccount


def explain(connection: duckdb.DuckDBPyConnection, wanted: str) -> Account:
    """The account of the request whose id is, or begins with, ``wanted``; or ``PATH#INDEX``.

    Raises:
        ConfigError: no request, or more than one, is meant.
    """
    row = find(connection, wanted)
    identity = row["request_id"]
    numbers = rows(
        connection,
        """from (
               select chunk_index as frame, kind, byte_offset, frame_bytes,
                      cum_input_tokens, cum_output_tokens, cost_usd, finish_reason
               from staging.chunks
               where request_id = $1
                 and (has_usage or finish_reason is not null or cost_usd is not null or kind in ('error', 'done', 'malformed'))
               order by chunk_index desc limit 200
           ) order by frame""",  # the last value wins, so the last frames are those that explain
        [identity],
    )
    where = {
        "source": row["source"],
        "recording": row["recording_path"],
        "format": row["recording_format"],
        "sha256": row["recording_sha256"],
        "exchange": row["exchange_index"],
        "attempt": row["attempt"],
        "called": f"{row['server_address'] or '?'}{row['url_path'] or ''}",
        "api": row["api"],
        "asked, answered": f"{row['request_model'] or '?'}, {row['response_model'] or '?'}",
        "served by": " via ".join(part for part in (row["provider"], row["gateway"]) if part) or "not known",
        "status": f"{row['http_status'] or '?'}, {row['status']}",
        "frames": row["frame_count"],
        "body": f"{row['body_bytes']:,} bytes, sha256 {row['body_sha256']}",
        "usage as sent": row["usage_json"],
        "anomalies": ", ".join(row["usage_anomalies"] or ()) or "none",
    }
    return Account(identity, where, numbers, cost_of(row), clock_of(row))


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> pa.Table:
    """What a query with parameters gives, as an Arrow table."""
    relation = connection.sql(sql, params=parameters)
    if relation is None:
        raise TypeError("a select gives a relation")
    return relation.to_arrow_table()


def find(connection: duckdb.DuckDBPyConnection, wanted: str) -> dict[str, Any]:
    """The row of ``staging.requests`` whose id is, or begins with, ``wanted``; or ``PATH#INDEX``.

    Raises:
        ConfigError: no request, or more than one, is meant.
    """
    path, hash_sign, index = wanted.rpartition("#")
    if hash_sign and index.isdigit():
        which, parameters = "(recording_path = $1 or ends_with(recording_path, '/' || $1)) and exchange_index = $2", [path, int(index)]
    else:
        which, parameters = "starts_with(request_id, $1)", [wanted]
    found = rows(connection, f"select * from staging.requests where {which} limit 3", parameters)
    if found.num_rows == 0:
        raise ConfigError(wanted, "no such request", "Name a request_id, the beginning of one, or RECORDING_PATH#EXCHANGE_INDEX")
    if found.num_rows > 1:
        raise ConfigError(wanted, "more than one request is meant", "Give more of the request_id")
    row: dict[str, Any] = found.to_pylist()[0]
    return row
