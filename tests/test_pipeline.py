"""Ingest runs: once and only once, changed files replace themselves, sources keep roots apart, repeats are no second spend."""

from __future__ import annotations

import json
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from places import SAMPLE, SAMPLE_FILES, SAMPLE_REQUESTS, SEED


def query(cli, sql: str) -> list[dict]:
    return json.loads(cli("query", "--format", "json", sql).output, parse_float=Decimal)


def files_below(folder: Path) -> set[str]:
    return {str(p) for p in folder.rglob("*") if p.is_file()}


def test_second_run_changes_nothing(cli, tmp_path: Path) -> None:
    cli("ingest", SAMPLE)
    before = files_below(tmp_path / "lake") - {str(tmp_path / "lake" / "heartbeat.json")}
    beat = (tmp_path / "lake" / "heartbeat.json").read_bytes()
    result = cli("ingest", SAMPLE)
    assert "nothing new" in result.stderr
    assert files_below(tmp_path / "lake") - {str(tmp_path / "lake" / "heartbeat.json")} == before
    assert (tmp_path / "lake" / "heartbeat.json").read_bytes() != beat, "the run is noted"


def test_touching_a_file_changes_nothing(cli, tmp_path: Path) -> None:
    copy = tmp_path / "in" / "a.yaml"
    copy.parent.mkdir()
    shutil.copy(SEED, copy)
    cli("ingest", copy.parent)
    os.utime(copy, (1_700_000_000, 1_700_000_000))
    assert "nothing new" in cli("ingest", copy.parent).stderr


def test_a_changed_file_replaces_its_rows(cli, tmp_path: Path) -> None:
    copy = tmp_path / "in" / "a.yaml"
    copy.parent.mkdir()
    shutil.copy(SEED, copy)
    shutil.copy(SEED, copy.with_name("b.yaml"))
    cli("ingest", copy.parent)
    copy.write_text(copy.read_text().replace('"completion_tokens":4', '"completion_tokens":5'))
    assert "1 read" in cli("ingest", copy.parent).stderr
    rows = query(cli, "select recording_path, output_tokens from all_requests order by 1")
    assert rows == [{"recording_path": "a.yaml", "output_tokens": 5}, {"recording_path": "b.yaml", "output_tokens": 4}]
    assert query(cli, "select count(*) as n from chunks") == [{"n": 14}]
    # A file that now holds more, and one that holds nothing any more.
    copy.write_text(copy.read_text() + copy.read_text().split("interactions:\n")[1])
    copy.with_name("b.yaml").write_text("version: 2\ninteractions: []\n")
    cli("ingest", copy.parent)
    assert query(cli, "select recording_path, count(*) as n from all_requests group by 1") == [{"recording_path": "a.yaml", "n": 2}]


def test_two_roots_never_clash(cli, tmp_path: Path) -> None:
    for root in ("one", "two"):
        (tmp_path / root).mkdir()
        shutil.copy(SEED, tmp_path / root / "same.yaml")
    cli("ingest", tmp_path / "one", tmp_path / "two")
    rows = query(cli, "select source, recording_path from recordings order by 1")
    assert rows == [{"source": str(tmp_path / root), "recording_path": "same.yaml"} for root in ("one", "two")]


def test_clashing_names_under_one_source_are_listed_and_nothing_is_read(cli, tmp_path: Path) -> None:
    for root in ("one", "two"):
        (tmp_path / root).mkdir()
        shutil.copy(SEED, tmp_path / root / "same.yaml")
    result = cli("ingest", "--source", "tests", tmp_path / "one", tmp_path / "two", code=2)
    assert "same.yaml" in result.stderr
    assert not (tmp_path / "lake" / "recordings" / "_delta_log").exists() or query(cli, "select count(*) as n from recordings") == [
        {"n": 0}
    ]


