"""Secrets and prompts planted in every corner of a recording appear nowhere: not in the lake, a log, an error or a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_usage.model.tables import TABLES

SERIAL = 0


def secret(kind: str) -> str:
    """A fresh, recognisable planted string."""
    global SERIAL  # noqa: PLW0603 - a counter
    SERIAL += 1
    shapes = {
        "key": f"sk-planted{SERIAL:04d}AbCdEfGhIjKlMnOpQrSt",
        "google": f"AIzaPLANTED{SERIAL:04d}abcdefghijklmnopqrstu",
        "jwt": f"eyJPLANTED{SERIAL:04d}abcdefghijklmnopqrst.abc.def",
        "text": f"planted words number {SERIAL:04d} of a prompt",
        "cookie": f"session=planted{SERIAL:04d}",
    }
    return shapes[kind]


class Planter:
    """Makes recordings full of secrets and remembers each of them."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def __call__(self, kind: str) -> str:
        made = secret(kind)
        self.planted.append(made)
        return made

    def headers(self) -> dict[str, list[str]]:
        names = ("Authorization", "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Cookie", "Set-Cookie", "Proxy-Authorization", "Openai-Organization", "X-Amz-Security-Token")  # fmt: skip
        return {name: [self("cookie" if "ookie" in name else "key")] for name in names} | {"Content-Type": ["application/json"]}

    def chat_request(self) -> str:
        return json.dumps(
            {
                "model": "gpt-4o-mini",
                "stream": True,
                "user": self("text"),
                "metadata": {"note": self("text")},
                "messages": [
                    {"role": "system", "content": self("text")},
                    {
                        "role": "user",
                        "content": [{"type": "text", "text": self("text")}, {"type": "image_url", "image_url": {"url": self("text")}}],
                    },
                    {
                        "role": "assistant",
                        "content": None,
                        "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": self("text")}}],
                    },
                ],
                "tools": [{"type": "function", "function": {"name": "f", "description": self("text")}}],
            }
        )

    def chat_stream(self, *, error: bool = False) -> str:
        chunks = [
            {"object": "chat.completion.chunk", "model": "gpt-4o-mini", "choices": [{"index": 0, "delta": {"content": self("text")}}]},
            {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"reasoning_content": self("text")}}]},
            {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"name": "g", "arguments": self("text")}}]}}]},
            {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"refusal": self("text")}, "finish_reason": "stop"}]},
            {"object": "chat.completion.chunk", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "note": self("text")}},
        ]  # fmt: skip
        if error:
            chunks.append(
                {"error": {"message": f"Incorrect API key provided: {self('key')}", "type": "invalid_request_error", "code": self("text")}}
            )
        frames = [
            f": {self('text')}\n\n",
            *(f"data: {json.dumps(c)}\n\n" for c in chunks),
            f"data: {{broken {self('text')}\n\n",
            "data: [DONE]\n\n",
        ]
        return "".join(frames)

    def anthropic_stream(self) -> str:
        events = [
            {"type": "message_start", "message": {"id": "msg_01", "model": "claude-x", "usage": {"input_tokens": 1, "output_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": self("text")}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": self("text")}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": self("text")}},
            {"type": "error", "error": {"type": "overloaded_error", "message": self("text")}},
        ]
        return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)

    def urls(self) -> list[str]:
        return [
            f"https://user:{self('key')}@api.openai.com/v1/chat/completions?api_key={self('key')}&x={self('text').replace(' ', '+')}",
            f"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse&key={self('google')}#{self('jwt')}",
            f"https://proxy.example/{self('key')}/v1/chat/completions",
        ]


def go_vcr(plant: Planter) -> str:
    """A cassette as JSON, which is YAML: one interaction each of what can hold a secret."""
    bodies = [
        plant.chat_stream(),
        plant.chat_stream(error=True),
        plant.anthropic_stream(),
        json.dumps({"error": {"message": plant("key"), "code": plant("key")}}),
        plant("text"),
    ]
    interactions = [
        {
            "id": i,
            "request": {
                "method": "POST",
                "url": url,
                "headers": plant.headers(),
                "body": plant.chat_request(),
                "form": {"a": [plant("key")]},
            },
            "response": {"code": code, "status": "x", "headers": plant.headers(), "body": body, "duration": "1s"},
        }
        for i, (url, body, code) in enumerate(zip(plant.urls() + plant.urls(), bodies, (200, 200, 200, 401, 200), strict=False))
    ]
    interactions.append({"id": 9, "request": plant.chat_request(), "response": None})
    return json.dumps({"version": 2, "interactions": interactions})


