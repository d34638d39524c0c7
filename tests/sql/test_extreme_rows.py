"""No value that the schema allows stops a report, a check or a price: rows of extremes through every view."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from llm_usage.config import Budget, Slo
from llm_usage.model.schema import Column, Table
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, RUNS
from llm_usage.pricing import resolve as pricing
from llm_usage.query import views
from llm_usage.query.sql_files import sql_files
from small_lake import Row, install, raw

COUNTS = [0, 1, 2, 7, 1000, 200_001, 10**12, 10**12 + 1, 2**62, 2**63 - 1]
NAMES = [
    "",
    "x",
    "openai",
    "anthropic",
    "openrouter",
    "gpt-4o",
    "claude-sonnet-4-5",
    "a/b:c",
    "ü\u2028'\"\\",
    "%s{}",
    "a" * 3000,
    ":free",
    "/",
    "h:99999999999",
]
INSTANTS = [datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC), datetime(2262, 4, 12, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]  # fmt: skip
QUANTITIES = [Decimal(0), Decimal("0.000001"), Decimal(3), Decimal("99999999999999.999999")]
MONEY = [Decimal(0), Decimal("0.000000000001"), Decimal("99999999.999999999999"), Decimal("1.5")]


def anything(column: Column, chance: random.Random) -> Any:
    """Any value of a column: NULL where it may be, and the extremes of its type."""
    if column.nullable and chance.random() < 0.3:
        return None
    kind = column.type
    if column.values:
        return chance.choice(column.values)
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        return [(chance.choice(NAMES), chance.choice(QUANTITIES), chance.choice(NAMES)) for _ in range(chance.randint(0, 3))]
    if pa.types.is_list(kind):
        return [chance.choice(NAMES) for _ in range(chance.randint(0, 3))]
    if pa.types.is_integer(kind):
        top = 2 ** (kind.bit_width - 1) - 1
        return min(chance.choice(COUNTS), top)
    if pa.types.is_timestamp(kind):
        return chance.choice(INSTANTS)
    if pa.types.is_decimal(kind):
        return chance.choice(MONEY)
    if pa.types.is_boolean(kind):
        return chance.random() < 0.5
    if pa.types.is_floating(kind):
        return chance.choice([0.0, 1.5, -1e308, 1e308])
    return chance.choice(NAMES)


def extremes(table: Table, n: int, chance: random.Random, **fixed: Any) -> list[Row]:
    """Rows of anything; ``fixed`` values are asked for by row number."""
    return [{c.name: fixed[c.name](i) if c.name in fixed else anything(c, chance) for c in table.columns} for i in range(n)]


@pytest.mark.parametrize(
    ("zone", "seed"),
    [
        pytest.param(zone, seed, marks=[pytest.mark.exhaustive] if seed or zone == "UTC" else [])
        for zone in ("UTC", "Asia/Kathmandu")
        for seed in range(8)
    ],
)
def test_every_view_and_check_answers(zone: str, seed: int) -> None:
    chance = random.Random(seed)
    live: dict[str, Any] = {"recording_id": lambda i: f"r{i % 5}", "generation": lambda _: "g"}
    requests = extremes(REQUESTS, 60, chance, **live, request_id=lambda i: f"q{i}")
    chunks = extremes(CHUNKS, 200, chance, **live, request_id=lambda i: f"q{i // 4}", chunk_index=lambda i: i % 4)
    ledger = extremes(RECORDINGS, 5, chance, recording_id=lambda i: f"r{i}", generation=lambda _: "g", outcome=lambda _: "ingested")
    connection = raw(requests, chunks, ledger, extremes(RUNS, 3, chance))
    settings = views.Settings(
        time_zone=zone,
        by=tuple(chance.sample(views.DIMENSIONS, chance.randint(0, len(views.DIMENSIONS)))),
        include_duplicates=chance.random() < 0.5,
        as_of=chance.choice(INSTANTS[2:]),
        slos=(Slo("s", ttft_ms=Decimal(1), tpot_ms=Decimal(1), e2e_ms=Decimal(1)),),
        budgets=(Budget("b", Decimal(0)), Budget("c", Decimal(10), {"provider": "openai"})),
    )
    install(connection, settings, pricing.resolve(connection), comments=False)
    assert connection.sql("from staging.requests").to_arrow_table().num_rows >= len(requests)
    for file in sql_files("20_marts"):
        connection.sql(f"from marts.{file.name}").to_arrow_table()
    views.run_checks(connection)
