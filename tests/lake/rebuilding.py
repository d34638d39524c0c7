"""Owns the torture of `rebuild`: beside writers and readers, killed at random moments and at every system call; drivers killed.

Used by the tests at small figures and by ``make torture`` at large ones: ``python tests/lake/rebuilding.py rounds 300``.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
PROJECT = TESTS.parent
sys.path[:0] = [str(PROJECT / "ingest"), str(TESTS), str(TESTS / "lake")]

from faults import INGEST, Forks, build_shim  # noqa: E402
from torture import FILES, Inconsistent, command, see, write  # noqa: E402

from llm_usage.errors import LakeError  # noqa: E402
from llm_usage.lake.mark import REBUILDING  # noqa: E402

REBUILD = ("rebuild", "--workers", "0")
VACUUM = ("optimize", "--dead-after", "0s", "--vacuum-after", "0s")


def ended(process: subprocess.Popen[bytes], what: str) -> int:
    """The exit code: well, or killed by us; anything else, and any traceback, is a find."""
    said = process.communicate(timeout=300)[1].decode()
    if process.returncode not in (0, -signal.SIGKILL) or "Traceback" in said:
        raise Inconsistent(f"{what} ended with {process.returncode}: {said}")
    return process.returncode


def rounds(count: int, seed: int = 11) -> dict[str, int]:
    """A rebuild and an ingest at once, a reader beside them, each of the two killed now and then: nothing acknowledged is ever lost."""
    chance = random.Random(seed)
    told = {"rounds": 0, "polls": 0, "rebuilt": 0, "rebuilds_killed": 0, "ingests_killed": 0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        root, lake = home / "in", home / "lake"
        root.mkdir()
        version = {f"f{i}.yaml": 1 for i in range(FILES)}
        for path in version:
            write(root / path, 1)
        ended(command(lake, "ingest", str(root), "-q", "--workers", "0"), "the first ingest")
        acknowledged = dict(version)

        def poll() -> None:
            seen = see(lake)
            told["polls"] += 1
            for path, least in acknowledged.items():
                if path not in seen or not least <= seen[path][0] <= version[path]:
                    raise Inconsistent(f"{path} shows {seen.get(path)}, acknowledged {least}, newest {version[path]}")

        for turn in range(count):
            for path in chance.sample(sorted(version), 4):
                version[path] += 1
                write(root / path, version[path])
            if turn % 5 == 0:  # and a file that is new
                path = f"n{turn // 5 % 8}.yaml"
                version[path] = version.get(path, 0) + 1
                write(root / path, version[path])
            at_start = dict(version)
            # Now and then with worker processes, which must end with a rebuild that is killed.
            words = REBUILD if turn % 4 else ("rebuild", "--workers", "2")
            running = {"rebuild": command(lake, *words), "ingest": command(lake, "ingest", str(root), "-q", "--workers", "0")}
            dies = {
                what: time.monotonic() + chance.uniform(0.1, 2.5)
                for what, odds in (("rebuild", 0.6), ("ingest", 0.2))
                if chance.random() < odds
            }
            while any(process.poll() is None for process in running.values()):
                poll()
                for what, at in dies.items():
                    if time.monotonic() > at and running[what].poll() is None:
                        os.killpg(running[what].pid, signal.SIGKILL)
            code = {what: ended(process, what) for what, process in running.items()}
            told["rebuilt"] += code["rebuild"] == 0
            told["rebuilds_killed"] += code["rebuild"] != 0
            told["ingests_killed"] += code["ingest"] != 0
            if code["ingest"] == 0:
                acknowledged = at_start
            poll()
            told["rounds"] += 1
            if turn % 10 == 9:
                ended(command(lake, *VACUUM), "optimize")
        _settled(home, {path: (v, 1) for path, v in version.items()}, root)
    return told


def _settled(home: Path, states: dict[str, tuple[int, int]], root: Path) -> None:
    """A last run of each command: everything is there once, the lake is sound to its last byte, nothing is left over."""
    lake = home / "lake"
    for words in (("rebuild",), ("ingest", str(root), "-q", "--workers", "0"), VACUUM, ("check", "--deep")):
        if ended(command(lake, *words), words[0]):
            raise Inconsistent(f"the last {words[0]} was killed")
    if see(lake) != states:
        raise Inconsistent(f"the last runs did not complete the lake: {see(lake)}")
    left = leftovers(home)
    if left:
        raise Inconsistent(f"left over: {left}")


def leftovers(home: Path) -> list[str]:
    """What an interrupted command left: folders beside the lake, temporary files and the mark of a rebuild in it."""
    beside = [path.name for path in home.iterdir() if path.name.startswith((".lake", "lake.", "lake-"))]
    inside = [
        path for path in (home / "lake").rglob("*") if path.name == REBUILDING or (path.name.startswith(".") and path.name != ".lock")
    ]
    return beside + [str(path.relative_to(home)) for path in inside]


def at_every_call(step: int = 1, *, damaged: bool, first: int = 1) -> dict[str, int]:
    """A rebuild killed at its first, 1 + ``step``-th … call that opens, writes, syncs, renames or removes something in the lake.

    A sound lake shows what it showed, to every reader; a damaged one refuses with a remedy until the next rebuild is through.
    The next rebuild and the next ingest make it whole, and leave nothing behind.
    """
    told = {"killed": 0, "shown": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        shim = build_shim(home)
        if shim is None:
            return told
        forks = Forks(home, shim)
        base, root = home / "base", home / "in"
        root.mkdir()
        for i in range(FILES):
            write(root / f"f{i}.yaml", 3)
        code, said = forks.run(base, *INGEST)
        if code:
            raise Inconsistent(f"no lake to start from: {said}")
        whole = see(base)
        if damaged:
            shutil.rmtree(base / "requests")
            (next((base / "chunks").glob("*.parquet"))).write_bytes(b"")
        n = first
        while _killed(forks, home, n, whole, told, damaged=damaged):
            n += step
        forks.close()
    return told


def _killed(forks: Forks, home: Path, n: int, whole: dict[str, tuple[int, int]], told: dict[str, int], *, damaged: bool) -> bool:
    lake, hit = home / "lake", home / "hit"
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(home / "base", lake)
    hit.unlink(missing_ok=True)
    env = {"FAULTY_CALL": "any", "FAULTY_N": str(n), "FAULTY_ERRNO": "KILL", "FAULTY_BELOW": str(lake), "FAULTY_HIT": str(hit)}
    code, said = forks.run(lake, *REBUILD, env=env)
    if not hit.exists():
        if code:
            raise Inconsistent(f"rebuild without a kill: exit {code}\n{said}")
        return False
    place = f"rebuild killed at call {n} of a {'damaged' if damaged else 'sound'} lake"
    if code != -signal.SIGKILL or "Traceback" in said:
        raise Inconsistent(f"{place}: exit {code}\n{said}")
    told["killed"] += 1
    try:
        if see(lake) != whole:
            raise Inconsistent(f"{place}: shows {see(lake)}")
        told["shown"] += 1
    except LakeError as refused:
        if not damaged or "llm-usage rebuild" not in refused.remedy:
            raise Inconsistent(f"{place}: {refused}") from None
        told["refused"] += 1
    turns = (REBUILD, INGEST) if damaged or n % 2 else (INGEST, REBUILD)
    for words in (*turns, VACUUM):
        code, said = forks.run(lake, *words)
        if code or "Traceback" in said:
            raise Inconsistent(f"{place}: the next {words[0]}: exit {code}\n{said}")
    if see(lake) != whole or leftovers(home):
        raise Inconsistent(f"{place}: after the next runs {see(lake)}, left over {leftovers(home)}")
    return True


def alive(group: int) -> list[int]:
    """Processes of a session that are there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(stat[3]) == group and stat[0] != "Z":
                found.append(int(entry.name))
    return found


