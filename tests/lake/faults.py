"""Owns faults in system calls: every n-th write, fsync, rename and open below the lake fails, and what the lake shows then.

Used by the tests in large steps and by ``make torture`` in steps of one: ``python tests/lake/faults.py fsync,rename``. The fault
injector is ``faulty.c``, loaded before the C library; without a C compiler there are no faults to inject.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
PROJECT = TESTS.parent
sys.path[:0] = [str(PROJECT / "ingest"), str(TESTS), str(TESTS / "lake")]

from torture import FILES, Inconsistent, see, write  # noqa: E402

from llm_usage.errors import LakeError  # noqa: E402


class Forks:
    """Runs the program in forks of one process that has everything imported: a start costs nothing, and faults are many."""

    def __init__(self, home: Path, preload: Path) -> None:
        """``preload`` is the fault injector; it sleeps until a call names a fault in its environment."""
        self.said = home / "said"
        environment = {**os.environ, "PYTHONPATH": str(PROJECT / "ingest"), "LD_PRELOAD": str(preload)}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=home, text=True
        )

    def run(self, lake: Path, *words: str, env: dict[str, str] | None = None) -> tuple[int, str]:
        """The exit code and what was said on standard error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        json.dump({"words": [*words, "--lake", str(lake)], "env": env or {}, "said": str(self.said)}, self.process.stdin)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline()), self.said.read_text()

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def serve() -> None:
    """The other end of ``Forks``: a line in, a fork, its exit code out. Nothing that has threads of its own runs in the parent."""
    from llm_usage.cli import main
    from llm_usage.lake import log, optimize  # noqa: F401

    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            code = 1
            try:
                os.environ.update(asked["env"])
                where = os.open(asked["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(where, 2)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                main(asked["words"])
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            except BaseException:  # noqa: BLE001 - as the interpreter would do
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


SHIM = Path(__file__).with_name("faulty.c")


def build_shim(folder: Path) -> Path | None:
    """The fault injector, compiled; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    out = folder / "faulty.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(out), str(SHIM), "-ldl"], check=True)
    return out


CALLS = ("write", "fsync", "rename", "open")
NUMBERS = {"EIO": 5, "ENOSPC": 28, "EMFILE": 24}
INGEST = ("ingest", "in", "-q", "--workers", "0")
OPTIMIZE = ("optimize", "--dead-after", "0s", "--vacuum-after", "0s")


def faults(what: tuple[str, ...] = INGEST, calls: tuple[str, ...] = CALLS, errors: tuple[str, ...] = tuple(NUMBERS),
           step: int = 1) -> dict[str, int]:  # fmt: skip
    """The command ``what`` under each fault: the lake shows the old state or the new, and the next run completes.

    Faults are counted as ``struck``; of them the command ``survived`` some and ``refused`` the others with an error of its own.
    """
    told = {"struck": 0, "survived": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        shim = build_shim(home)
        if shim is None:
            return told
        forks = Forks(home, shim)
        base = home / "base"
        old, new = _prepare(forks, base, what)
        for call in calls:
            for error in errors:
                n = 1
                while _strike(forks, base, what, (call, error, n), (old, new), told):
                    n += step
        forks.close()
    return told


State = dict[str, tuple[int, int]]


def _prepare(forks: Forks, base: Path, what: tuple[str, ...]) -> tuple[State, State]:
    """Make the lake that each fault starts from; what it shows, and what it has to show after a run without a fault."""
    root = base.parent / "in"
    root.mkdir()
    for version in (1, 2):
        for i in range(FILES):
            write(root / f"f{i}.yaml", version)
        if version == 1 or what is OPTIMIZE:
            code, said = forks.run(base, *INGEST)
            if code:
                raise Inconsistent(f"no lake to start from: {said}")
    return see(base), {f"f{i}.yaml": (2, 1) for i in range(FILES)}


def _strike(
    forks: Forks, base: Path, what: tuple[str, ...], fault: tuple[str, str, int], states: tuple[State, State], told: dict[str, int]
) -> bool:
    """One fault on a copy of the lake; false when there is no n-th call."""
    (call, error, n), (old, new) = fault, states
    lake, hit = base.parent / "lake", base.parent / "hit"
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(base, lake)
    hit.unlink(missing_ok=True)
    env = {"FAULTY_CALL": call, "FAULTY_N": str(n), "FAULTY_ERRNO": str(NUMBERS[error]), "FAULTY_BELOW": str(lake), "FAULTY_HIT": str(hit)}
    code, said = forks.run(lake, *what, env=env)
    if not hit.exists():
        return False
    place = f"{what[0]}, {error} at {call} {n}"
    told["struck"] += 1
    if code not in (0, 2) or "Traceback" in said:
        raise Inconsistent(f"{place}: exit {code}\n{said}")
    told["refused" if code else "survived"] += 1
    try:
        seen = see(lake)
    except LakeError as refused:
        if not refused.remedy:
            raise Inconsistent(f"{place}: {refused}") from None
        seen = old
    if seen not in (old, new):
        raise Inconsistent(f"{place}: neither old nor new: {seen}")
    if code == 0 and seen != new:
        raise Inconsistent(f"{place}: acknowledged and not there")
    for words in (what, INGEST):
        code, said = forks.run(lake, *words)
        if code or see(lake) != new:
            raise Inconsistent(f"{place}: the next {words[0]} does not complete: exit {code}, {said}")
    return True


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        chosen = tuple(sys.argv[1].split(",")) if len(sys.argv) > 1 else CALLS
        for command in (INGEST, OPTIMIZE):
            begun = time.monotonic()
            print("faults", command[0], *chosen, faults(command, chosen), f"{time.monotonic() - begun:.0f} s", flush=True)