def test_a_file_by_name_is_the_same_recording_as_in_its_folder(cli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(SEED, tmp_path / "in" / "a.yaml")
    cli("ingest", tmp_path / "in" / "a.yaml")
    assert "nothing new" in cli("ingest", tmp_path / "in").stderr


def test_source_names(cli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(SEED, tmp_path / "in" / "a.yaml")
    cli("ingest", "--source", "by-hand", tmp_path / "in")
    Path("llm-usage.yaml").write_text(f"sources:\n  by-config: {tmp_path / 'in'}\n")
    cli("ingest")
    assert [r["source"] for r in query(cli, "select source from recordings order by 1")] == ["by-config", "by-hand"]


def test_a_copy_is_no_second_spend(cli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.yaml", "b.yaml"):
        shutil.copy(SEED, tmp_path / "in" / name)
    cli("ingest", tmp_path / "in")
    rows = query(cli, "select recording_path, duplicate_of from all_requests order by 1")
    assert rows[0]["duplicate_of"] is None
    first = query(cli, "select request_id from all_requests where recording_path = 'a.yaml'")[0]["request_id"]
    assert rows[1]["duplicate_of"] == first
    assert query(cli, "select requests, cost_usd from cost_daily") == [{"requests": 1, "cost_usd": Decimal("0.000032")}]


def test_forget(cli, tmp_path: Path) -> None:
    root = tmp_path / "in"
    (root / "sub").mkdir(parents=True)
    for name in ("a.yaml", "sub/b.yaml", "sub/c.yaml"):
        shutil.copy(SEED, root / name)
    cli("ingest", root)
    assert "2 recordings" in cli("forget", root / "sub").stderr
    assert [r["recording_path"] for r in query(cli, "select recording_path from all_requests")] == ["a.yaml"]
    cli("forget", root)
    assert query(cli, "select count(*) as n from all_requests") == [{"n": 0}]
    assert query(cli, "select count(*) as n from recordings") == [{"n": 0}]
    assert "no such source" in cli("forget", "elsewhere", code=2).stderr
    cli("ingest", root)
    assert query(cli, "select count(*) as n from all_requests") == [{"n": 3}], "forgotten recordings can be read again"


def test_vanished_files_keep_their_rows_unless_pruned(cli, tmp_path: Path) -> None:
    root = tmp_path / "in"
    root.mkdir()
    for name in ("a.yaml", "b.yaml"):
        shutil.copy(SEED, root / name)
    cli("ingest", root)
    (root / "a.yaml").unlink()
    cli("ingest", root)
    assert query(cli, "select count(*) as n from all_requests") == [{"n": 2}]
    cli("ingest", root, "--prune")
    assert query(cli, "select recording_path from all_requests") == [{"recording_path": "b.yaml"}]


def test_dry_run_writes_nothing(cli, tmp_path: Path) -> None:
    result = cli("ingest", "--dry-run", SAMPLE)
    assert "would write" in result.stderr
    assert f"{SAMPLE_REQUESTS} LLM requests" in result.stderr
    assert not (tmp_path / "lake").exists()


def test_a_lake_inside_the_root_is_passed_over(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "in"
    root.mkdir()
    shutil.copy(SEED, root / "a.yaml")
    monkeypatch.setenv("LLM_USAGE_LAKE", str(root / "lake"))
    cli("ingest", root)
    assert "nothing new" in cli("ingest", root).stderr


def test_a_lake_of_another_schema_version_is_refused_with_the_command(cli, tmp_path: Path) -> None:
    cli("ingest", SEED)
    mark = tmp_path / "lake" / "lake.json"
    mark.write_text('{"schema_version":0,"tables":[]}')
    for command in (("ingest", SEED), ("report",), ("check",), ("query", "select 1")):
        result = cli(*command, code=2)
        assert "schema version 0" in result.stderr
        assert "llm-usage rebuild" in result.stderr


def test_a_folder_of_other_things_is_no_lake(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "cat.jpg").write_bytes(b"x")
    monkeypatch.setenv("LLM_USAGE_LAKE", str(other))
    assert "no lake" in cli("ingest", SEED, code=2).stderr
    assert sorted(p.name for p in other.iterdir()) == ["cat.jpg"]


def test_the_order_of_files_changes_nothing(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "select * exclude (generation) from all_requests order by request_id"
    cli("ingest", SAMPLE)
    one = query(cli, sql)
    monkeypatch.setenv("LLM_USAGE_LAKE", str(tmp_path / "other"))
    for path in sorted(SAMPLE.iterdir(), reverse=True):
        cli("ingest", path)
    assert query(cli, sql) == one


def test_attempts_and_logical_requests(cli) -> None:
    cli("ingest", SAMPLE / "synthetic_retry.yaml")
    rows = query(cli, "select request_id, logical_request_id, attempt, status from all_requests order by exchange_index")
    assert [(r["attempt"], r["status"]) for r in rows] == [(1, "http_error"), (2, "ok")]
    assert {r["logical_request_id"] for r in rows} == {rows[0]["request_id"]}


def test_labels_from_the_config(cli, tmp_path: Path) -> None:
    Path("llm-usage.yaml").write_text(
        "labels:\n"
        "- match: {path: '**', field: {user: '^(\\w+)$'}}\n"
        "  project: 'team-{2}'\n"
        "- match: {host: 'openrouter.ai'}\n"
        "  user_label: routed\n"
    )
    cli("ingest", SAMPLE)
    rows = query(cli, "select distinct project from all_requests where recording_path like 'synthetic%.yaml'")
    assert rows == [{"project": "team-search"}]
    assert query(cli, "select count(*) as n from all_requests where user_label = 'routed'") == [{"n": 12}]
    Path("llm-usage.yaml").write_text("labels:\n- {match: {path: '*'}, project: other}\n")
    assert f"{SAMPLE_FILES} read" in cli("ingest", SAMPLE).stderr, "rows that labels change are read again"


def wiremock(folder: Path, text: str) -> None:
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    (folder / "__files").mkdir(exist_ok=True)
    (folder / "mappings" / "chat.json").write_text(
        json.dumps(
            {
                "request": {"url": "/v1/chat/completions", "method": "POST"},
                "response": {"status": 200, "bodyFileName": "chat.txt", "headers": {"Content-Type": "text/event-stream"}},
            }
        )
    )
    (folder / "__files" / "chat.txt").write_text(text)


def test_side_files_are_ignored_and_their_change_is_seen(cli, tmp_path: Path) -> None:
    frame = 'data: {"object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],'
    wiremock(tmp_path / "in", frame + '"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n')
    cli("ingest", tmp_path / "in")
    rows = query(cli, "select recording_path, outcome, ignored_reasons from recordings order by 1")
    assert rows[0] == {"recording_path": "__files/chat.txt", "outcome": "ignored", "ignored_reasons": ["side file of mappings"]}
    assert query(cli, "select output_tokens from all_requests") == [{"output_tokens": 2}]
    assert "nothing new" in cli("ingest", tmp_path / "in").stderr
    wiremock(tmp_path / "in", frame + '"usage":{"prompt_tokens":1,"completion_tokens":7,"total_tokens":8}}\n\n')
    cli("ingest", tmp_path / "in")
    assert query(cli, "select output_tokens from all_requests") == [{"output_tokens": 7}]
    assert "nothing new" in cli("ingest", tmp_path / "in").stderr
