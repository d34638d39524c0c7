"""Owns the reading of a recording's sample into what is compared; ``python tests/recordings/golden.py`` writes missing expectations.

A sample is ``tests/samples/recordings/<format>/…/<case>.<ext>``: a recording as the tool writes it, made up for this project; those in
``none/`` are nobody's. What must come out lies beside it in ``<case>.<ext>.expected.json``. An expectation that is there is never
overwritten: delete it first, and read the new one before you commit it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from llm_usage import recordings
from llm_usage.errors import InputError
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.account import Account
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings import Format
from llm_usage.recordings.document import Document

SAMPLES = Path(__file__).parent.parent / "samples" / "recordings"
EXPECTED = ".expected.json"


@dataclass(frozen=True)
class Case:
    """One sample."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(SAMPLES).as_posix()

    @property
    def format(self) -> str | None:
        """The format that must claim it; None = nobody."""
        folder = self.name.split("/")[0]
        return None if folder == "none" else folder

    @property
    def expected(self) -> Path:
        return self.path.with_name(self.path.name + EXPECTED)

    def document(self, data: bytes | None = None, limits: Limits = DEFAULT_LIMITS) -> Document:
        """The sample, or other bytes in its place."""
        return Document(self.path.name, data, path=self.path, root=SAMPLES, limits=limits)


def cases(*, claimed: bool | None = None) -> list[Case]:
    """Every sample that is no side file, by name; with ``claimed`` only those that a format must, or must not, claim."""
    found = [Case(p) for p in sorted(SAMPLES.rglob("*")) if p.is_file() and not p.name.endswith(EXPECTED)]
    found = [c for c in found if not recordings.is_side_file(c.path.relative_to(SAMPLES))]
    return found if claimed is None else [c for c in found if (c.format is not None) is claimed]


def format_named(name: str) -> Format:
    return next(f for f in recordings.registry() if f.name == name)


def read(document: Document, format_: Format) -> tuple[list[Exchange | Unreadable], InputError | None]:
    """All that comes out of a document, and the error that ended it."""
    found: list[Exchange | Unreadable] = []
    try:
        found.extend(format_.exchanges(document))  # what came before an error stays
    except InputError as error:
        return found, error
    return found, None


def result(case: Case) -> dict[str, Any]:
    """What a sample gives, as JSON."""
    found = recordings.identify(case.document())
    if found is None:
        return {"format": None}
    items, error = read(case.document(), found)
    out: dict[str, Any] = {"format": found.name, "exchanges": [_item(item) for item in items]}
    if error is not None:
        out["error"] = str(error)
    return out


def _item(item: Exchange | Unreadable) -> dict[str, Any]:
    if isinstance(item, Unreadable):
        return {"index": item.index, "error": str(item.error)}
    clock = item.clock
    times = {
        "started_at": clock.started_at.isoformat() if clock.started_at else None,
        "headers_ns": clock.headers_ns,
        "duration_ns": clock.duration_ns,
        "first_chunk_ns": clock.first_chunk_ns,
        "first_token_ns": clock.first_token_ns,
        "recorded_at": clock.recorded_at.isoformat() if clock.recorded_at else None,
        "origin": clock.origin,
        "read_ends": list(clock.read_ends) or None,
        "arrivals_ns": list(clock.arrivals_ns) or None,
    }
    return {
        "index": item.index,
        "place": item.place,
        "method": item.method,
        "host": urlsplit(item.url or "").netloc or None,
        "path": urlsplit(item.url or "").path or None,
        "request_headers": dict(item.request_headers),
        "request_body": _bytes(item.request_body),
        "status": item.status,
        "response_headers": dict(item.response_headers),
        "body": _bytes(item.body),
        "clock": {name: value for name, value in times.items() if value is not None},
        "incomplete": item.incomplete,
    } | ({} if item.account is None else {"account": _account(item.account)})


def _account(account: Account) -> dict[str, Any]:
    """What of a log's account is said."""
    told = {f.name: getattr(account, f.name) for f in fields(account)}
    blank = {f.name: getattr(Account(), f.name) for f in fields(account)}
    kept = {name: value for name, value in told.items() if value != blank[name]}
    return json.loads(json.dumps(kept, default=lambda value: dict(value) if isinstance(value, Mapping) else str(value)))  # type: ignore[no-any-return]


def _bytes(data: bytes | None) -> dict[str, Any] | None:
    if data is None:
        return None
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "begins": data[:60].decode("utf-8", "replace")}


def main() -> None:
    """Write the expectations that are missing."""
    for case in cases():
        if not case.expected.exists():
            case.expected.write_text(json.dumps(result(case), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print("wrote", case.expected.relative_to(SAMPLES))


if __name__ == "__main__":
    main()
