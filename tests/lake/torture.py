"""Owns the torture of a lake: writers killed at random moments, readers beside them, many files and large ones.

Used by the tests at small figures and by ``make torture`` at large ones: ``python tests/lake/torture.py kill 1000``.
The model is simple: file ``i`` holds version ``v`` when its one request reports ``v`` output tokens. A run that ended well has
acknowledged what was in the files; whatever happens later, a reader sees each acknowledged file exactly once, whole, in
its acknowledged version or a newer one that was in the folder since.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
PROJECT = TESTS.parent
sys.path[:0] = [str(PROJECT), str(TESTS)]

from llm_usage.lake import Lake  # noqa: E402
from llm_usage.lake.attach import attach  # noqa: E402
from places import SEED  # noqa: E402

TEXT = SEED.read_text()
FILES = 12


class Inconsistent(AssertionError):
    """The lake shows what it may not."""


def write(path: Path, version: int, copies: int = 1) -> None:
    """Put a version of a file in place, at once."""
    head, item = TEXT.split("interactions:\n", 1)
    one = item.replace('"completion_tokens":4', f'"completion_tokens":{version}').replace("gen-1758703127", f"gen-{path.stem}")
    temporary = path.with_suffix(".tmp")
    temporary.write_text(head + "interactions:\n" + one * copies)
    temporary.replace(path)


def see(lake: Path) -> dict[str, tuple[int, int]]:
    """What a reader sees: path → (version, copies); checks that every file is there once and whole."""
    import duckdb

    with duckdb.connect() as connection:
        attach(connection, Lake(lake))
        rows = connection.execute(
            """with live as (
                 select recording_id, recording_path, generation, llm_requests, chunks, outcome from raw.recordings
                 qualify row_number() over (partition by recording_id order by revision desc, generation desc) = 1)
               select l.recording_path, l.llm_requests, l.chunks, l.outcome,
                      (select count(*) from raw.requests r where r.generation = l.generation),
                      (select count(distinct request_id) from raw.requests r where r.generation = l.generation),
                      (select count(*) from raw.chunks c where c.generation = l.generation),
                      (select min(output_tokens) from raw.requests r where r.generation = l.generation),
                      (select max(output_tokens) from raw.requests r where r.generation = l.generation)
               from live l where l.outcome <> 'removed'"""
        ).fetchall()
    found: dict[str, tuple[int, int]] = {}
    for path, requests, chunks, outcome, got, distinct, got_chunks, least, most in rows:
        if (
            outcome != "ingested"
            or got != requests
            or distinct != requests
            or got_chunks != chunks
            or chunks != 7 * requests
            or least != most
        ):
            raise Inconsistent(
                f"{path}: {outcome}, {got} of {requests} requests ({distinct} distinct), {got_chunks} of {chunks} chunks, {least}…{most}"
            )
        if path in found:
            raise Inconsistent(f"{path} is there twice")
        found[path] = (most, requests)
    return found


def command(lake: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The program, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **(env or {})}
    return subprocess.Popen(
        [sys.executable, "-m", "llm_usage", *words, "--lake", str(lake)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=lake.parent, start_new_session=True,
    )  # fmt: skip


def kill(rounds: int, seed: int = 1, workers: str = "0") -> dict[str, int]:
    """Kill -9 at random moments of ingest, replace, compaction and vacuum."""
    chance = random.Random(seed)
    told = {"rounds": 0, "killed": 0, "finished": 0, "polls": 0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        root, lake = home / "in", home / "lake"
        root.mkdir()
        version = {f"f{i}.yaml": 1 for i in range(FILES)}
        for path in version:
            write(root / path, 1)
        acknowledged: dict[str, int] = {}
        longest = 1.2
        for _ in range(rounds):
            for path in chance.sample(sorted(version), 4):
                version[path] += 1
                write(root / path, version[path])
            what = (
                ("optimize", "--dead-after", "0s", "--vacuum-after", "0s")
                if chance.random() < 0.4
                else ("ingest", str(root), "--workers", workers, "-q")
            )
            at_start = dict(version)
            began = time.monotonic()
            process = command(lake, *what)
            try:
                process.wait(timeout=chance.uniform(0.15, longest))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            assert process.stderr is not None
            said = process.stderr.read().decode()
            process.stderr.close()
            if process.returncode == 0:
                told["finished"] += 1
                longest = 0.9 * longest + 0.1 * (time.monotonic() - began) * 1.3
                if what[0] == "ingest":
                    acknowledged = at_start
            elif process.returncode == -signal.SIGKILL:
                told["killed"] += 1
            else:
                raise Inconsistent(f"{what[0]} failed with {process.returncode}: {said}")
            seen = see(lake)
            told["polls"] += 1
            for path, least in acknowledged.items():
                if path not in seen:
                    raise Inconsistent(f"{path} was acknowledged and is gone")
                if not least <= seen[path][0] <= version[path]:
                    raise Inconsistent(f"{path} shows version {seen[path][0]}, acknowledged {least}, newest {version[path]}")
            told["rounds"] += 1
        process = command(lake, "ingest", str(root), "-q", "--workers", "0")
        if process.wait() or {p: v for p, (v, _) in see(lake).items()} != version:
            raise Inconsistent("the last run did not complete the lake")
        if process.stderr is not None:
            process.stderr.close()
    return told


def readers(polls: int, seed: int = 1) -> dict[str, int]:
    """One writer that ingests and optimises, four readers that look: never an error, never half a state."""
    told = {"polls": 0, "runs": 0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        root, lake = home / "in", home / "lake"
        root.mkdir()
        for i in range(FILES):
            write(root / f"f{i}.yaml", 1)
        first = command(lake, "ingest", str(root), "-q")
        first.wait()
        looking = [
            subprocess.Popen([sys.executable, __file__, "look", str(lake), str(polls // 4)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(4)
        ]
        chance = random.Random(seed)
        version = 1
        while any(process.poll() is None for process in looking):
            version += 1
            for i in range(FILES):
                write(root / f"f{i}.yaml", version)
            words = ("ingest", str(root), "-q", "--workers", "0") if chance.random() < 0.7 else ("optimize", "--dead-after", "0s")
            process = command(lake, *words)
            if process.wait():
                raise Inconsistent(process.stderr.read().decode() if process.stderr else "")
            if process.stderr is not None:
                process.stderr.close()
            told["runs"] += 1
        for process in looking:
            out, error = process.communicate()
            if process.returncode:
                raise Inconsistent(error.decode()[-2000:])
            told["polls"] += int(out)
    return told


def look(lake: Path, polls: int) -> int:
    """One reader: every file is there, whole, and never older than it was before."""
    newest = {f"f{i}.yaml": 0 for i in range(FILES)}
    for _ in range(polls):
        seen = see(lake)
        if set(seen) != set(newest):
            raise Inconsistent(f"saw {sorted(seen)}")
        for path, (version, _) in seen.items():
            if version < newest[path]:
                raise Inconsistent(f"{path} went back from {newest[path]} to {version}")
            newest[path] = version
    return polls


def writers(rounds: int) -> dict[str, int]:
    """Four writers over the same recordings at once: each row once."""
    told = {"rounds": 0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        root = home / "in"
        root.mkdir()
        lake = home / "lake"
        for turn in range(rounds):
            for i in range(FILES):
                write(root / f"f{i}.yaml", turn + 1)
            code = "import sys; from llm_usage.lake import Lake; from llm_usage.pipeline.run import run; from llm_usage.pipeline.runs import RunOptions; from llm_usage.pipeline.discover import targets; from pathlib import Path; run(Lake(Path(sys.argv[1])), targets([sys.argv[2]], 's', {}), RunOptions())"
            running = [
                subprocess.Popen(
                    [sys.executable, "-c", code, str(lake), str(root)],
                    stderr=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": str(PROJECT)},
                )
                for _ in range(4)
            ]
            for process in running:
                _, error = process.communicate()
                if process.returncode:
                    raise Inconsistent(error.decode()[-3000:])
            seen = see(lake)
            if seen != {f"f{i}.yaml": (turn + 1, 1) for i in range(FILES)}:
                raise Inconsistent(f"turn {turn}: {seen}")
            told["rounds"] += 1
    return told


def peak_mib(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process held until it ended well.

    From its own VmHWM, looked at until it ends: ``ru_maxrss`` of a child counts what its parent held when it was started.
    """
    status, most = Path(f"/proc/{process.pid}/status"), 0
    while process.poll() is None:
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        most = max(most, int(found[1]) if found else 0)
        time.sleep(0.02)
    _, said = process.communicate()
    if process.returncode or said:
        raise Inconsistent(said.decode())
    return most / 1024


