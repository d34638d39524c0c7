"""Owns the synthetic recording with arrival times: a browser's HTTP archive of a dozen streams, as DevTools exports it.

Nothing in it was ever sent or received; the protocols and model names are real, texts, ids, counts and times are made up. It is
here because cassettes keep no arrival times: without such a file nothing in the sample could show a speed. Called by
``synthetic.py``; needs no package. Same bytes each time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

NOTE = "synthetic: made by data/synthetic_streams.py; nobody ever sent or received this"
START = datetime(2025, 9, 26, 14, tzinfo=UTC)
WORDS = ["anchor", "basalt", "cinder", "dune", "estuary", "fern", "glacier", "heath", "islet", "karst", "loess", "marsh"]


@dataclass(frozen=True)
class Pace:
    """How a route answers: milliseconds to the headers, from there to the first token, and between frames."""

    headers: float
    first: float
    gap: float
    words: int
    """Words a frame carries."""


ROUTES = {
    "Groq": Pace(140, 45, 9, 2),
    "Together": Pace(320, 190, 31, 1),
    "anthropic": Pace(410, 260, 48, 3),
}


def archive(path: Path) -> None:
    """Write the archive: four streams a route, one of them with a stall, two with thinking."""
    chance = random.Random(11)
    entries = []
    for number in range(12):
        served_by = ("Groq", "Together", "anthropic")[number % 3]
        at = START + timedelta(seconds=1.5 * number + 40 * (number // 6), milliseconds=chance.randrange(900))
        entries.append(_entry(chance, number, served_by, at))
    head = f'{{"log":{{"version":"1.2","creator":{{"name":"synthetic","version":"1"}},"comment":"{NOTE}","pages":[],"entries":[\n'
    path.write_text(head + ",\n".join(entries) + "\n]}}\n", encoding="utf-8")


def _entry(chance: random.Random, number: int, served_by: str, at: datetime) -> str:
    """One entry: request, response without its body (DevTools keeps none of an event stream), and each event with its time."""
    anthropic = served_by == "anthropic"
    pace = ROUTES[served_by]
    request = {
        "model": "claude-sonnet-4-20250514" if anthropic else "moonshotai/kimi-k2-0905",
        "max_tokens": 1024,
        "stream": True,
        "messages": [{"role": "user", "content": f"Name some landforms, list {number // 3}. (synthetic)"}],
    }
    frames = list((_messages if anthropic else _chat)(chance, number, at, pace, served_by))
    blocked, connect, send = (chance.uniform(low, high) for low, high in ((0.4, 2), (8, 20), (0.1, 0.4)))
    wait = pace.headers * chance.lognormvariate(0, 0.25)
    clock = blocked + connect + send + wait
    zero = Decimal(int(at.timestamp() * 1000)) / 1000
    messages = []
    for place, (name, data, carries) in enumerate(frames):
        if carries:
            first = not any(frame[2] for frame in frames[:place])
            clock += (pace.first if first else pace.gap) * chance.lognormvariate(0, 0.35)
            if number == 4 and place == len(frames) // 2:
                clock += 1400  # a stall
        messages.append({"time": float(f"{zero + Decimal(f'{clock / 1000:.6f}'):f}"), "eventName": name, "eventId": "", "data": data})
    total = clock + chance.uniform(0.2, 2)
    timings = {"blocked": blocked, "dns": -1, "ssl": -1, "connect": connect, "send": send, "wait": wait}
    timings["receive"] = total - sum(value for value in timings.values() if value > 0)
    entry = {
        "startedDateTime": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "time": round(total, 3),
        "request": {
            "method": "POST",
            "url": "https://api.anthropic.com/v1/messages" if anthropic else "https://openrouter.ai/api/v1/chat/completions",
            "httpVersion": "http/2.0",
            "headers": [{"name": "content-type", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(request)},
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "http/2.0",
            "headers": [{"name": "content-type", "value": "text/event-stream"}],
            "content": {"size": 0, "mimeType": "text/event-stream"},
        },
        "timings": {key: round(value, 3) for key, value in timings.items()},
        "_eventSourceMessages": messages,
    }
    return json.dumps(entry, separators=(",", ":"))


def _pieces(chance: random.Random, words: int, frames: int) -> Iterator[str]:
    for _ in range(frames):
        yield "".join(" " + chance.choice(WORDS) for _ in range(words))


def _chat(chance: random.Random, number: int, at: datetime, pace: Pace, served_by: str) -> Iterator[tuple[str, str, bool]]:
    """Event name, data and whether it carries tokens, in the Chat Completions dialect as OpenRouter sends it."""
    base: dict[str, Any] = {
        "id": f"gen-{int(at.timestamp())}-syn{number:04d}",
        "provider": served_by,
        "model": "moonshotai/kimi-k2-0905",
        "object": "chat.completion.chunk",
        "created": int(at.timestamp()),
    }
    frames = chance.randrange(24, 34)
    for text in _pieces(chance, pace.words, frames):
        yield "message", _json(base | _choice(text, None)), True
    given, made = chance.randrange(180, 420), frames * pace.words + chance.randrange(1, 6)
    price_in, price_out = ("1", "3") if served_by == "Groq" else ("0.5", "2.5")
    cost = (given * Decimal(price_in) + made * Decimal(price_out)) / 1_000_000
    counts = f'"prompt_tokens":{given},"completion_tokens":{made},"total_tokens":{given + made}'
    usage = f'{{{counts},"cost":{cost.normalize():f},"is_byok":false}}'
    last = _json(base | _choice("", "stop"))
    yield "message", f'{last[:-1]},"usage":{usage}}}', False
    yield "message", "[DONE]", False


def _choice(text: str, finish: str | None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}]}


def _messages(chance: random.Random, number: int, at: datetime, pace: Pace, _: str) -> Iterator[tuple[str, str, bool]]:
    """Event name, data and whether it carries tokens, in the Messages dialect."""
    given, cached = chance.randrange(40, 90), (0, 1536)[number // 3 % 2]
    thinks, frames = number >= 6, chance.randrange(18, 28)
    usage = {"input_tokens": given, "cache_creation_input_tokens": 0, "cache_read_input_tokens": cached, "output_tokens": 2}
    message = {"id": f"msg_01syn{number:04d}{int(at.timestamp())}", "type": "message", "role": "assistant", "content": []}
    message |= {"model": "claude-sonnet-4-20250514", "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield _event("message_start", message=message)
    for block, kind in enumerate(("thinking", "text") if thinks else ("text",)):
        yield _event("content_block_start", index=block, content_block={"type": kind, kind: ""})
        if block == 0:
            yield _event("ping")
        for text in _pieces(chance, pace.words, 8 if kind == "thinking" else frames):
            yield _event("content_block_delta", index=block, delta={"type": f"{kind}_delta", kind: text})
        yield _event("content_block_stop", index=block)
    made = (frames + 8 * thinks) * pace.words + chance.randrange(4, 12)
    yield _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": made})
    yield _event("message_stop")


def _event(name: str, **fields: Any) -> tuple[str, str, bool]:
    return name, _json({"type": name, **fields}), name == "content_block_delta"


def _json(tree: Any) -> str:
    return json.dumps(tree, separators=(",", ":"))
