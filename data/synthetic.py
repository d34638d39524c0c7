#!/usr/bin/env python3
"""Owns the synthetic recordings: deterministic go-vcr cassettes that look like a month of a team's traffic.

Nothing in them was ever sent or received; models, hosts and protocols are real, texts, ids, counts and times are made up.
Needs no package: it runs before anything is installed. Same arguments, same bytes.

    python3 data/synthetic.py --out data/recordings/synthetic --days 30 --requests 3000
    python3 data/synthetic.py --sample data/sample      # the small committed set
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from synthetic_streams import archive

NOTE = "# synthetic: made by data/synthetic.py; nobody ever sent or received this"
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "juniper",
    "kelp",
    "lagoon",
    "meadow",
    "north",
    "orchid",
    "pebble",
    "quartz",
    "river",
    "slate",
    "tundra",
]
START = datetime(2025, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Route:
    """One way to a model: where it is called, who serves it, what a million tokens cost where the response says so."""

    name: str
    url: str
    model: str
    answers: str
    weight: int
    served_by: str | None = None
    prices: tuple[str, str] | None = None
    """USD per million input and output tokens, for gateways that report the charge."""
    reasons: bool = False


ROUTES = (
    Route("openai", "https://api.openai.com/v1/chat/completions", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", 30),
    Route("openai-reasoning", "https://api.openai.com/v1/chat/completions", "o4-mini", "o4-mini-2025-04-16", 8, reasons=True),
    Route(
        "openrouter-groq",
        "https://openrouter.ai/api/v1/chat/completions",
        "moonshotai/kimi-k2-0905",
        "moonshotai/kimi-k2-0905",
        18,
        "Groq",
        ("1", "3"),
    ),
    Route(
        "openrouter-together",
        "https://openrouter.ai/api/v1/chat/completions",
        "moonshotai/kimi-k2-0905",
        "moonshotai/kimi-k2-0905",
        10,
        "Together",
        ("0.5", "2.5"),
    ),
    Route("groq", "https://api.groq.com/openai/v1/chat/completions", "llama-3.3-70b-versatile", "llama-3.3-70b-versatile", 14),
    Route("xai", "https://api.x.ai/v1/chat/completions", "grok-3-mini", "grok-3-mini", 8, prices=("0.3", "0.5"), reasons=True),
    Route(
        "azure",
        "https://contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "gpt-4o",
        "gpt-4o-2024-11-20",
        12,
    ),
    Route("mistral", "https://api.mistral.ai/v1/chat/completions", "mistral-small-latest", "mistral-small-latest", 6),
    Route("local", "http://localhost:8080/v1/chat/completions", "qwen3-8b", "qwen3-8b", 4),
)


class Maker:
    """Makes exchanges from one seeded source of chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.serial = 0

    def words(self, count: int) -> list[str]:
        """That many words, each with its leading space."""
        return [" " + self.chance.choice(WORDS) for _ in range(count)]

    def interaction(
        self, index: int, route: Route, at: datetime, *, fault: str | None = None, project: str = "search"
    ) -> tuple[list[str], int]:
        """The YAML lines of one interaction, and its HTTP status."""
        chance = self.chance
        self.serial += 1
        stream = chance.random() < 0.8 or fault in {"cut", "error_in_stream"}
        prompt = int(chance.lognormvariate(6.2, 1.1)) + 8
        output = min(int(chance.lognormvariate(4.4, 0.9)) + 2, 1500)
        request = {
            "messages": [
                {"role": "system", "content": "You name places. (synthetic)"},
                {"role": "user", "content": f"Request {self.serial}:{''.join(self.words(6))}"},
            ],
            "model": route.model,
            "max_tokens": 4000,
            "user": project,
            **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
        }
        if fault == "429":
            body, status, kind = (
                json.dumps({"error": {"message": "slow down (synthetic)", "type": "rate_limit_exceeded", "code": "429"}}),
                429,
                "application/json",
            )
        else:
            body, status = self.body(route, at, prompt, output, stream=stream, fault=fault), 200
            kind = "text/event-stream" if stream else "application/json"
        headers_ms = chance.lognormvariate(5.6 if route.served_by != "Groq" else 4.9, 0.5)
        lines = [
            f"- id: {index}",
            "  request:",
            f"    body: {quoted(json.dumps(request))}",
            "    headers:",
            "      Content-Type:",
            "      - application/json",
            f"    url: {route.url}",
            "    method: POST",
            "  response:",
            "    body: |+" if body.endswith("\n\n") else "    body: |-" if not body.endswith("\n") else "    body: |",
            *("      " + line if line else "" for line in body.rstrip("\n").split("\n")),
            *([""] if body.endswith("\n\n") else []),
            "    headers:",
            "      Content-Type:",
            f"      - {kind}",
            "      Date:",
            f"      - {at:%a, %d %b %Y %H:%M:%S} GMT",
            f"    status: {status} {'OK' if status == 200 else 'Too Many Requests'}",
            f"    code: {status}",
            f"    duration: {headers_ms:.6f}ms",
        ]
        return lines, status

    def body(self, route: Route, at: datetime, prompt: int, output: int, *, stream: bool, fault: str | None) -> str:
        """A response body in the Chat Completions dialect."""
        chance = self.chance
        reasoning = int(output * chance.uniform(1, 4)) if route.reasons else 0
        cached = prompt // 256 * 128 if chance.random() < 0.4 else 0
        separate = route.name == "xai"
        completion = output if separate else output + reasoning
        usage: dict[str, object] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + output + reasoning,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }
        if route.prices is not None:
            split = [Decimal(n) * Decimal(p) / 1_000_000 for n, p in zip((prompt, output + reasoning), route.prices, strict=True)]
            if route.name == "xai":
                usage["cost_in_usd_ticks"] = int(sum(split) * 10**10)
            else:
                usage |= {"cost": Raw(sum(split)), "is_byok": False}
                usage["cost_details"] = {
                    "upstream_inference_cost": None,
                    "upstream_inference_prompt_cost": Raw(split[0]),
                    "upstream_inference_completions_cost": Raw(split[1]),
                }
        base: dict[str, object] = {
            "id": f"{'gen-' + str(int(at.timestamp())) + '-' if route.served_by else 'chatcmpl-'}syn{self.serial:08d}"
        }
        if route.served_by:
            base["provider"] = route.served_by
        base |= {"object": "chat.completion.chunk" if stream else "chat.completion", "created": int(at.timestamp()), "model": route.answers}
        finish = "length" if chance.random() < 0.03 else "stop"
        if not stream:
            message = {"role": "assistant", "content": "".join(self.words(output)).strip()}
            return dump(base | {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}) + "\n"
        frames = []
        if route.served_by and chance.random() < 0.3:
            frames.append(": OPENROUTER PROCESSING")
        pieces: list[dict[str, object]] = [{"role": "assistant", "content": ""}]
        if route.reasons and route.name == "xai":
            pieces += [{"reasoning_content": word} for word in self.words(min(reasoning, 40))]
        words = self.words(output)
        step = chance.choice((1, 1, 2, 4))
        pieces += [{"content": "".join(words[i : i + step])} for i in range(0, len(words), step)]
        if fault:
            pieces = pieces[: max(2, len(pieces) // 2)]
        frames += ["data: " + dump(base | {"choices": [{"index": 0, "delta": piece, "finish_reason": None}]}) for piece in pieces]
        if fault == "error_in_stream":
            frames.append("data: " + dump({"error": {"message": "upstream went away (synthetic)", "type": "server_error", "code": 502}}))
        elif not fault:
            frames.append("data: " + dump(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
            frames.append("data: " + dump(base | {"choices": [], "usage": usage}))
            frames.append("data: [DONE]")
        return "".join(frame + "\n\n" for frame in frames)


class Raw:
    """A decimal on its way into JSON with the digits it has."""

    def __init__(self, value: Decimal) -> None:
        self.text = format(value.normalize(), "f")


def dump(tree: object) -> str:
    """JSON in which `Raw` decimals keep their digits."""
    texts: list[str] = []

    def hold(value: object) -> str:
        if not isinstance(value, Raw):
            raise TypeError(type(value))
        texts.append(value.text)
        return f"\x00{len(texts) - 1}\x00"

    out = json.dumps(tree, default=hold, separators=(",", ":"))
    for i, text in enumerate(texts):
        out = out.replace(f'"\\u0000{i}\\u0000"', text)
    return out


def quoted(text: str) -> str:
    """A YAML single-quoted scalar."""
    return "'" + text.replace("'", "''") + "'"


def write(path: Path, blocks: list[list[str]]) -> None:
    """One cassette."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [NOTE, "---", "version: 2", "interactions:", *(line for block in blocks for line in block)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def pick(chance: random.Random) -> str | None:
    """A fault, rarely."""
    return chance.choices((None, "429", "cut", "error_in_stream"), (92, 5, 2, 1))[0]


def month(out: Path, days: int, requests: int, seed: int) -> None:
    """Cassettes of one working day and route each: working hours, quiet week-ends, retries after a 429."""
    maker = Maker(seed)
    chance = maker.chance
    files: dict[Path, list[list[str]]] = {}
    weights = [route.weight for route in ROUTES]
    for _ in range(requests):
        day = START + timedelta(days=chance.randrange(days))
        if day.weekday() >= 5 and chance.random() < 0.8:
            day += timedelta(days=2)
        at = day + timedelta(seconds=int(min(max(chance.gauss(13.5, 3), 0), 23.9) * 3600))
        route = chance.choices(ROUTES, weights)[0]
        project = chance.choice(("search", "search", "support", "batch"))
        blocks = files.setdefault(out / project / f"{day:%Y-%m-%d}_{route.name}.yaml", [])
        fault = pick(chance)
        state = chance.getstate(), maker.serial
        lines, status = maker.interaction(len(blocks), route, at, fault=fault, project=project)
        blocks.append(lines)
        if status == 429:
            # The retry sends the same bytes: chance and serial are set back for the request.
            chance.setstate(state[0])
            maker.serial = state[1]
            blocks.append(maker.interaction(len(blocks), route, at + timedelta(seconds=2), project=project)[0])
    for path, blocks in sorted(files.items()):
        write(path, blocks)


def sample(out: Path) -> None:
    """The small committed set: one file a thing worth seeing in a first report."""
    by_name = {route.name: route for route in ROUTES}
    maker = Maker(7)
    day = datetime(2025, 9, 24, 9, tzinfo=UTC)
    plans = {
        "synthetic_openai_chat": [("openai", None)] * 4,
        "synthetic_reasoning": [("openai-reasoning", None), ("xai", None)],
        "synthetic_openrouter_routes": [("openrouter-groq", None), ("openrouter-together", None), ("openrouter-groq", None)],
        "synthetic_faults": [("groq", "cut"), ("azure", "error_in_stream"), ("mistral", None), ("local", None)],
    }
    for number, (name, plan) in enumerate(plans.items()):
        blocks = []
        for i, (route, fault) in enumerate(plan):
            at = day + timedelta(days=number % 3, minutes=7 * i)
            blocks.append(maker.interaction(i, by_name[route], at, fault=fault)[0])
        write(out / f"{name}.yaml", blocks)
    state = maker.chance.getstate(), maker.serial
    first = maker.interaction(0, by_name["openai"], day + timedelta(days=2, hours=1), fault="429")[0]
    maker.chance.setstate(state[0])
    maker.serial = state[1]
    second = maker.interaction(1, by_name["openai"], day + timedelta(days=2, hours=1, seconds=2))[0]
    write(out / "synthetic_retry.yaml", [first, second])
    archive(out / "synthetic_streams.har")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write a month of traffic here")
    parser.add_argument("--sample", type=Path, help="write the small committed set here")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.sample:
        sample(given.sample)
    if given.out:
        month(given.out, given.days, given.requests, given.seed)
        print(f"{given.requests:,} requests over {given.days} days in {given.out}")


if __name__ == "__main__":
    main()
