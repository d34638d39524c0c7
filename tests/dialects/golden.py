"""Owns the reading of a dialect's sample into what is compared; ``python tests/dialects/golden.py`` writes missing expectations.

A sample is ``tests/samples/dialects/<api>/<case>.<ext>``: a response body as it came, made up for this project. What is known besides
(path, status, headers, request) lies in ``<case>.given.json``, what must come out in ``<case>.expected.json``. An expectation that
is there is never overwritten: delete it first, and read the new one before you commit it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from llm_usage.dialects import Dialect, select
from llm_usage.framing import split
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.frames import Frames
from llm_usage.model.observations import Observations
from llm_usage.model.schema import KINDS
from llm_usage.model.stream import Stream

SAMPLES = Path(__file__).parent.parent / "samples" / "dialects"
SUFFIXES = {".sse", ".json", ".ndjson", ".bin"}


@dataclass(frozen=True)
class Case:
    """One sample."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def api(self) -> str | None:
        """The dialect that must claim it; None = nobody."""
        return None if self.path.parent.name == "other" else self.path.parent.name

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def given(self) -> dict[str, Any]:
        beside = self.path.with_name(f"{self.path.stem}.given.json")
        found: dict[str, Any] = json.loads(beside.read_text()) if beside.exists() else {}
        return found

    @property
    def expected(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.expected.json")


def cases() -> list[Case]:
    """Every sample, by name."""
    return [
        Case(path)
        for path in sorted(SAMPLES.glob("*/*"))
        if path.suffix in SUFFIXES and not path.name.endswith((".given.json", ".expected.json"))
    ]


def stream_of(frames: Frames, given: dict[str, Any]) -> Stream:
    return Stream(
        frames,
        http_status=given.get("status"),
        request=given.get("request"),
        url_path=given.get("path", ""),
        response_headers=given.get("headers"),
    )


def read(dialect: Dialect, stream: Stream) -> tuple[Observations, ChunkColumns]:
    columns = ChunkColumns(len(stream.frames))
    observed = Observations(dialect.api)
    dialect.observe(stream, columns, observed)
    return observed, columns


def observe(case: Case) -> dict[str, Any]:
    """Everything that framing and dialect make of a sample, defaults left out."""
    given = case.given
    frames = split(case.body)
    stream = stream_of(frames, given)
    dialect = select(stream, stream.url_path, stream.request)
    out: dict[str, Any] = {"framing": frames.framing, "is_stream": frames.is_stream, "api": dialect.api if dialect else None}
    if frames.unterminated:
        out["unterminated"] = True
    if dialect is None:
        return out
    observed, columns = read(dialect, stream)
    default = Observations(dialect.api)
    out["observed"] = {
        f.name: getattr(observed, f.name)
        for f in fields(Observations)
        if f.name != "api" and not f.name.startswith("_") and getattr(observed, f.name) != getattr(default, f.name)
    }
    if given:
        facts = dialect.request_facts(stream.request, stream.url_path)
        out["facts"] = {f.name: getattr(facts, f.name) for f in fields(facts) if getattr(facts, f.name) is not None}
    out["chunks"] = [chunk(frames, columns, i) for i in range(len(frames))]
    text: dict[str, Any] = json.loads(json.dumps(out, default=str))
    return text


def chunk(frames: Frames, columns: ChunkColumns, i: int) -> dict[str, Any]:
    row: dict[str, Any] = {"at": [frames.offset[i], frames.length[i]], "kind": KINDS[columns.kind[i]]}
    if frames.mark[i]:
        row["mark"] = frames.mark[i]
    for name in ChunkColumns.__slots__:
        if name not in {"kind", "keep_text", "text"}:
            value = getattr(columns, name)[i]
            if value is not None and value is not False and not (value == 0 and name.endswith(("bytes", "chars"))):
                row[name] = value
    return row


def show(value: dict[str, Any]) -> str:
    """One chunk a line, so that a difference is a line."""
    head = {key: part for key, part in value.items() if key != "chunks"}
    text = json.dumps(head, indent=1, ensure_ascii=False)
    if "chunks" in value:
        rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in value["chunks"])
        text = f'{text[:-2]},\n "chunks": [\n{rows}\n ]\n}}'
    return text + "\n"


def main() -> int:
    """Write what is missing; refuse to overwrite what differs."""
    refused = 0
    for case in cases():
        text = show(observe(case))
        if not case.expected.exists():
            case.expected.write_text(text)
            print(f"wrote {case.expected.relative_to(SAMPLES)}")
        elif json.loads(case.expected.read_text()) != json.loads(text):
            print(f"differs, not overwritten: {case.expected.relative_to(SAMPLES)}; delete it first")
            refused += 1
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
