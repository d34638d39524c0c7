"""Owns mutants that keep the structure: values inside the JSON of real-shaped answers replaced by null, lists, objects, huge and
negative numbers, strings; the whole way from file to checks, and what has to hold of every row.

Used by the tests at small figures and by ``make torture`` at large ones: ``python tests/mutants.py 100000``.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "dialects")]

from click.testing import CliRunner  # noqa: E402

from dialects import golden  # noqa: E402
from framing.test_every_framing import aws  # noqa: E402
from llm_usage import connect  # noqa: E402
from llm_usage.cli import main  # noqa: E402
from llm_usage.framing import split  # noqa: E402
from llm_usage.model.frames import DATA, STRAY, Frames  # noqa: E402
from llm_usage.model.observations import TOKEN_FIELDS  # noqa: E402

#: What a value becomes. None of it is 0: a count of 0 that appears was made up.
SHAPES: dict[str, list[Any]] = {
    "null": [None],
    "list": [[], [[]], [None], ["x"], [{}], [-1], [{"type": "text", "text": "x"}]],
    "object": [{}, {"x": {}}, {"type": 7}, {"text": None}],
    "huge": [2**53, 2**63 - 1, 2**63, 2**80, 1e300],
    "negative": [-1, -7.5, -(2**63), -(2**70)],
    "fraction": [0.5, 7.25, 1e-300],
    "string": ["", "x", "12", "-3", "null", "\ud800", "1e999", "a\x00b"],
    "bool": [True],
}
A_FILE = 250


class Broken(AssertionError):
    """A mutant met an exception, or one of its rows holds what no row may."""


def nodes(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a tree, but of the tree itself."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in steps:
        yield (*here, key)
        yield from nodes(inner, (*here, key))


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy with another value at that place; as it was when an earlier replacement took the place away."""
    value = copy.deepcopy(value)
    at = value
    for key in place[:-1]:
        at = at[key] if (isinstance(at, dict) and key in at) or (isinstance(at, list) and key in range(len(at))) else None
    if isinstance(at, dict) or (isinstance(at, list) and place[-1] in range(len(at))):
        at[place[-1]] = new
    return value


def mutant(case: golden.Case, chance: random.Random) -> tuple[bytes, list[str]]:
    """The body with one to three values replaced, and what was done: frame, place, kind."""
    frames = split(case.body)
    readable = [i for i in range(len(frames)) if frames.mark[i] in (DATA, STRAY) and _tree(frames.payload[i]) is not None]
    payloads = list(frames.payload)
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if not readable:
            break
        i = chance.choice(readable)
        tree = _tree(payloads[i])
        wrapped = isinstance(tree, dict) and isinstance(tree.get("bytes"), str) and chance.random() < 0.9
        inner = _tree(_b64(tree["bytes"])) if wrapped else tree
        places = list(nodes(inner))
        if not places:
            continue
        place, kind = chance.choice(places), chance.choice(tuple(SHAPES))
        changed = replaced(inner, place, chance.choice(SHAPES[kind]))
        if wrapped:
            changed = {**tree, "bytes": b64encode(json.dumps(changed).encode()).decode()}
        payloads[i] = json.dumps(changed).encode()
        done.append(f"frame {i} {'.'.join(map(str, place))} → {kind}")
    return _joined(frames, payloads, case.body), done


def _b64(text: str) -> bytes:
    try:
        return b64decode(text)
    except ValueError:
        return b""


def _tree(payload: bytes) -> Any:
    try:
        tree = json.loads(payload)
    except ValueError:
        return None
    return tree if isinstance(tree, (dict, list)) and tree else None


def _joined(frames: Frames, payloads: list[bytes], body: bytes) -> bytes:
    """The frames as a body again; those that were not touched as they came."""
    out = []
    for i, payload in enumerate(payloads):
        sent = body[frames.offset[i] : frames.offset[i] + frames.length[i]]
        if payload == frames.payload[i]:
            out.append(sent)
        elif frames.framing == "sse":
            event = f"event: {frames.event[i]}\n" if frames.event[i] else ""
            out.append(event.encode() + b"data: " + payload + b"\n\n")
        elif frames.framing == "aws_eventstream":
            out.append(aws(frames.event[i] or "", payload))
        else:
            out.append(payload + b"\n")
    if frames.framing == "json_array":
        return b"[" + b",".join(out) + (b"]" if not frames.unterminated else b"")
    return b"".join(out)


def entry(case: golden.Case, body: bytes, number: int) -> dict[str, Any]:
    """The answer as an entry of a HAR file, with what was asked."""
    given = case.given
    headers = [{"name": name, "value": str(value)} for name, value in (given.get("headers") or {}).items()]
    request = given.get("request")
    return {
        "startedDateTime": f"2025-09-24T08:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
        "time": 400,
        "request": {
            "method": "POST",
            "url": f"https://api.example.com{given.get('path', '')}",
            "headers": [],
            "postData": {"mimeType": "application/json", "text": json.dumps(request)} if request is not None else {},
        },
        "response": {
            "status": given.get("status") or 200,
            "headers": headers,
            "content": {"encoding": "base64", "text": b64encode(body).decode()},
        },
        "timings": {"send": 1, "wait": 300, "receive": 99},
    }