def drivers(count: int, seed: int = 5) -> dict[str, float]:
    """Drivers with workers killed, or told twice to end: how long the last of their processes outlives them, 5 s at most."""
    chance = random.Random(seed)
    told = {"killed": 0, "told_twice": 0, "slowest_s": 0.0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        root = home / "in"
        root.mkdir()
        for i in range(2000):
            write(root / f"f{i}.yaml", 1)
        for number in range(count):
            process = command(home / f"lake{number}", "ingest", str(root), "--workers", "2", "--quiet")
            until = time.monotonic() + 60
            while len(alive(process.pid)) < 4 and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(chance.random() * 0.3)
            if process.poll() is not None:
                raise Inconsistent("the driver ended before it could be killed")
            if number % 2:
                process.terminate()
                time.sleep(0.05)
                process.terminate()
            else:
                process.kill()
            told["told_twice" if number % 2 else "killed"] += 1
            process.wait(timeout=60)
            begun = time.monotonic()
            while left := alive(process.pid):
                if time.monotonic() - begun > 5:
                    raise Inconsistent(f"{len(left)} processes outlived their driver")
                time.sleep(0.02)
            told["slowest_s"] = max(told["slowest_s"], round(time.monotonic() - begun, 2))
            if process.stderr is not None:
                process.stderr.close()
            shutil.rmtree(home / f"lake{number}", ignore_errors=True)
    return told


if __name__ == "__main__":
    figure = int(sys.argv[2])
    begun = time.monotonic()
    done = {
        "rounds": lambda: rounds(figure, *map(int, sys.argv[3:])),
        "sound": lambda: at_every_call(figure, damaged=False),
        "damaged": lambda: at_every_call(figure, damaged=True),
        "drivers": lambda: drivers(figure),
    }[sys.argv[1]]()
    print("rebuilding", sys.argv[1], done, f"{time.monotonic() - begun:.0f} s", flush=True)