def many(count: int) -> dict[str, float]:
    """Many small recordings: time and peak memory of the first and of an idle run, each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        root, lake = home / "in", home / "lake"
        for i in range(count):
            folder = root / f"{i // 1000:04d}"
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / f"f{i}.yaml", 1 + i % 1000)
        told: dict[str, float] = {}
        for turn in ("first", "second"):
            begun = time.monotonic()
            peak = peak_mib(command(lake, "ingest", str(root), "-q", "--workers", "0"))
            told[f"{turn}_s"] = round(time.monotonic() - begun, 2)
            told["peak_mib"] = max(peak, told.get("peak_mib", 0))
        if len(see(lake)) != count:
            raise Inconsistent("recordings are missing")
    return told


def large(mib: int) -> dict[str, float]:
    """One cassette of that size: time and peak memory."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        head, item = TEXT.split("interactions:\n", 1)
        with (home / "large.yaml").open("w") as out:
            out.write(head + "interactions:\n")
            for _ in range(mib * 1024 * 1024 // len(item.encode())):
                out.write(item)
        begun = time.monotonic()
        peak = peak_mib(command(home / "lake", "ingest", str(home / "large.yaml"), "-q", "--workers", "0"))
        return {"s": round(time.monotonic() - begun, 1), "peak_mib": peak}


def states(steps: int) -> dict[str, int]:
    """The state machine of test_torture.py, for so many steps."""
    environment = {**os.environ, "LLM_USAGE_STATES": str(steps)}
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        str(Path(__file__).with_name("test_torture.py")),
        "-k",
        "lake_shows_what_its_model_has_at_length",
    ]
    if subprocess.run(words, env=environment, cwd=PROJECT, check=False).returncode:
        raise Inconsistent("the state machine found a difference")
    return {"steps": steps}


if __name__ == "__main__":
    if sys.argv[1] == "look":
        print(look(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        figure = int(sys.argv[2])
        begun = time.monotonic()
        done = {
            "kill": lambda: kill(figure),
            "readers": lambda: readers(figure),
            "writers": lambda: writers(figure),
            "many": lambda: many(figure),
            "large": lambda: large(figure),
            "states": lambda: states(figure),
        }[sys.argv[1]]()
        print(sys.argv[1], done, f"{time.monotonic() - begun:.0f} s")
