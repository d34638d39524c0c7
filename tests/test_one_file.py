"""A new format and a new dialect are one file each: two toys, put beside the package at run time, and nothing else touched."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import llm_usage
from llm_usage import dialects, recordings
from llm_usage.dialects import _ignored
from llm_usage.reports.readable import readable

FORMAT = '''
"""Owns the tapes of a toy; must not know what a body means."""
from llm_usage.recordings._parts import each, exchange, halves

class Tape:
    name = "toy_tape"
    title = "Tapes of a toy"

    def claims(self, document):
        return isinstance(document.probe, dict) and "toy_tape" in document.probe

    def exchanges(self, document):
        return each(document, document.items("calls", exact=True), one)

def one(index, place, item, document):
    request, response = halves(item, place, document)
    return exchange(
        document, index, place, method="POST", url=request["url"],
        request_body=request["body"], status=200, response_body=response["body"],
    )

FORMAT = Tape()
'''
DIALECT = '''
"""Owns the dialect of a toy; must not know who speaks it."""
from llm_usage.codecs.values import as_str
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects.error_body import note_error
from llm_usage.dialects._streams import add_usage, close, heads, messages

class Toy:
    api = "toy_talk"
    title = "Dialect of a toy"
    generates_nothing = (("toy shelf", r"/toys/shelf"),)

    def claims_payload(self, stream):
        return any("toy_says" in payload for payload in heads(stream))

    def claims_path(self, path):
        return path.startswith(("/toys", "/upload/toys"))

    def claims_request(self, body):
        return OWN if isinstance(body, dict) and "toy_asks" in body else NONE

    def observe(self, stream, columns, observed):
        for i, payload in messages(stream, columns, observed):
            if "toy_says" in payload:
                observed.message_seen = True
                columns.add_text(i, as_str(payload["toy_says"]) or "")
                add_usage(i, columns, observed)
                observed.count("output_tokens", payload.get("toys"))
                observed.finish("stop")
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body, path):
        return facts(body, operation="chat", messages=body.get("toy_asks") if isinstance(body, dict) else None)

DIALECT = Toy()
'''
#: The sample, and what must come of each call: (api, output tokens, HTTP body is read as a stream).
URL = "https://toys.example/toys/talk"
CALLS = [
    (URL, {"toy_asks": "x", "model": "bear-1"}, {"toy_says": "growl", "toys": 3}),
    (URL, {"toy_asks": "x"}, 'data: {"toy_says": "gr"}\n\ndata: {"toy_says": "owl", "toys": 4}\n\n'),
    ("https://toys.example/upload/toys", {"toy_asks": "x"}, {"error": {"message": "made up", "type": "tired"}}),
    ("https://toys.example/else", {"toy_asks": "x"}, {"error": {"message": "made up", "type": "tired"}}),
    ("https://toys.example/toys/shelf", {"toy_asks": "x"}, {"shelf": []}),
]


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One file in each of two folders that the packages look into; the recording in a third. Nothing else is told of them."""
    for package, text in ((recordings, FORMAT), (dialects, DIALECT)):
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / f"toy_{package.__name__.rpartition('.')[2]}.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
        package.registry.cache_clear()
    importlib.invalidate_caches()
    sample = tmp_path / "recorded" / "tape.json"
    sample.parent.mkdir()
    calls = [{"request": {"url": url, "body": asked}, "response": {"body": got}} for url, asked, got in CALLS]
    sample.write_text(json.dumps({"toy_tape": 1, "calls": calls}))
    yield sample
    monkeypatch.undo()
    for package in (recordings, dialects):
        package.registry.cache_clear()
        name = f"toy_{package.__name__.rpartition('.')[2]}"
        sys.modules.pop(f"{package.__name__}.{name}", None)
        if hasattr(package, name):
            delattr(package, name)


def test_two_files_and_their_rows_are_there(toys: Path, tmp_path: Path) -> None:
    tables = llm_usage.read(str(toys))
    assert tables["recordings"].to_pylist()[0]["recording_format"] == "toy_tape"
    rows = tables["requests"].to_pylist()
    assert [(r["api"], r["output_tokens"], r["is_stream"], r["error_type"]) for r in rows] == [
        ("toy_talk", 3, False, None),
        ("toy_talk", 4, True, None),
        ("toy_talk", None, False, "tired"),
        ("toy_talk", None, False, "tired"),
    ]
    assert rows[0]["request_model"] == "bear-1"
    assert tables["recordings"].to_pylist()[0]["ignored_reasons"] == ["4: toy shelf"]


def test_they_are_listed_and_the_lake_and_its_checks_take_them(toys: Path, tmp_path: Path) -> None:
    listed = {(one.kind, one.name): one.what for one in readable()}
    assert listed["recording format", "toy_tape"] == "Tapes of a toy"
    assert listed["dialect", "toy_talk"] == "Dialect of a toy"
    lake = tmp_path / "lake"
    assert llm_usage.ingest(str(toys.parent), str(lake)).tally.requests == 4
    with llm_usage.connect(str(lake)) as db:
        apis = db.execute("select distinct api, recording_format from staging.requests").fetchall()
        closed = (Path(__file__).parent.parent / "sql" / "checks" / "enums_are_closed.sql").read_text()
        assert db.execute(closed).fetchall() == []
    assert apis == [("toy_talk", "toy_tape")]


def test_they_are_gone_again() -> None:
    assert "toy_tape" not in {f.name for f in recordings.registry()}
    assert "toy_talk" not in {d.api for d in dialects.registry()}
    assert _ignored.ignore_reason("POST", "/upload/toys", None, _empty()) == "files"


def _empty() -> object:
    from llm_usage.framing import split
    from llm_usage.model.stream import Stream

    return Stream(split(b""))
