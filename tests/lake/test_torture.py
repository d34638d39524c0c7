"""The lake under torture, at figures that fit CI; ``make torture`` runs the large ones."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torture
from faults import INGEST, OPTIMIZE, faults
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from llm_usage import lake as lake_module
from llm_usage.errors import LakeError
from llm_usage.lake import Lake
from llm_usage.lake.optimize import DEAD_AFTER, optimize
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions


@pytest.mark.exhaustive
def test_killed_at_random_moments() -> None:
    told = torture.kill(20, seed=3)
    assert told["rounds"] == 20
    assert told["killed"] > 0


@pytest.mark.exhaustive
def test_killed_with_worker_processes() -> None:
    assert torture.kill(5, seed=4, workers="2")["rounds"] == 5


@pytest.mark.exhaustive
def test_four_readers_beside_a_writer() -> None:
    told = torture.readers(200)
    assert told["polls"] == 200
    assert told["runs"] > 0


@pytest.mark.exhaustive
def test_four_writers_on_the_same_recordings() -> None:
    assert torture.writers(2)["rounds"] == 2


@pytest.mark.exhaustive
@pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler to build the fault injector with")
@pytest.mark.parametrize(
    ("what", "call", "error", "step"),
    [
        (INGEST, "rename", "EIO", 2),
        (INGEST, "fsync", "EIO", 4),
        (INGEST, "write", "ENOSPC", 97),
        (INGEST, "open", "EMFILE", 43),
        (OPTIMIZE, "rename", "ENOSPC", 3),
        (OPTIMIZE, "fsync", "EIO", 7),
        (OPTIMIZE, "write", "EIO", 211),
        (OPTIMIZE, "open", "EMFILE", 97),
    ],
)
def test_faults(what: tuple[str, ...], call: str, error: str, step: int) -> None:
    told = faults(what, (call,), (error,), step=step)
    assert told["struck"] > 0
    assert told["refused"] > 0


class Died(BaseException):
    """Stands in for a kill: nothing of ours runs after it."""


class LakeMachine(RuleBasedStateMachine):
    """Files come, grow, shrink, change and go; runs complete or die between two commits; upkeep happens. A dict is the model."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.root = self.home / "in"
        self.root.mkdir()
        self.lake = self.home / "lake"
        self.files: dict[str, tuple[int, int]] = {}
        """What is in the folder: name → (version, copies)."""
        self.rows: dict[str, tuple[int, int]] = {}
        """What the lake has to show."""
        self.version = 0

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @rule(name=st.sampled_from("abcde"), copies=st.integers(1, 4))
    def put(self, name: str, copies: int) -> None:
        self.version += 1
        torture.write(self.root / f"{name}.yaml", self.version, copies)
        self.files[f"{name}.yaml"] = (self.version, copies)

    @rule(name=st.sampled_from("abcde"))
    def delete(self, name: str) -> None:
        (self.root / f"{name}.yaml").unlink(missing_ok=True)
        self.files.pop(f"{name}.yaml", None)

    @rule(prune=st.booleans())
    def ingest(self, prune: bool) -> None:
        run(Lake(self.lake), targets([str(self.root)], "s", {}), RunOptions(prune=prune))
        self.rows = dict(self.files) if prune else {**self.rows, **self.files}

    @rule(table=st.sampled_from(["chunks", "requests", "recordings"]), after=st.booleans())
    def die(self, table: str, after: bool) -> None:
        """The run dies just before or after its commit to one table."""
        real = lake_module.log.commit

        def commit(folder, actions, **rest):
            if folder.name == table:
                if after:
                    real(folder, actions, **rest)
                raise Died
            return real(folder, actions, **rest)

        lake_module.log.commit = commit
        try:
            run(Lake(self.lake), targets([str(self.root)], "s", {}), RunOptions())
        except Died:
            if after and table == "recordings":
                self.rows |= self.files
        else:
            self.rows |= self.files
        finally:
            lake_module.log.commit = real

    @rule(dead=st.booleans())
    def compact(self, dead: bool) -> None:
        from datetime import timedelta

        nothing = timedelta(0)
        optimize(Lake(self.lake), dead_after=nothing if dead else DEAD_AFTER, vacuum_after=nothing)

    @invariant()
    def shows_the_model(self) -> None:
        try:
            assert torture.see(self.lake) == self.rows
        except LakeError:
            pytest.fail("the lake refuses to be read")


def _steps(n: int) -> settings:
    return settings(
        max_examples=max(1, n // 20), stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )


def test_a_lake_shows_what_its_model_has() -> None:
    run_state_machine_as_test(LakeMachine, settings=_steps(40))


@pytest.mark.exhaustive
def test_a_lake_shows_what_its_model_has_at_length() -> None:
    run_state_machine_as_test(LakeMachine, settings=_steps(int(os.environ.get("LLM_USAGE_STATES", "300"))))


@pytest.mark.exhaustive
def test_memory_stays_flat_over_many_small_recordings() -> None:
    """3,000 files here; ``make torture`` reads 100,000 and prints what it took."""
    assert torture.many(3_000)["peak_mib"] < 500


@pytest.mark.exhaustive
def test_memory_stays_flat_over_one_large_recording() -> None:
    """60 MB here; ``make torture`` reads 1.2 GB and prints what it took."""
    assert torture.large(60)["peak_mib"] < 500
