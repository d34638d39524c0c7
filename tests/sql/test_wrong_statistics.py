"""DuckDB 2.0.0 computed -128 for a sum of 640 (statistics of a sum, behind a join, used to compress an ORDER BY). Ours are right."""

from __future__ import annotations

from pathlib import Path

from llm_usage.lake import Lake
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions
from llm_usage.query.session import connect

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def test_totals_of_the_sample_equal_a_plain_sum(tmp_path: Path) -> None:
    run(Lake(tmp_path / "lake"), targets([str(SAMPLE)], "sample", {}), RunOptions())
    connection = connect(tmp_path / "lake")
    rows = connection.execute("select provider, gateway, cache_read_tokens, reasoning_tokens, output_tokens from raw.requests").fetchall()
    plain: dict[tuple[str | None, str | None], list[int]] = {}
    for provider, gateway, *values in rows:
        sums = plain.setdefault((provider, gateway), [0, 0, 0])
        for i, value in enumerate(values):
            sums[i] += value or 0
    got = connection.execute(
        "select provider, gateway, cache_read_tokens, reasoning_tokens, output_tokens from cost_by_provider"
    ).fetchall()
    assert {(p, g): [v or 0 for v in values] for p, g, *values in got} == plain
    assert plain[("groq", "openrouter")][0] == 640
