"""Owns what a run is told and what it tells: options, counts, summary, the row of ``runs``; must not know how it is done."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from llm_usage.config import Config
from llm_usage.errors import LlmUsageError
from llm_usage.normalize.labels import Labeller, header_names
from llm_usage.pipeline.read import PARSER_VERSION, Options, Outcome
from llm_usage.versions import package_version, program_version

#: Rejects kept for the terminal; all of them are in the ledger.
_KEPT = 1000


def new_run_id(now: datetime) -> str:
    """Sorts by time, unique."""
    return f"{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"


def fingerprint(*parts: object) -> str:
    """Of configured values that change rows; empty when there are none."""
    text = repr([p for p in parts if p])
    return hashlib.sha256(text.encode()).hexdigest()[:8] if text != "[]" else ""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run."""

    options: Options = field(default_factory=Options)
    label_headers: frozenset[str] = frozenset()
    fingerprint: str = ""
    """Of everything configured that changes rows: another one reads the files again."""
    ignore: Sequence[str] = ()
    dry_run: bool = False
    prune: bool = False
    force: bool = False
    """Read files although nothing says that they have changed."""
    workers: int = 0
    """Worker processes; 0 reads in this one."""
    on_read: Callable[[int, str], None] = lambda count, name: None  # noqa: ARG005 - names for the reader
    """Called with a number of files that were read and the last one's name."""
    stop: Callable[[], bool] = lambda: False
    """Asked between files: whether to end the run after what is under way."""

    @classmethod
    def from_config(cls, config: Config, *, keep_text: bool = False, **how: Any) -> RunOptions:
        """What the configuration says of reading, and whatever else is asked for.

        Args:
            config: limits, labels and what to ignore.
            keep_text: also keep the visible text of responses.
            how: further fields.
        """
        label = Labeller(config.labels) if config.labels else None
        return cls(
            options=Options(limits=config.limits, keep_text=keep_text, label=label),
            label_headers=header_names(config.labels),
            fingerprint=fingerprint(config.labels, keep_text),
            ignore=config.ignore,
            **how,
        )

    @property
    def parser_version(self) -> str:
        """Version of the code and of the configuration that rows depend on."""
        return f"{PARSER_VERSION}+{self.fingerprint}" if self.fingerprint else PARSER_VERSION


@dataclass(slots=True)
class Tally:
    """Counts over files that were read; adds up over workers."""

    unchanged: int = 0
    new: int = 0
    changed: int = 0
    ignored: int = 0
    """Files left out on purpose."""
    rejected: int = 0
    """Files that were rejected."""
    bugs: int = 0
    """Files in which a fault of ours was met; rejected, too."""
    busy: int = 0
    """Files that changed while they were read: left for the next run."""
    exchanges: int = 0
    requests: int = 0
    chunks: int = 0
    exchanges_ignored: int = 0
    exchanges_rejected: int = 0
    bytes_read: int = 0
    rejects: list[LlmUsageError] = field(default_factory=list)
    by_api: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: Outcome, verdict: str, *, known: bool, size: int) -> None:
        """Add one file that was read."""
        if known:
            self.changed += 1
        else:
            self.new += 1
        self.bytes_read += size
        self.exchanges += outcome.exchanges
        self.requests += outcome.llm_requests
        self.chunks += outcome.chunks
        self.exchanges_ignored += outcome.ignored
        self.exchanges_rejected += outcome.rejected
        self.rejected += verdict == "rejected"
        self.ignored += verdict == "ignored"
        for api, count in outcome.by_api.items():
            self.by_api[api] = self.by_api.get(api, 0) + count
        for error in [*([outcome.error] if outcome.error is not None else []), *outcome.errors]:
            self.reject(error)

    def reject(self, error: LlmUsageError) -> None:
        """Keep an error for the terminal."""
        if len(self.rejects) < _KEPT:
            self.rejects.append(error)

    def add(self, other: Tally) -> None:
        """Add another tally."""
        for each in fields(Tally):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if each.name == "rejects":
                for error in theirs:
                    self.reject(error)
            elif each.name == "by_api":
                for api, count in theirs.items():
                    mine[api] = mine.get(api, 0) + count
            else:
                setattr(self, each.name, mine + theirs)


@dataclass(slots=True)
class Summary:
    """What a run did."""

    run_id: str
    started_at: datetime
    seen: int = 0
    removed: int = 0
    commits: int = 0
    repaired: int = 0
    """Recordings read again because a damaged log had lost rows of theirs."""
    stopped: bool = False
    """The run ended early because it was asked to."""
    passed_over: dict[str, int] = field(default_factory=dict)
    """Folders that were not looked into, by name, and how many there were."""
    tally: Tally = field(default_factory=Tally)

    def pass_over(self, name: str) -> None:
        """Count a folder that is not looked into."""
        self.passed_over[name] = self.passed_over.get(name, 0) + 1

    @property
    def clean(self) -> bool:
        """Nothing was rejected."""
        return not self.tally.rejected and not self.tally.exchanges_rejected

    def row(self, finished_at: datetime) -> dict[str, Any]:
        """The row of ``runs``."""
        prices = package_version("genai-prices")
        return {
            "run_id": self.run_id,
            "started_at": self.started_at,
            "finished_at": finished_at,
            "recordings_seen": self.seen,
            "recordings_new": self.tally.new,
            "recordings_changed": self.tally.changed,
            "recordings_removed": self.removed,
            "recordings_rejected": self.tally.rejected,
            "request_rows": self.tally.requests,
            "chunk_rows": self.tally.chunks,
            "bytes_read": self.tally.bytes_read,
            "program_version": program_version(),
            "prices_version": f"genai-prices {prices}" if prices else None,
        }
