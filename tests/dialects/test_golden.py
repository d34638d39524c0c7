"""Every sample gives what lies beside it, and every dialect has a stream, a whole body and a broken case."""

from __future__ import annotations

import json

import pytest

from dialects import event_streams, golden
from llm_usage.dialects import registry
from llm_usage.model.frames import COMMENT

CASES = golden.cases()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_sample(case: golden.Case) -> None:
    assert golden.observe(case) == json.loads(case.expected.read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_folder_names_the_dialect(case: golden.Case) -> None:
    assert json.loads(case.expected.read_text())["api"] == case.api


#: Calls that are charged but generate no text: they are never streamed, or what they make has no tokens.
NEVER_STREAMED = {"embeddings", "rerank"}
NO_OUTPUT = NEVER_STREAMED | {"speech"}


@pytest.mark.parametrize("api", [d.api for d in registry()])
def test_every_dialect_has_a_stream_a_whole_body_and_a_broken_case(api: str) -> None:
    seen = [json.loads(case.expected.read_text()) for case in CASES if case.api == api]
    good = [
        e
        for e in seen
        if e["observed"].get("complete")
        and not e["observed"].get("error")
        and (api in NO_OUTPUT or "output_tokens" in e["observed"].get("tokens", {}))
    ]
    assert any(e["is_stream"] for e in good) or api in NEVER_STREAMED
    assert any(not e["is_stream"] for e in good)
    assert any(e["observed"].get("error") or not e["observed"].get("complete") for e in seen)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_frames_of_a_sample_lie_in_the_body_and_tell_what_they_carry(case: golden.Case) -> None:
    for row in json.loads(case.expected.read_text()).get("chunks", []):
        offset, length = row["at"]
        assert 0 <= offset < offset + length <= len(case.body)
        carries = any(row.get(f"{what}_bytes") for what in ("text", "reasoning", "tool"))
        assert carries <= bool(row.get("is_token_bearing"))
        assert row["kind"] != "body" or len(json.loads(case.expected.read_text())["chunks"]) == 1
        if row.get("mark") == COMMENT:
            assert not row.get("is_token_bearing")


@pytest.mark.parametrize("name", event_streams.RECIPES)
def test_binary_samples_are_what_their_recipe_says(name: str) -> None:
    assert (golden.SAMPLES / f"{name}.bin").read_bytes() == event_streams.RECIPES[name]


def test_expectations_are_never_overwritten(tmp_path, monkeypatch, capsys) -> None:
    folder = tmp_path / "ollama"
    folder.mkdir()
    (folder / "a.json").write_text('{"done":true,"response":"x"}')
    monkeypatch.setattr(golden, "SAMPLES", tmp_path)
    assert golden.main() == 0
    written = (folder / "a.expected.json").read_text()
    assert golden.main() == 0
    (folder / "a.expected.json").write_text("{}")
    assert golden.main() == 1
    assert (folder / "a.expected.json").read_text() == "{}" != written
    assert "not overwritten: ollama/a.expected.json" in capsys.readouterr().out
