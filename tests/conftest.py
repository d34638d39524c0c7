"""Owns what tests share: where the corpus is, a lake in a temporary folder, the command as a user calls it."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

import llm_usage
from llm_usage.cli import main
from places import SAMPLE, SHARED

# No test is timed, and a run that failed can be repeated: chance is for `make fuzz`.
settings.register_profile("tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real recordings; without it the test is skipped, or fails where it must be there (CI)."""
    folder = SHARED / "corpus"
    if not (folder / "expected.jsonl").is_file():
        if os.environ.get("LLM_USAGE_REQUIRE_CORPUS"):
            pytest.fail(f"{folder} is missing, and LLM_USAGE_REQUIRE_CORPUS says that it has to be there")
        pytest.skip(f"the corpus of real recordings is not at {folder}: nothing to compare with")
    return folder


def _once(factory: pytest.TempPathFactory, name: str, recordings: Path) -> Path:
    """A lake that is made once for the whole run, whichever process of it is first to need it. Tests only read it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    lake = base / f"{name}-lake"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / f"{name}.whole").exists():
            llm_usage.ingest(recordings, lake, source=name)
            (base / f"{name}.whole").touch()
    return lake


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the sample in it, source ``sample``; only to be read."""
    return _once(tmp_path_factory, "sample", SAMPLE)


@pytest.fixture(scope="session")
def corpus_lake(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the whole corpus in it, source ``corpus``; only to be read."""
    return _once(tmp_path_factory, "corpus", corpus)


@pytest.fixture
def on_sample(sample_lake: Path, cli: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """As `cli`, over a lake that has the sample in it already; for commands that only look."""
    monkeypatch.setenv("LLM_USAGE_LAKE", str(sample_lake))
    return cli


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run ``llm-usage ARGS`` with a lake of its own, in an empty working directory."""
    monkeypatch.setenv("LLM_USAGE_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("COLUMNS", "200")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def run(*args: str | Path, code: int | None = 0) -> Result:
        result = CliRunner().invoke(main, [str(a) for a in args], catch_exceptions=False)
        if code is not None:
            assert result.exit_code == code, f"exit {result.exit_code}\n{result.output}"
        return result

    return run


@pytest.fixture(autouse=True)
def first_connection_again() -> None:
    """Each test begins with the first connection of the pool of small lakes, where that is used at all."""
    if "small_lake" in sys.modules:
        sys.modules["small_lake"].Pool.taken = 0
