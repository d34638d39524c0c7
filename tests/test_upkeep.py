"""The commands that look after a lake."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest

from llm_usage.lake.seal import write_sealed
from places import SAMPLE, SAMPLE_FILES, SEED


def query(cli, sql: str) -> list[dict]:
    return json.loads(cli("query", "--format", "json", sql).output)


def test_status_of_nothing_fails_a_monitor(cli) -> None:
    assert "no lake" in cli("status", code=1).stderr


def test_status(cli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(SEED, tmp_path / "in" / "a.yaml")
    (tmp_path / "in" / "bad.yaml").write_bytes(b"")
    cli("ingest", tmp_path / "in")
    facts = json.loads(cli("status", "--format", "json", "--max-age", "1h").output)
    assert facts["recordings"] == {"ingested": 1, "ignored": 0, "rejected": 1}
    assert facts["exchanges"] == {"requests": 1, "ignored": 0, "rejected": 0}
    assert facts["last_run_age_s"] < 100
    assert "1 recordings are rejected" in cli("status", "--max-rejected", "0", code=1).stderr
    beat = tmp_path / "lake" / "heartbeat.json"
    sealed = beat.read_text()
    write_sealed(beat, {**json.loads(sealed), "finished_at": "1999-01-01T00:00:00Z"})
    assert "more than" in cli("status", "--max-age", "1h", code=1).stderr
    assert "1 recordings" not in cli("status").stderr


def test_prometheus(cli) -> None:
    cli("ingest", SEED)
    text = cli("status", "--format", "prometheus").output
    for line in text.splitlines():
        assert line.startswith(("# HELP llm_usage_", "# TYPE llm_usage_", "llm_usage_"))
        if not line.startswith("#"):
            float(line.rsplit(" ", 1)[1])
    assert 'llm_usage_recordings{outcome="ingested"} 1' in text
    assert text.endswith("\n")


def test_optimize_says_what_it_did(cli) -> None:
    cli("ingest", SEED)
    cli("ingest", SAMPLE)
    cli("forget", SAMPLE)
    text = cli("optimize", "--dead-after", "0s", "--vacuum-after", "0s").stderr
    assert "chunks: 2 files merged" in text
    assert "no age" in cli("optimize", "--dead-after", "soon", code=2).stderr


def test_rebuild(cli, tmp_path: Path) -> None:
    root = tmp_path / "in"
    shutil.copytree(SAMPLE, root)
    cli("ingest", root)
    sql = "select * exclude (generation) from requests order by request_id"
    before = query(cli, sql)
    cli("rebuild")
    assert query(cli, sql) == before
    mark = tmp_path / "lake" / "lake.json"
    mark.write_text('{"schema_version":0}')
    assert f"{SAMPLE_FILES} recordings read again" in cli("rebuild").stderr
    assert query(cli, sql) == before
    (root / SEED.name).unlink()
    result = cli("rebuild", code=2)
    assert SEED.name in result.stderr
    assert "--drop-missing" in result.stderr
    assert query(cli, sql) == before
    cli("rebuild", "--drop-missing")
    assert len(query(cli, sql)) == len(before) - 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "lake", "work"]


def test_json_log(cli, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"")
    lines = [json.loads(line) for line in cli("ingest", "--log-format", "json", tmp_path / "bad.yaml").stderr.splitlines()]
    assert [line["event"] for line in lines] == ["reject", "run"]
    assert lines[0]["place"] == "bad.yaml"
    assert lines[1]["recordings_rejected"] == 1


def test_one_run_at_a_time(cli, tmp_path: Path) -> None:
    import fcntl

    cli("ingest", SEED)
    with (tmp_path / "lake" / ".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "another run" in cli("ingest", "--no-wait", SAMPLE).stderr


def test_a_lake_that_cannot_be_made(cli, monkeypatch) -> None:
    monkeypatch.setenv("LLM_USAGE_LAKE", "/proc/no/lake")
    assert "cannot be written" in cli("ingest", SEED, code=2).stderr


@pytest.mark.parametrize("name", ["lake.json", "00000000000000000000.json"])
def test_a_lake_that_the_disk_does_not_give_out_is_not_called_damaged(name: str, cli, monkeypatch) -> None:
    cli("ingest", SEED)
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == name:
            raise OSError(errno.EMFILE, "Too many open files", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    for words in (("status",), ("report",), ("ingest", SEED)):
        said = cli(*words, code=2).stderr
        assert "Too many open files" in said
        assert "rebuild" not in said


def test_what_the_system_refuses_is_no_bug(cli, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

    monkeypatch.setattr("llm_usage.cli.upkeep.status", refuse)
    said = cli("status", code=2).stderr
    assert "/somewhere" in said
    assert "No space left" in said