CASES = [case for case in golden.cases() if case.body]
ZERO_SQL = f"select recording_path, exchange_index, {', '.join(TOKEN_FIELDS)} from requests order by 1, 2"


def run(count: int, seed: int = 1) -> dict[str, int]:
    """So many mutants through the whole way: read without a bug, every row counted, every check of ``sql/checks`` without a finding.

    Raises:
        Broken: names the mutant.
    """
    told = {"mutants": 0, "rows": 0, "chunks": 0, "left_out": 0, "rejected": 0}
    for batch, first in enumerate(range(0, count, 20_000)):
        for name, more in _some(min(20_000, count - first), seed + batch).items():
            told[name] += more
    return told


def _some(count: int, seed: int) -> dict[str, int]:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home_name:
        home = Path(home_name)
        root, lake = home / "in", home / "lake"
        root.mkdir()
        (root / "0.har").write_text(_har([entry(case, case.body, n) for n, case in enumerate(CASES)]))
        made: dict[tuple[str, int], tuple[int, list[str]]] = {}
        for start in range(0, count, A_FILE):
            entries, name = [], f"m{start:06d}.har"
            for n in range(min(A_FILE, count - start)):
                which = chance.randrange(len(CASES))
                body, done = mutant(CASES[which], chance)
                made[name, n] = which, done
                entries.append(entry(CASES[which], body, n))
            (root / name).write_text(_har(entries))
        result = CliRunner().invoke(main, ["ingest", str(root), "--lake", str(lake), "--workers", "2", "--quiet"])
        if result.exit_code:
            raise Broken(f"exit {result.exit_code}: {result.output[-3000:]}")
        checked = CliRunner().invoke(main, ["check", "--lake", str(lake)])
        with connect(lake) as connection:
            sums = "sum(exchanges), sum(llm_requests), sum(ignored_exchanges), sum(rejected_exchanges), sum(chunks)"
            exchanges, rows, ignored, rejected, chunks = connection.execute(f"select {sums} from recordings").fetchone() or ()
            counts = {(path, index): values for path, index, *values in connection.execute(ZERO_SQL).fetchall()}
            if checked.exit_code:
                raise Broken(f"{checked.output[-3000:]}\n{_who(checked.output, connection, made)}")
        if exchanges != count + len(CASES) or exchanges != rows + ignored + rejected:
            raise Broken(f"{exchanges} exchanges of {count + len(CASES)}: {rows} rows, {ignored} left out, {rejected} rejected")
        _no_zero_made_up(made, counts)
        return {"mutants": count, "rows": int(rows), "chunks": int(chunks), "left_out": int(ignored), "rejected": int(rejected)}


def _no_zero_made_up(made: dict[tuple[str, int], tuple[int, list[str]]], counts: dict[tuple[str, int], list[int | None]]) -> None:
    """Unknown is NULL: no replacement is a 0, so a count of 0 has to be one that the sample reports, or was sent in one of its frames."""
    found: Counter[str] = Counter()
    for key, (which, done) in made.items():
        before, now = counts.get(("0.har", which)), counts.get(key)
        if before is not None and now is not None:
            for name, old, new in zip(TOKEN_FIELDS, before, now, strict=True):
                if new == 0 and old != 0 and not _sends_zero(CASES[which]):
                    found[f"{CASES[which].name} {name} {old} → 0: {'; '.join(done)}"] += 1
    if found:
        raise Broken("counts of 0 that nobody sent:\n" + "\n".join(line for line, _ in found.most_common(40)))


def _sends_zero(case: golden.Case) -> bool:
    return any(_tree_value(payload) for payload in split(case.body).payload)


def _tree_value(payload: bytes) -> bool:
    tree = _tree(payload)
    if isinstance(tree, dict) and isinstance(tree.get("bytes"), str):
        tree = _tree(_b64(tree["bytes"]))

    def zero(value: Any, key: str = "") -> bool:
        if isinstance(value, dict):
            return any(zero(v, k) for k, v in value.items())
        if isinstance(value, list):
            return any(zero(v, key) for v in value)
        return value == 0 and not isinstance(value, bool) and ("oken" in key or "count" in key.lower())

    return zero(tree)


def _who(said: str, connection: Any, made: dict[tuple[str, int], tuple[int, list[str]]]) -> str:
    """The mutants that a check's findings name."""
    rows = connection.execute("select request_id, recording_path, exchange_index from requests").fetchall()
    named = [(path, index) for request_id, path, index in rows if request_id in said or request_id[:12] in said]
    return "\n".join(
        f"{path} {index}: {CASES[made[path, index][0]].name} {made[path, index][1]}" for path, index in named if (path, index) in made
    )


def _har(entries: list[dict[str, Any]]) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "mutants", "version": "1"}, "entries": entries}})


if __name__ == "__main__":
    begun = time.monotonic()
    print("mutants", run(int(sys.argv[1]), *map(int, sys.argv[2:])), f"{time.monotonic() - begun:.0f} s")
