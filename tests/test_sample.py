"""The committed sample is what its generator writes, byte by byte, and shows each kind of thing a first report should show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import llm_usage
from places import PROJECT, SAMPLE, SEED


def test_the_generator_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, PROJECT / "data" / "synthetic.py", "--sample", tmp_path], check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in SAMPLE.iterdir() if path != SEED}


def test_everything_but_the_seed_says_that_it_is_synthetic() -> None:
    for path in SAMPLE.iterdir():
        if path != SEED:
            assert "synthetic" in path.name
            assert b"nobody ever sent or received this" in path.read_bytes()[:400], path.name


def test_the_sample_has_every_kind_of_thing_worth_seeing() -> None:
    requests = llm_usage.read(SAMPLE)["requests"].to_pylist()
    assert {"ok", "http_error", "stream_error", "truncated"} == {row["status"] for row in requests}
    assert {"per_chunk", "headers_only"} == {row["timing_source"] for row in requests}
    assert {"openai_chat", "anthropic_messages"} == {row["api"] for row in requests}
    assert any(row["reasoning_tokens"] for row in requests)
    assert any(row["cache_read_tokens"] for row in requests)
    assert any(row["attempt"] == 2 for row in requests)
    assert any(row["cost_reported_usd"] is not None for row in requests)
    timed = [row for row in requests if row["timing_source"] == "per_chunk"]
    assert len({row["provider"] for row in timed}) == 3
    assert all(row["headers_ns"] <= row["ttft_ns"] <= row["first_output_ns"] <= row["e2e_ns"] <= row["duration_ns"] for row in timed)
    assert any(row["ttft_ns"] < row["first_output_ns"] for row in timed), "one that thinks before it speaks"
