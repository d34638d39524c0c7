"""Owns recordings that mean harm: names that are markup, formulas, escape sequences or right-to-left marks. Written by us, synthetic."""

from __future__ import annotations

import json
from pathlib import Path

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"
#: The first eight that do not fail (see `entry`) are dear enough to be shown in any table.
NAMES = (
    SCRIPT,
    FORMULA,
    "+1+cmd",
    "&lt;b&gt; &amp; &#60;",
    '#010101 class="x" id="y" url(#z)',
    "-2+3",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\u202egnp.exe\u202c",
    "@SUM(A1)",
    "</title><img src=x onerror=alert(2)>",
    "]]></svg><script>alert(4)</script>",
    "'; drop table requests; --",
    '"><svg onload=alert(3)>',
    "</style><style>*{display:none}",
    "https://evil.example/x.js",
    "{{7*7}} ${7*7} %s {0}",
    "line\nbreak\ttab\r\u2028",
    "a" * 3000,
    " =1+cmd",
    "\uff1d1+cmd",
)


def entry(model: str, number: int) -> dict[str, object]:
    """A HAR entry: a chat completion by OpenRouter that reports provider and cost; every other one fails with an error named so."""
    failed = number % 3 == 2
    answer: dict[str, object] = (
        {"error": {"message": "no", "type": model, "code": model}}
        if failed
        else {
            "id": f"gen-{number}",
            "object": "chat.completion",
            "created": 1758700000 + number * 86400,
            "model": model,
            "provider": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": 100 + number,
                "completion_tokens": 10,
                "total_tokens": 110 + number,
                "cost": (100 - number) / 1000,
                "prompt_tokens_details": {"cached_tokens": 50},
            },
        }
    )
    asked = json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]})
    return {
        "startedDateTime": f"2025-09-{number + 1:02d}T08:00:00.000Z",
        "time": 400 + number,
        "request": {
            "method": "POST",
            "url": "https://openrouter.ai/api/v1/chat/completions",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "queryString": [],
            "postData": {"mimeType": "application/json", "text": asked},
        },
        "response": {
            "status": 429 if failed else 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"size": 1, "mimeType": "application/json", "text": json.dumps(answer)},
        },
        "timings": {"send": 1, "wait": 300, "receive": 99 + number},
    }


def write_hostile(folder: Path) -> None:
    """A HAR file with every name, and a file that is rejected, under names that are markup, too."""
    folder.mkdir(parents=True)
    log = {"version": "1.2", "creator": {"name": "by hand", "version": "1"}, "entries": [entry(m, n) for n, m in enumerate(NAMES)]}
    (folder / "<img src=x onerror=alert(5)>.har").write_text(json.dumps({"log": log}), encoding="utf-8")
    (folder / "=cmd <script>alert(6)<|script>.json").write_text('{"nobody": "knows me"}', encoding="utf-8")
