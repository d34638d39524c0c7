"""Against an independent referee: real recordings of 24 public projects, every request row (skipped where the corpus is not)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from llm_usage.cli import main
from places import SHARED


def ask(lake: Path, sql: str, form: str = "json") -> str:
    result = CliRunner().invoke(main, ["query", "--lake", str(lake), "--format", form, sql], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def compare(lake: Path, tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    rows = tmp_path / "rows.ndjson"
    rows.write_text(ask(lake, "select * from requests", "ndjson"))
    tool = SHARED / "tools" / "compare.py"
    expected = SHARED / "corpus" / "expected.jsonl"
    command = [
        sys.executable,
        str(tool),
        "--expected",
        str(expected),
        "--requests",
        str(rows),
        "--show",
        "30",
        "--show-missing",
        "30",
        *options,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_high_confidence_row_is_exact_on_every_field(corpus_lake: Path, tmp_path: Path) -> None:
    found = compare(corpus_lake, tmp_path)
    assert found.returncode == 0, found.stdout[-6000:]


def test_charmbracelet_fantasy_is_whole(corpus_lake: Path, tmp_path: Path) -> None:
    (row,) = json.loads(
        ask(
            corpus_lake,
            """select count(*) filter (outcome = 'ingested') as files, sum(exchanges) as exchanges,
                      sum(llm_requests + ignored_exchanges + rejected_exchanges) as accounted, sum(rejected_exchanges) as rejected
               from recordings where recording_path like 'charmbracelet+fantasy/%'""",
        )
    )
    assert row == {"files": 350, "exchanges": 534, "accounted": 534, "rejected": 0}
    found = compare(corpus_lake, tmp_path, "--repo", "charmbracelet+fantasy", "--protocol", "openai_chat")
    assert found.returncode == 0, found.stdout[-4000:]
    assert "TOTAL high-confidence 297, found 297, fully exact 297" in found.stdout


def test_nothing_that_holds_an_exchange_is_unclaimed(corpus_lake: Path, corpus: Path) -> None:
    expected = {}
    for line in (corpus / "expected.jsonl").read_text().splitlines():
        row = json.loads(line)
        key = f"{row['repo']}/{row['path']}"
        expected[key] = expected.get(key, 0) + 1
    ledger = {r["recording_path"]: r for r in json.loads(ask(corpus_lake, "select * from recordings"))}
    unclaimed = [p for p in expected if ledger[p]["outcome"] != "ingested" and "scifact" not in p]
    assert unclaimed == []
    differing = {
        p: (ledger[p]["exchanges"], n) for p, n in expected.items() if ledger[p]["outcome"] == "ingested" and ledger[p]["exchanges"] < n
    }
    assert differing == {}
    for row in ledger.values():
        assert row["exchanges"] == row["llm_requests"] + row["ignored_exchanges"] + row["rejected_exchanges"]


def test_every_check_passes_on_the_corpus(corpus_lake: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--lake", str(corpus_lake)], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_second_run_over_the_corpus_does_nothing(corpus_lake: Path, corpus: Path) -> None:
    before = sorted(str(p) for p in corpus_lake.rglob("*.parquet"))
    result = CliRunner().invoke(main, ["ingest", "--lake", str(corpus_lake), "--source", "corpus", str(corpus)], catch_exceptions=False)
    assert "nothing new" in result.stderr
    assert sorted(str(p) for p in corpus_lake.rglob("*.parquet")) == before


def test_no_client_latency_is_invented(corpus_lake: Path) -> None:
    rows = json.loads(
        ask(
            corpus_lake,
            """select recording_format, count(*) as n from requests
               where recording_format in ('go_vcr', 'vcrpy', 'ruby_vcr', 'httprr')
                 and (ttft_ns is not null or e2e_ns is not null or first_chunk_ns is not null or duration_ns is not null
                      or stream_span_ns is not null)
               group by 1""",
        )
    )
    assert rows == []
