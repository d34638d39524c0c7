"""Owns large synthetic tables for measurements: a million request rows, one very long stream, many short ones.

Made by DuckDB from row numbers, so the same size always gives the same rows, and a million take seconds. Must not be
imported by `ingest`. Nothing here is recorded traffic.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from llm_usage.model.schema import Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS, TABLES

#: gateway, provider, model, share of the rows in percent; one model that no list knows is among them.
ROUTES = (
    (None, "openai", "gpt-4o-mini", 18),
    (None, "openai", "gpt-5", 12),
    (None, "anthropic", "claude-sonnet-4-5", 14),
    (None, "gcp.gemini", "gemini-2.5-pro", 10),
    (None, "deepseek", "deepseek-chat", 8),
    (None, "x_ai", "grok-4", 5),
    (None, "mistral_ai", "mistral-large-latest", 5),
    (None, "aws.bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", 6),
    ("openrouter", "groq", "moonshotai/kimi-k2-0905", 9),
    ("openrouter", "anthropic", "anthropic/claude-sonnet-4.5", 6),
    ("vercel", "openai", "openai/gpt-5", 3),
    (None, "self", "house-model-7b", 4),
)
PER_RECORDING = 20

_NOT_NULL = {
    "VARCHAR": "''",
    "BOOLEAN": "false",
    "BIGINT": "0",
    "INTEGER": "0",
    "SMALLINT": "0",
    "TIMESTAMPTZ": "timestamptz '2025-10-01 00:00:00+00'",
}

_REQUESTS = {
    "recording_id": "md5('r' || (i // 20))",
    "generation": "'g1'",
    "request_id": "md5('q' || i)",
    "source": "'synthetic'",
    "recording_path": "'day' || (i % 30) || '/file' || (i // 20) || '.yaml'",
    "recording_sha256": "md5('f' || (i // 20)) || md5('f2' || (i // 20))",
    "recording_format": "if(i % 5 < 2, 'har', 'go_vcr')",
    "exchange_index": "i % 20",
    "logical_request_id": "md5('l' || if(i % 50 = 1, i - 1, i))",
    "attempt": "if(i % 50 = 1, 2, 1)",
    "started_at": "if(i % 200 = 7, null, timestamptz '2025-09-01 00:00:00+00' + to_microseconds((i * 2592000000000) // greatest({n}, 1)))",
    "started_at_source": "if(i % 200 = 7, 'unknown', 'recorder')",
    "server_address": "'api.' || coalesce(gateway, provider) || '.example'",
    "url_path": "'/v1/chat/completions'",
    "api": "if(provider = 'anthropic' and gateway is null, 'anthropic_messages', 'openai_chat')",
    "operation": "'chat'",
    "gateway": "gateway",
    "provider": "provider",
    "provider_raw": "provider",
    "request_model": "model",
    "response_model": "model",
    "is_stream": "i % 10 > 0",
    "project": "'project-' || (i % 7)",
    "user_label": "'user-' || (i % 40)",
    "response_id": "if(i % 50 = 0, null, 'chatcmpl-' || if(i % 400 = 9, i - 1, i))",
    "http_status": "if(i % 50 = 0, 429, 200)",
    "status": "case when i % 50 = 0 then 'http_error' when i % 90 = 1 then 'truncated' else 'ok' end",
    "finish_reason": "if(i % 50 = 0 or i % 90 = 1, null, if(i % 11 = 0, 'tool_calls', 'stop'))",
    "terminator": "if(i % 50 = 0, null, 'done')",
    "input_tokens": "if(i % 50 = 0, null, 50 + (i * 7919) % 9000)",
    "cache_read_tokens": "if(i % 50 = 0, null, if(i % 3 = 0, (50 + (i * 7919) % 9000) // 2, 0))",
    "output_tokens": "if(i % 50 = 0 or i % 90 = 1, null, 2 + (i * 104729) % 1500)",
    "reasoning_tokens": "if(i % 50 = 0 or i % 90 = 1, null, if(i % 4 = 0, (2 + (i * 104729) % 1500) // 2, 0))",
    "total_tokens_reported": "if(i % 50 = 0 or i % 90 = 1, null, 52 + (i * 7919) % 9000 + (i * 104729) % 1500)",
    "usage_source": "case when i % 50 = 0 then 'none' when i % 90 = 1 then 'partial' else 'final' end",
    "cost_reported_usd": "if(gateway = 'openrouter' and i % 50 > 0, ((i * 7919) % 100000) * 0.0000001, null)",
    "timing_source": "case when i % 5 = 0 and i % 50 > 0 then 'per_chunk' when i % 5 = 1 then 'total' else 'headers_only' end",
    "arrival_origin": "if(i % 5 = 0 and i % 50 > 0, if(i % 10 = 0, 'request', 'headers'), null)",
    "headers_ns": "80000000 + (i * 15485863) % 900000000",
    "ttft_ns": "if(i % 10 = 0 and i % 50 > 0, 100000000 + (i * 15485863) % 900000000, null)",
    "first_output_ns": "if(i % 10 = 0 and i % 50 > 0, 100000000 + (i * 15485863) % 900000000, null)",
    "e2e_ns": "if(i % 10 = 0 and i % 50 > 0, 2000000000 + (i * 32452843) % 9000000000, null)",
    "duration_ns": "if((i % 10 = 0 or i % 5 = 1) and i % 50 > 0, 2100000000 + (i * 32452843) % 9000000000, null)",
    "stream_span_ns": "if(i % 5 = 0 and i % 50 > 0, 1000000000 + (i * 32452843) % 9000000000, null)",
    "after_headers_ttft_ns": "if(i % 10 = 5 and i % 50 > 0, 10000000 + (i * 15485863) % 90000000, null)",
    "after_headers_e2e_ns": "if(i % 10 = 5 and i % 50 > 0, 1100000000 + (i * 32452843) % 9000000000, null)",
    "server_total_ns": "if(i % 9 = 0, (i * 32452843) % 9000000000, null)",
    "frame_count": "if(i % 50 = 0, 1, 30 + i % 300)",
    "token_frame_count": "if(i % 50 = 0, 0, 20 + i % 300)",
    "reasoning_frame_count": "if(i % 4 = 0, 10, 0)",
    "body_bytes": "5000 + i % 90000",
    "text_bytes": "2000 + i % 9000",
    "body_sha256": "md5('b' || if(i % 400 = 9, i - 1, i)) || md5('c' || if(i % 400 = 9, i - 1, i))",
}
_RECORDINGS = {
    "recording_id": "md5('r' || i)",
    "source": "'synthetic'",
    "recording_path": "'file' || i || '.yaml'",
    "recording_sha256": "md5('f' || i) || md5('f2' || i)",
    "generation": "'g1'",
    "revision": "1",
    "parser_version": "'1'",
    "outcome": "'ingested'",
    "exchanges": "20",
    "llm_requests": "20",
    "run_id": "'run'",
}
_CHUNKS = {
    "recording_id": "md5('r' || (i // {per} // 20))",
    "generation": "'g1'",
    "request_id": "md5('q' || (i // {per}))",
    "chunk_index": "i % {per}",
    "kind": "if(i % {per} = 0, 'role', 'content')",
    "is_token_bearing": "i % {per} > 0",
    "choice_index": "0",
    "byte_offset": "(i % {per}) * 200",
    "frame_bytes": "200",
    "data_bytes": "190",
    "arrived_ns": "(i % {per}) * 10000000",
    "gap_ns": "if(i % {per} > 1, if(i % 997 = 0, 2000000000, 10000000), null)",
    "timing_source": "'per_chunk'",
    "text_bytes": "if(i % {per} = 0, 0, 4)",
    "text_chars": "if(i % {per} = 0, 0, 4)",
}


def write(
    folder: Path,
    *,
    requests: int = 1_000_000,
    chunks: int = 100_000,
    per_stream: int = 100_000,
) -> None:
    """Write the four tables as Parquet files below ``folder``: ``requests`` rows, and ``chunks`` rows in streams of
    ``per_stream``, which belong to the first requests."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("create table routes(gateway varchar, provider varchar, model varchar, low int, high int)")
        low = 0
        for gateway, provider, model, share in ROUTES:
            connection.execute(
                "insert into routes values (?, ?, ?, ?, ?)",
                [gateway, provider, model, low, low + share],
            )
            low += share
        share_of = "(i * 31) % 100 >= low and (i * 31) % 100 < high"
        source = f"(select i, gateway, provider, model from range({requests}) t(i) join routes on {share_of})"
        files = -(-requests // PER_RECORDING)
        for table, expressions, rows in (
            (REQUESTS, _REQUESTS, source),
            (RECORDINGS, _RECORDINGS, f"range({files}) t(i)"),
            (CHUNKS, _CHUNKS, f"range({chunks}) t(i)"),
            (RUNS, {"run_id": "'run'"}, "range(1) t(i)"),
        ):
            select = _select(table, expressions).replace("{n}", str(requests)).replace("{per}", str(per_stream))
            target = f"'{folder / table.name}.parquet' (format parquet, compression zstd, row_group_size 122880)"
            connection.execute(f"copy (select {select} from {rows}) to {target}")


def _select(table: Table, expressions: dict[str, str]) -> str:
    columns = []
    for column in table.columns:
        default = "null" if column.nullable else _NOT_NULL[column.sql_type]
        columns.append(f"({expressions.get(column.name, default)})::{column.sql_type} as {column.name}")
    return ", ".join(columns)


def attach(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Give ``connection`` the schema ``raw`` over the files of `write`, as the lake does."""
    connection.execute("create schema if not exists raw")
    for table in TABLES:
        connection.execute(f"create or replace view raw.{table.name} as select * from read_parquet('{folder / table.name}.parquet')")
