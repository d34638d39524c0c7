"""A fault of ours, met in one file, costs that file: it is told with its name, the run goes on, the exit code says it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from llm_usage.pipeline import worker
from places import SEED


def test_a_bug_costs_its_file(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "in"
    root.mkdir()
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        shutil.copy(SEED, root / name)
    real = worker.read_document

    def read_document(document, source, path, ids, builder, *rest):
        outcome = real(document, source, path, ids, builder, *rest)
        if path == "b.yaml":
            raise KeyError("sesame, which was in the recording")
        return outcome

    monkeypatch.setattr(worker, "read_document", read_document)
    result = cli("ingest", root, "--workers", "0", code=3)
    assert "b.yaml: a fault of llm-usage (KeyError in " in result.stderr
    assert "please report it" in result.stderr.lower()
    assert "sesame" not in result.output + result.stderr
    rows = json.loads(cli("query", "--format", "json", "select recording_path, outcome, chunks from recordings order by 1").output)
    assert [(row["recording_path"], row["outcome"]) for row in rows] == [
        ("a.yaml", "ingested"),
        ("b.yaml", "rejected"),
        ("c.yaml", "ingested"),
    ]
    (count,) = json.loads(cli("query", "--format", "json", "select count(*) as n from raw.chunks").output)
    assert count["n"] == sum(row["chunks"] for row in rows), "no chunk of the file that failed"
    cli("check")


def test_a_side_file_that_leads_back_to_itself_is_one_reject(cli, tmp_path: Path) -> None:
    root = tmp_path / "in"
    (root / "mappings").mkdir(parents=True)
    (root / "__files").mkdir()
    (root / "__files" / "body.json").symlink_to("body.json")
    mapping = {
        "request": {"method": "POST", "url": "/v1/chat/completions"},
        "response": {"status": 200, "bodyFileName": "body.json"},
    }
    (root / "mappings" / "m.json").write_text(json.dumps(mapping))
    shutil.copy(SEED, root / "good.yaml")
    cli("ingest", root)
    rows = json.loads(cli("query", "--format", "json", "select recording_path, rejected_exchanges, llm_requests from recordings").output)
    found = {row["recording_path"]: (row["rejected_exchanges"], row["llm_requests"]) for row in rows}
    assert found["good.yaml"] == (0, 1)
    assert found["mappings/m.json"] == (1, 0)
