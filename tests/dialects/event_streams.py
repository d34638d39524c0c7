"""Owns the readable source of the binary samples: ``python tests/dialects/event_streams.py`` writes those that are missing.

Synthetic, written for this project. A test holds the files against these recipes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from struct import pack
from typing import Any
from zlib import crc32

SAMPLES = Path(__file__).parent.parent / "samples" / "dialects"


def message(event: str, payload: Any, kind: str = "event") -> bytes:
    """One event-stream message. Source: AWS, "Event stream encoding"."""
    name = {"event": ":event-type", "exception": ":exception-type", "error": ":error-code"}[kind]
    headers = b"".join(
        bytes([len(n)]) + n.encode() + b"\x07" + pack(">H", len(v)) + v.encode()
        for n, v in ((name, event), (":content-type", "application/json"), (":message-type", kind))
    )
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    prelude = pack(">II", 16 + len(headers) + len(body), len(headers))
    head = prelude + pack(">I", crc32(prelude)) + headers + body
    return head + pack(">I", crc32(head))


def chunk(inner: Any, padding: str = "abc") -> bytes:
    """One message of InvokeModelWithResponseStream."""
    body = json.dumps(inner, ensure_ascii=False, separators=(",", ":")).encode()
    return message("chunk", {"bytes": b64encode(body).decode(), "p": padding})


def damaged(data: bytes) -> bytes:
    """The same message with one bit of its last payload byte turned: its own CRC fails, its prelude stands."""
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


CONVERSE = [
    message("messageStart", {"role": "assistant", "p": "ab"}),
    message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm"}}}),
    message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "c2ln"}}}),
    message("contentBlockStop", {"contentBlockIndex": 0}),
    message("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Grüß"}}),
    message("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t1", "name": "look"}}}),
    message("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": ""}}}),
    message("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"q":1}'}}}),
    message("messageStop", {"stopReason": "tool_use"}),
    message(
        "metadata",
        {
            "usage": {
                "inputTokens": 10,
                "outputTokens": 7,
                "totalTokens": 157,
                "cacheReadInputTokens": 100,
                "cacheWriteInputTokens": 40,
                "cacheDetails": [{"ttl": "5m", "inputTokens": 30}, {"ttl": "1h", "inputTokens": 10}],
            },
            "metrics": {"latencyMs": 608},
            "trace": {"promptRouter": {"invokedModelId": "example.router-model-v1:0"}},
            "p": "abcdef",
        },
    ),
]
METRICS = {"inputTokenCount": 12, "outputTokenCount": 5, "invocationLatency": 1200, "firstByteLatency": 300}
CLAUDE = [
    chunk(
        {
            "type": "message_start",
            "message": {
                "id": "msg_bdrk_sample",
                "type": "message",
                "role": "assistant",
                "model": "claude-sample-4",
                "content": [],
                "stop_reason": None,
                "usage": {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 20, "output_tokens": 1},
            },
        }
    ),
    chunk({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    chunk({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}, ""),
    chunk({"type": "content_block_stop", "index": 0}),
    chunk({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 5}}),
    chunk({"type": "message_stop", "amazon-bedrock-invocationMetrics": METRICS}),
]
NOVA = [
    chunk({"messageStart": {"role": "assistant"}}),
    chunk({"contentBlockDelta": {"delta": {"text": "Three"}, "contentBlockIndex": 0}}),
    chunk({"contentBlockStop": {"contentBlockIndex": 0}}),
    chunk({"messageStop": {"stopReason": "end_turn"}}),
    chunk(
        {
            "metadata": {
                "usage": {"inputTokens": 12, "outputTokens": 13, "cacheReadInputTokenCount": 3, "cacheWriteInputTokenCount": 2},
                "metrics": {},
                "trace": {},
            },
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": 12,
                "outputTokenCount": 13,
                "invocationLatency": 244,
                "firstByteLatency": 127,
                "cacheReadInputTokenCount": 3,
                "cacheWriteInputTokenCount": 2,
            },
        }
    ),
]
TITAN = [
    chunk({"outputText": "Once", "index": 0, "totalOutputTextTokenCount": None, "completionReason": None, "inputTextTokenCount": 5}),
    chunk(
        {
            "outputText": " upon",
            "index": 0,
            "totalOutputTextTokenCount": 3.0,
            "completionReason": "LENGTH",
            "inputTextTokenCount": None,
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": 5,
                "outputTokenCount": 3,
                "invocationLatency": 616,
                "firstByteLatency": 616,
            },
        }
    ),
]
LLAMA = [
    chunk({"generation": "\n", "prompt_token_count": 10, "generation_token_count": 1, "stop_reason": None}),
    chunk({"generation": "A", "prompt_token_count": None, "generation_token_count": 2, "stop_reason": None}),
    chunk(
        {
            "generation": "",
            "prompt_token_count": None,
            "generation_token_count": 3,
            "stop_reason": "stop",
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": 10,
                "outputTokenCount": 3,
                "invocationLatency": 90,
                "firstByteLatency": 30,
            },
        }
    ),
]
MISTRAL = [
    chunk({"outputs": [{"text": "Oui", "stop_reason": None}]}),
    chunk({"outputs": [{"text": ".", "stop_reason": "stop"}], "amazon-bedrock-invocationMetrics": METRICS}),
]
COMMAND = [
    chunk({"text": " In", "is_finished": False, "index": 0}),
    chunk({"text": " by", "is_finished": False, "index": 1}),
    chunk({"is_finished": True, "finish_reason": "MAX_TOKENS", "amazon-bedrock-invocationMetrics": METRICS}),
]

RECIPES: dict[str, bytes] = {
    "bedrock_converse/stream": message("initial-response", b"") + b"".join(CONVERSE),
    "bedrock_converse/cut_in_a_frame": b"".join(CONVERSE)[:-40],
    "bedrock_converse/exception": b"".join(CONVERSE[:2]) + message("modelStreamErrorException", {"message": "made up"}, "exception"),
    "bedrock_converse/error_frame": b"".join(CONVERSE[:5]) + message("InternalFailure", b"", "error"),
    "bedrock_converse/bad_crc": b"".join([*CONVERSE[:4], damaged(CONVERSE[4]), *CONVERSE[5:]]),
    "bedrock_invoke/claude": message("initial-response", {}) + b"".join(CLAUDE),
    "bedrock_invoke/claude_cut": b"".join(CLAUDE[:4]),
    "bedrock_invoke/claude_exception": b"".join(CLAUDE[:3]) + message("throttlingException", {"message": "made up"}, "exception"),
    "bedrock_invoke/broken_base64": CLAUDE[0] + message("chunk", {"bytes": "not base64!", "p": ""}) + b"".join(CLAUDE[2:]),
    "bedrock_invoke/nova": b"".join(NOVA),
    "bedrock_invoke/titan": b"".join(TITAN),
    "bedrock_invoke/llama": b"".join(LLAMA),
    "bedrock_invoke/mistral": b"".join(MISTRAL),
    "bedrock_invoke/command": b"".join(COMMAND),
    "other/bedrock_agent": message("chunk", {"bytes": b64encode(b"plain text").decode()}) + message("trace", {"trace": {}}),
}


def main() -> int:
    """Write what is missing; refuse to overwrite what differs."""
    refused = 0
    for name, data in RECIPES.items():
        path = SAMPLES / f"{name}.bin"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"wrote {path.relative_to(SAMPLES)}")
        elif path.read_bytes() != data:
            print(f"differs, not overwritten: {path.relative_to(SAMPLES)}; delete it first")
            refused += 1
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
