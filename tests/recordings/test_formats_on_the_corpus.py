"""Every file of the development corpus: claimed by one format, with the exchanges that the referee counts, in its order."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from llm_usage import framing, recordings
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.model.frames import COMMENT, EMPTY, STRAY
from llm_usage.recordings.document import Document
from places import SHARED

CORPUS = SHARED / "corpus"
FORMATS = {
    "go-vcr": "go_vcr",
    "vcrpy": "vcrpy",
    "ruby-vcr": "ruby_vcr",
    "har-polly": "har",
    "mastra-recorder": "llm_recorder",
    "raw-sse": "raw_sse",
    "chunks-txt": "raw_ndjson",
    "json-list": "json_list",
    "wiremock": "wiremock",
    "httprr": "httprr",
    "httpmock-yaml": "when_then",
    "req_llm": "reads_json",
    "entries-json": "entries_json",
    "test-server-json": "test_server",
}
#: 15 answers one after another: the referee takes them for one, with low confidence; each is an exchange (design/schema.md).
SEVERAL = {"vercel+ai/packages/anthropic/src/__fixtures__/anthropic-programmatic-tool-calling.1.chunks.txt": 15}

pytestmark = pytest.mark.usefixtures("corpus")  # skips, with a clear word, where it is absent


def _expected() -> dict[str, list[dict]]:
    files: dict[str, list[dict]] = defaultdict(list)
    if CORPUS.is_dir():
        for line in (CORPUS / "expected.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            files[f"{row['repo']}/{row['path']}"].append(row)
    return files


EXPECTED = _expected()


def _read(path: str) -> tuple[str | None, list[Exchange | Unreadable]]:
    document = Document(path, path=CORPUS / path, root=CORPUS)
    found = recordings.identify(document)
    return (None, []) if found is None else (found.name, list(found.exchanges(document)))


@pytest.mark.parametrize("container", sorted({row["container"] for rows in EXPECTED.values() for row in rows}))
def test_every_file_of_a_container(container):
    wrong = []
    for path, rows in EXPECTED.items():
        if rows[0]["container"] != container:
            continue
        name, items = _read(path)
        if container == "raw-ndjson":  # a data set, not a recording; the referee says so too
            assert {row["outcome"] for row in rows} == {"not_llm"}
            assert name is None
            continue
        if name != FORMATS[container]:
            wrong.append(f"{path}: claimed by {name}")
            continue
        count = SEVERAL.get(path, len(rows))
        if [item.index for item in items] != list(range(count)):
            wrong.append(f"{path}: {len(items)} exchanges, the referee counts {count}")
            continue
        for row in rows:
            item = items[row["idx"]]
            if isinstance(item, Unreadable):
                wrong.append(f"{path}#{row['idx']}: {item.error}")
                continue
            if item.status != row["http_status"]:
                wrong.append(f"{path}#{row['idx']}: status {item.status}, not {row['http_status']}")
            host = (item.url or "").partition("://")[2].split("/")[0] or (item.url or "").split("/")[0] or None
            if row.get("host") and host != row["host"]:
                wrong.append(f"{path}#{row['idx']}: host {host}, not {row['host']}")
    assert wrong == []


def test_frames_of_streams_are_as_many_as_the_referee_counts():
    wrong = []
    for path, rows in EXPECTED.items():
        if path in SEVERAL or not any(row.get("is_stream") and row.get("n_data_events") for row in rows):
            continue
        _, items = _read(path)
        for row in rows:
            if not (row.get("is_stream") and row.get("n_data_events")) or row["confidence"] != "high":
                continue
            item = items[row["idx"]]
            assert isinstance(item, Exchange)
            frames = framing.split(item.body)
            count = sum(mark not in (COMMENT, EMPTY, STRAY) for mark in frames.mark)
            if count != row["n_data_events"]:
                wrong.append(f"{path}#{row['idx']}: {count}, not {row['n_data_events']}")
    assert wrong == []


def test_licences_and_side_files():
    listed = set(EXPECTED)
    others = [path for path in CORPUS.rglob("*") if path.is_file() and path.relative_to(CORPUS).as_posix() not in listed]
    for path in others:
        relative = path.relative_to(CORPUS)
        if relative.as_posix() == "expected.jsonl":
            continue
        owner = recordings.side_file_owner(relative)
        if owner is None or not (CORPUS / owner).exists():
            document = Document(relative.as_posix(), path=path, root=CORPUS)
            assert recordings.identify(document) is None, relative
