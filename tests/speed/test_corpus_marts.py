"""The reports on the real recordings, row by row against plain Python over the stored rows: latency, throughput, days, duplicates."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import plain
import pytest

from llm_usage.config import Config
from llm_usage.query import views
from llm_usage.query.session import connect, prices

Row = dict[str, Any]
TOLD = (
    "server_address", "response_created_at", "response_model", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
    "reasoning_tokens", "cost_reported_usd",
)  # fmt: skip
GUARDED = (("p50_ms", 0.5, 2), ("p90_ms", 0.9, 10), ("p95_ms", 0.95, 20), ("p99_ms", 0.99, 100))


@pytest.fixture(scope="module")
def connection(corpus_lake: Path) -> Any:
    """The corpus with every view on it."""
    return connect(corpus_lake)


@pytest.fixture(scope="module")
def counted(connection: Any) -> list[Row]:
    """The stored rows that count: of the same answer, and of the same file, the first in the order of source, path and place.

    An answer is the same by its id and host, where creation, model, counts and cost are; where neither creation nor counts are known,
    by its body.
    """
    names = "r.*, l.model_key, l.operation_class"
    query = f"select {names} from raw.requests as r join staging.live_requests as l using (request_id)"
    stored = connection.sql(query).to_arrow_table().to_pylist()
    stored.sort(key=lambda r: (r["source"], r["recording_path"], r["exchange_index"]))
    seen: set[tuple[object, ...]] = set()
    first = []
    for row in stored:
        keys: set[tuple[object, ...]] = {("file", row["recording_sha256"], row["exchange_index"])}
        if row["response_id"] is not None:
            known = row["response_created_at"] is not None or None not in (row["input_tokens"], row["output_tokens"])
            told = tuple(row[name] for name in TOLD)
            keys.add(("answer", row["response_id"], *told, None if known else row["body_sha256"]))
        if not keys & seen:
            first.append(row)
        seen |= keys
    assert len(stored) > len(first) > 1400
    return first


def test_what_counts(connection: Any, counted: list[Row]) -> None:
    ids = {r[0] for r in connection.execute("select request_id from staging.live_requests where is_counted").fetchall()}
    assert ids == {row["request_id"] for row in counted}


def least(row: Row, after_headers: str) -> int | None:
    """A lower bound: what is known after the headers, else the headers themselves."""
    return row[after_headers] if row[after_headers] is not None else row["headers_ns"]


def observed(row: Row, metric: str, clock: str, reads: str) -> int | None:
    """What one request says of a metric."""
    if reads == "observed":
        return row[f"server_{metric}_ns" if clock == "server" else f"{metric}_ns"]
    if row[f"{metric}_ns"] is not None or not row["token_frame_count"] or (metric == "e2e" and row["duration_ns"] is not None):
        return None
    return least(row, f"after_headers_{metric}_ns")


def test_latency(connection: Any, counted: list[Row]) -> None:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in counted:
        if row["operation_class"] == "generation":
            groups[row["provider"], row["timing_source"], row["arrival_origin"]].append(row)
    found = connection.sql("from marts.latency").to_arrow_table().to_pylist()
    assert len(found) > 80
    for line in found:
        group = groups[line["provider"], line["timing_source"], line["arrival_origin"]]
        values = [v for r in group if (v := observed(r, line["metric"], line["clock"], line["reads"])) is not None]
        assert (line["requests"], line["n"]) == (len(group), len(values))
        assert (line["min_ms"], line["max_ms"]) == (pytest.approx(min(values) / 1e6), pytest.approx(max(values) / 1e6))
        for name, p, enough in GUARDED:
            assert line[name] == (pytest.approx(plain.quantile(values, p) / 1e6, rel=1e-9) if len(values) >= enough else None), line


def test_throughput(connection: Any, counted: list[Row]) -> None:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in counted:
        if row["operation_class"] == "generation":
            groups[row["provider"], row["model_key"], row["timing_source"], row["arrival_origin"]].append(row)
    for line in connection.sql("from marts.throughput").to_arrow_table().to_pylist():
        group = groups[line["provider"], line["model"], line["timing_source"], line["arrival_origin"]]
        spans = [
            (r["stream_span_ns"], r["output_tokens"] - 1) for r in group if r["token_frame_count"] > 1 and (r["output_tokens"] or 0) > 1
        ]
        tpot = [span / 1e6 / n for span, n in spans if span is not None]
        server = [
            r["output_tokens"] * 1e9 / r["server_decode_ns"] for r in group if r["server_decode_ns"] and r["output_tokens"] is not None
        ]
        assert (line["requests"], line["tpot_requests"], line["server_requests"]) == (len(group), len(tpot), len(server))
        assert line["tpot_p50_ms"] == (pytest.approx(plain.quantile(tpot, 0.5)) if len(tpot) > 1 else None)
        assert line["server_p50_tok_s"] == (pytest.approx(plain.quantile(server, 0.5)) if len(server) > 1 else None)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin", "Pacific/Chatham"])
def test_days(connection: Any, counted: list[Row], zone: str) -> None:
    views.install(
        connection, views.Settings(time_zone=zone), prices(connection, Config()), readers=["marts.cost_daily", "staging.requests"]
    )
    cost = dict(connection.execute("select request_id, cost_usd from staging.requests").fetchall())
    spent: dict[object, Decimal] = defaultdict(Decimal)
    n: dict[object, int] = defaultdict(int)
    for row in counted:
        day = row["started_at"].astimezone(ZoneInfo(zone)).date() if row["started_at"] is not None else None
        spent[day] += cost[row["request_id"]] or 0
        n[day] += 1
    query = "select day, coalesce(sum(cost_usd), 0), sum(requests) from marts.cost_daily group by day"  # a row for each class of operation
    found = connection.execute(query).fetchall()
    assert {day: (usd, requests) for day, usd, requests in found} == {day: (spent[day], n[day]) for day in n}
