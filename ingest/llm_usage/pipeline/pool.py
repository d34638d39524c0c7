"""Owns who does the work: this process, or worker processes through `concurrent.futures`; must not know what becomes of it.

A worker that a file kills (native code that crashes, more CPU time or memory than allowed) breaks its pool. Its jobs are
then done again one at a time, each in a process of its own, so that the one file is found and only it is lost.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import select
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from llm_usage.durable import runs
from llm_usage.errors import LimitError, LlmUsageError
from llm_usage.pipeline.tasks import Job, TaskConfig, TaskResult
from llm_usage.pipeline.worker import lost, read_jobs

#: A task is this many files, or this many bytes of them.
TASK_FILES = 250
TASK_BYTES = 16 * 1024 * 1024
_MIB = 1024 * 1024
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a worker may use for one task. Source: recordings.md, limits that work."""

    memory_bytes: int = 1024 * _MIB
    cpu_s: int = 20
    """For any task, on top of `cpu_s_per_100_mib`."""
    cpu_s_per_100_mib: int = 60


DEFAULT_ALLOWANCE = Allowance()


def tasks(jobs: Iterator[Job]) -> Iterator[list[Job]]:
    """Jobs in handfuls."""
    task: list[Job] = []
    size = 0
    for job in jobs:
        task.append(job)
        size += job.found.size
        if len(task) >= TASK_FILES or size >= TASK_BYTES:
            yield task
            task, size = [], 0
    if task:
        yield task


def run_here(jobs: Iterator[Job], config: TaskConfig) -> Iterator[tuple[list[Job], TaskResult]]:
    """Every task in this process, in order."""
    for task in tasks(jobs):
        yield task, read_jobs(task, config)


def run_in_workers(
    jobs: Iterator[Job], config: TaskConfig, workers: int, allowance: Allowance = DEFAULT_ALLOWANCE
) -> Iterator[tuple[list[Job], TaskResult]]:
    """Every task in one of ``workers`` processes, in the order they are done; few are under way at a time.

    Raises:
        OSError: the lake's disk refuses.
    """
    waiting = tasks(jobs)
    pool: ProcessPoolExecutor | None = None
    running: dict[Future[TaskResult], list[Job]] = {}
    try:
        more = True
        while more or running:
            while more and len(running) < workers * 2:
                task = next(waiting, None)
                if task is None:
                    more = False
                    break
                pool = pool or _pool(workers)
                running[pool.submit(_limited, task, config, allowance)] = task
            done, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), set())
            broken: list[list[Job]] = []
            for future in done:
                task = running.pop(future)
                try:
                    yield task, future.result()
                except BrokenExecutor:
                    broken.append(task)
            if broken:
                # The pool is dead and with it every task under way: each may hold the file that killed it.
                broken.extend(running.values())
                running.clear()
                if pool is not None:
                    pool.shutdown(wait=False, cancel_futures=True)
                pool = None
                for task in broken:
                    yield from _one_by_one(task, config, allowance)
    finally:
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def _one_by_one(task: Sequence[Job], config: TaskConfig, allowance: Allowance) -> Iterator[tuple[list[Job], TaskResult]]:
    """A task whose pool broke: one file, one process."""
    pool = _pool(1)
    try:
        for job in task:
            try:
                yield [job], pool.submit(_limited, [job], config, allowance).result()
            except BrokenExecutor:
                pool.shutdown(wait=False)
                pool = _pool(1)
                yield [job], lost(job, killed(job), config)
    finally:
        pool.shutdown(wait=True)


def killed(job: Job) -> LlmUsageError:
    """The error of a file that its reader did not survive."""
    return LimitError(
        job.found.path,
        "reading it crashed, or took more CPU time or memory than a worker may use",
        "Look whether it is a recording; if it is, please report it, and exclude it under `ignore:` in llm-usage.yaml meanwhile",
    )


def _pool(workers: int) -> ProcessPoolExecutor:
    # A fork server is started clean and loads our modules once: forking this process would copy its threads' locks.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["llm_usage.pipeline.worker"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(os.getpid(), _umask()))


def _umask() -> int:
    """The umask of this process; it can only be read by setting it."""
    now = os.umask(0o077)
    os.umask(now)
    return now


def _start_worker(driver: int, umask: int) -> None:
    """A worker leaves signals to the driver, ends with it, writes with its rights, and leaves no core file.

    Its parent is the fork server, which in turn lives as long as any worker holds the pipe to it; so a driver that is killed
    would leave both for ever, with its standard output held open. Workers therefore watch the driver itself.
    """
    os.umask(umask)
    threading.Thread(target=_end_with, args=(driver,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with(driver: int) -> None:
    """End this process when the driver has ended."""
    try:
        handle = os.pidfd_open(driver)
    except ProcessLookupError:
        os._exit(0)
    except (OSError, AttributeError):
        while runs(driver):  # no pidfd on this system
            time.sleep(0.5)
        os._exit(0)
    select.select([handle], [], [])
    os._exit(0)


def _limited(task: Sequence[Job], config: TaskConfig, allowance: Allowance) -> TaskResult:
    """One task within its allowance: too much CPU time kills the process, too much memory is an error in Python or kills it."""
    size = sum(job.found.size for job in task)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + allowance.cpu_s + allowance.cpu_s_per_100_mib * (size // (100 * _MIB) + 1)
    _soft(resource.RLIMIT_CPU, seconds)
    _soft(resource.RLIMIT_DATA, _data_bytes() + allowance.memory_bytes)
    try:
        return read_jobs(task, config)
    except MemoryError:
        os._exit(70)  # as if killed: the driver finds the file


def _soft(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _data_bytes() -> int:
    """Private writable memory of this process now (Linux); where that is not known, a generous guess."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - procfs
            return int(file.read().split()[5]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 4096 * _MIB
