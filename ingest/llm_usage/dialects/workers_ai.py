"""Owns the native dialect of Cloudflare Workers AI (Workers AI documentation, "Text generation"): ``result.response``, or SSE events.

Must not know hosts. A stream's events have ``response`` and ``p``, which is padding; usage is in the last before ``[DONE]``. Some
models answer with ``choices`` inside ``result``. Its compatible endpoint speaks `openai_chat`.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from llm_usage.codecs.values import as_str, dig, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._openai_usage import note_usage
from llm_usage.dialects._request import NONE
from llm_usage.dialects._streams import add_usage, close, heads, json_text
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATH = re.compile(r"/(?:ai/run|workers-ai)/(@(?:cf|hf)/.+?)/?\Z")


class _WorkersAI:
    api = "workers_ai"
    title = 'Native dialect of Cloudflare Workers AI (Workers AI documentation, "Text generation"): result.response, or SSE events'

    generates_nothing = (
        (
            "images, audio or video",
            r"/(?:ai/run|workers-ai)/@cf/(?:black-forest-labs|stabilityai|lykon|bytedance|runwayml|leonardo|deepgram|myshell-ai)/.*",
        ),
        ("images, audio or video", r"/(?:ai/run|workers-ai)/@cf/openai/whisper[^/]*"),
        ("embeddings", r"/(?:ai/run|workers-ai)/@cf/(?:baai|pfnet)/.*"),
    )
    """Models of other kinds at the same endpoint."""

    def claims_payload(self, stream: Stream) -> bool:
        """A ``result`` with a response or choices beside ``success``, or events with a response and its padding."""
        return any(_is_whole(payload) or (isinstance(payload.get("response"), str) and "p" in payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/ai/run/@cf/MODEL, or a gateway's workers-ai/@cf/MODEL."""
        return _PATH.search(unquote(path)) is not None

    def claims_request(self, body: Any) -> int:  # noqa: ARG002  the contract has it; here it says nothing
        """Never: messages or a prompt as in other APIs, and no key of its own."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.convention = "by_arithmetic"
        for i, payload in enumerate(stream.objects):
            result = payload.get("result") if isinstance(payload, dict) and "result" in payload else payload
            if not isinstance(result, dict) or not {"response", "choices", "usage"} & result.keys():
                if payload is not None:
                    note_error(i, payload, columns, observed)
                continue
            observed.message_seen = True
            if result is not payload:
                observed.complete = True
            _read_text(i, result, columns, observed)
            usage = result.get("usage")
            if isinstance(usage, dict) and usage:
                add_usage(i, columns, observed)
                note_usage(i, usage, stream, observed)
                columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
                columns.cum_output_tokens[i] = columns.delta_output_tokens[i] = observed.tokens.get("output_tokens")
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model from the path; messages or prompt, limits and tools."""
        asked = body if isinstance(body, dict) else {}
        found = _PATH.search(unquote(path))
        chat = "prompt" not in asked
        return facts(
            asked,
            operation="chat" if chat else "text_completion",
            model=found[1] if found else None,
            messages=asked.get("messages") if chat else asked.get("prompt"),
            tools=asked.get("tools"),
        )


def _is_whole(payload: dict[str, Any]) -> bool:
    result = payload.get("result")
    return isinstance(result, dict) and isinstance(payload.get("success"), bool) and ("response" in result or "choices" in result)


def _read_text(i: int, result: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    response = result.get("response")
    columns.add_text(i, response if isinstance(response, str) else json_text(response))
    for call in items(result.get("tool_calls")):
        columns.add_tool(i, (as_str(dig(call, "name")) or "") + json_text(dig(call, "arguments")))
    for choice in items(result.get("choices")):
        columns.add_text(i, as_str(dig(choice, "message", "content")) or "")
        columns.add_reasoning(i, as_str(dig(choice, "message", "reasoning_content")) or "")
        columns.finish_reason[i] = observed.finish(dig(choice, "finish_reason"))
    observed.response_model = as_str(result.get("model")) or observed.response_model


DIALECT = _WorkersAI()
