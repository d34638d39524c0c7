"""Owns the measurement of every view on a million synthetic requests and one stream of 100,000 frames.

The ratio is to a plain scan of the columns that money needs, taken in the same run: it can be compared between machines, and
the CPU seconds between a busy and an idle one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from bench import synthetic
from llm_usage.config import Budget, Slo
from llm_usage.pricing import resolve as pricing
from llm_usage.query import views

SCAN = """
    select sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(reasoning_tokens), sum(cost_reported_usd),
        max(started_at), count(distinct provider), count(distinct response_model)
    from raw.requests
"""
PRICED = "select sum(cost_usd), count(cost_basis) from staging.requests"

ASKED = views.Settings(
    slos=(Slo("fast", ttft_ms=Decimal(800), tpot_ms=Decimal(50)),),
    budgets=(Budget("all", Decimal(5000)),),
    as_of=datetime(2025, 9, 20, tzinfo=UTC),
)


Taken = tuple[float, float]


def best(run: Callable[[], object], times: int = 3) -> Taken:
    """Seconds by the clock and of CPU (over all threads): the least of several runs, each for itself."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def measure(folder: Path, *, requests: int = 1_000_000, chunks: int = 100_000) -> dict[str, Taken]:
    """Seconds of each step and of each mart, on tables written to ``folder``."""
    synthetic.write(folder, requests=requests, chunks=chunks, per_stream=chunks)
    connection = duckdb.connect()
    synthetic.attach(connection, folder)
    found = {"scan": best(lambda: connection.execute(SCAN).fetchall())}
    found["prices resolved"] = best(lambda: pricing.resolve(connection))
    prices = pricing.resolve(connection)
    found["views installed"] = best(lambda: views.install(connection, ASKED, prices, comments=False))
    found["every request priced"] = best(lambda: connection.execute(PRICED).fetchall())
    for mart in views.marts(connection):
        query = f"from marts.{mart.name}"
        found[mart.name] = best(lambda query=query: connection.sql(query).to_arrow_table())  # type: ignore[misc]
    return found


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder))
    scan = found["scan"][0]
    print(f"{'1,000,000 requests, one stream of 100,000 frames':<52}{'s':>8}{'CPU s':>8}{'x scan':>8}")
    for name, (wall, cpu) in found.items():
        print(f"{name:<52}{wall:>8.3f}{cpu:>8.3f}{wall / scan:>8.1f}")
    wall, cpu = (found["prices resolved"][i] + found["every request priced"][i] - found["scan"][i] for i in (0, 1))
    print(f"{'pricing, beyond reading':<52}{wall:>8.3f}{cpu:>8.3f}")


if __name__ == "__main__":
    main()