def har(plant: Planter) -> str:
    entry = {
        "startedDateTime": "2025-09-24T08:00:00.000Z",
        "time": 5,
        "request": {
            "method": "POST", "url": plant.urls()[0], "headers": [{"name": k, "value": v[0]} for k, v in plant.headers().items()],
            "cookies": [{"name": "a", "value": plant("cookie")}], "queryString": [{"name": "key", "value": plant("google")}],
            "postData": {"mimeType": "application/json", "text": plant.chat_request()},
        },
        "response": {
            "status": 200, "headers": [{"name": "Set-Cookie", "value": plant("cookie")}], "cookies": [{"name": "b", "value": plant("cookie")}],
            "content": {"mimeType": "text/event-stream", "text": plant.chat_stream()},
        },
        "timings": {"send": 1, "wait": 2, "receive": 2},
    }  # fmt: skip
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [entry]}})


@pytest.fixture
def planted(tmp_path: Path, cli) -> tuple[list[str], Path, str]:
    plant = Planter()
    root = tmp_path / "in"
    root.mkdir()
    (root / "a.json").write_text(go_vcr(plant))
    (root / "b.har").write_text(har(plant))
    (root / "c.sse").write_text(plant.chat_stream(error=True))
    (root / "d.yaml").write_text(
        f"version: 2\ninteractions:\n- request: {{url: '{plant.urls()[0]}'}}\n  response: {{body: '{plant('text')}\n"
    )
    (root / "e.json").write_text('{"log": {"entries": [{"request": {"url": "' + plant.urls()[0])
    (root / "f.yaml").write_text(f"api_key: {plant('key')}\n")
    (root / "g.txt").write_text(plant("text"))
    said = cli("ingest", root).output
    said += cli("ingest", root, "--log-format", "json", "--source", "again").output
    return plant.planted, tmp_path, said


@pytest.mark.exhaustive
def test_at_least_fifty_planted_strings_appear_nowhere(planted: tuple[list[str], Path, str], cli) -> None:
    strings, home, said = planted
    assert len(strings) >= 50
    places = {"what ingest prints": said}
    for table in TABLES:
        places[f"table {table.name}"] = cli("query", "--format", "ndjson", f"select * from raw.{table.name}").output
    for command in (("report",), ("report", "--wide"), ("status", "--format", "json"), ("check",), ("prices", "--format", "json")):
        places[" ".join(command)] = cli(*command, code=None).output
    names = [line.split()[0] for line in cli("report", "--list").output.splitlines() if line and not line.startswith(" ")]
    for name in names:
        places[f"report {name}"] = cli("report", name, "--format", "json").output
    for row in cli("query", "--format", "ndjson", "select request_id from raw.requests").output.splitlines():
        places[row] = cli("explain", json.loads(row)["request_id"]).output
    for path in (home / "lake").rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            places[str(path)] = path.read_text(errors="replace")
    found = [(text, place) for place, content in places.items() for text in strings if text in content or text.replace(" ", "+") in content]
    assert found == []
    assert '"n":' in cli("query", "--format", "ndjson", "select count(*) as n from raw.requests where status = 'ok'").output


def test_parquet_files_hold_none_either(planted: tuple[list[str], Path, str]) -> None:
    """Not even in statistics or dictionaries: the columns are read raw, every string of them."""
    import pyarrow.parquet as pq

    strings, home, _ = planted
    for path in (home / "lake").rglob("*.parquet"):
        content = json.dumps(pq.read_table(path).to_pylist(), default=str)
        assert [text for text in strings if text in content] == [], path


def test_text_is_stored_only_when_asked_for_and_only_answers(
    planted: tuple[list[str], Path, str], cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strings, _, _ = planted
    monkeypatch.setenv("LLM_USAGE_LAKE", str(tmp_path / "kept"))
    cli("ingest", "--keep-text", tmp_path / "in" / "c.sse")
    kept = cli("query", "--format", "ndjson", "select text from raw.chunks where text is not null").output
    assert "planted words" in kept
    everything = cli("query", "--format", "ndjson", "select * exclude (text) from raw.chunks").output
    assert [text for text in strings if text in everything] == []
