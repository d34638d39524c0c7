"""What a parser would pass over without a word is read, and `check` says nothing of a lake that is sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from places import SEED, SHARED


def outcome(cli, path: Path) -> tuple[int, int, int]:
    cli("ingest", path)
    (row,) = json.loads(cli("query", "--format", "json", "select exchanges, llm_requests, rejected_exchanges from recordings").output)
    assert cli("check").exit_code == 0
    return row["exchanges"], row["llm_requests"], row["rejected_exchanges"]


def answer(identity: str) -> dict[str, object]:
    body = {"id": identity, "object": "chat.completion", "model": "m", "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}
    return {
        "request": {"method": "POST", "url": "https://api.openai.com/v1/chat/completions", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": json.dumps(body)}},
        "startedDateTime": "2025-01-01T00:00:00Z",
        "time": 1,
    }


def test_a_second_yaml_document(cli, tmp_path: Path) -> None:
    text = SEED.read_text()
    path = tmp_path / "two.yaml"
    path.write_text(text.rstrip() + "\n---\n" + text)
    assert outcome(cli, path) == (2, 2, 0)


def test_a_yaml_key_told_twice(cli, tmp_path: Path) -> None:
    items = yaml.safe_load(SEED.read_text())["interactions"]
    block = yaml.safe_dump({"interactions": items})
    path = tmp_path / "twice.yaml"
    path.write_text("version: 2\n" + block + block)
    assert outcome(cli, path) == (2, 2, 0)


def test_a_json_key_told_twice(cli, tmp_path: Path) -> None:
    path = tmp_path / "twice.har"
    path.write_text(f'{{"log": {{"version": "1.2", "entries": [{json.dumps(answer("a"))}], "entries": [{json.dumps(answer("b"))}]}}}}')
    assert outcome(cli, path) == (2, 2, 0)


def test_a_file_whose_exchanges_were_all_rejected_is_no_fault_of_the_lake(cli, tmp_path: Path) -> None:
    entry = answer("a")
    entry["response"]["content"] |= {"encoding": "base64", "text": "!!!"}
    path = tmp_path / "rejected.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    assert outcome(cli, path) == (1, 0, 1)


def test_a_list_of_numbers_is_one_body(cli, tmp_path: Path) -> None:
    entry = answer("a")
    entry["request"] |= {"url": "https://example.com/predict", "postData": {"mimeType": "application/json", "text": '{"inputs": "x"}'}}
    entry["response"]["content"]["text"] = json.dumps(list(range(1024)))
    path = tmp_path / "numbers.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    assert outcome(cli, path) == (1, 1, 0)
    (row,) = json.loads(cli("query", "--format", "json", "select api, frame_count, is_stream from requests").output)
    assert row == {"api": "other", "frame_count": 1, "is_stream": False}


@pytest.mark.parametrize("name", ["two_govcr.yaml", "two_vcrpy.yaml", "entries_twice.har", "05_rejected_only_b64.har"])
def test_cases_of_robustness(name: str, cli) -> None:
    path = SHARED / "cases" / "robustness" / name
    if not path.is_file():
        pytest.skip(f"no cases at {path}")
    exchanges, requests, rejected = outcome(cli, path)
    assert exchanges == requests + rejected
    assert exchanges == (1 if name.startswith("05") else 2)


def test_check_has_nothing_to_say_of_the_golden_samples(cli, tmp_path: Path) -> None:
    cli("ingest", Path(__file__).parent / "samples")
    result = cli("check", code=None)
    assert result.exit_code == 0, result.output
