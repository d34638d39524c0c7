"""Owns the protocol of the AI SDK's gateway (Vercel, ``/v{n}/ai/language-model``): the SDK's own stream parts, versions 2 and 3.

Must not know hosts. ``finish`` has the usage, flat (2) or by kind (3), and under ``providerMetadata.gateway`` who served and the charge.
Source: vercel/ai, packages/provider (LanguageModelV2, LanguageModelV3) and packages/gateway.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, items, money
from llm_usage.dialects._common import facts
from llm_usage.dialects._instants import iso_s
from llm_usage.dialects._request import NONE
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream


class _AiSdkGateway:
    api = "ai_sdk_gateway"
    title = "Protocol of the AI SDK's gateway (Vercel): stream parts of LanguageModelV2 and V3"

    def claims_payload(self, stream: Stream) -> bool:
        """A part that opens, describes or ends a stream of the SDK's, or a whole result of it."""
        return any(_is_part(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/ai/language-model."""
        return path.rstrip("/").endswith("/ai/language-model")

    def claims_request(self, body: Any) -> int:  # noqa: ARG002 - the protocol has it
        """A prompt that is a list is no evidence."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every part, or the result."""
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if kind is None and "finishReason" in payload:
                for part in items(payload.get("content")):
                    _read_part(i, part, columns)
                _note_response(payload.get("response"), observed)
                _read_finish(i, payload, stream, columns, observed)
            elif kind == "finish":
                _read_finish(i, payload, stream, columns, observed)
            elif kind == "response-metadata":
                observed.message_seen = True
                _note_response(payload, observed)
            elif kind == "error":
                observed.fail(dig(payload, "error", "type"), dig(payload, "error", "statusCode"))
                columns.mark_kind(i, ERROR)
            elif isinstance(kind, str):
                observed.message_seen = True
                _read_part(i, payload, columns)
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """Limits, tools and the prompt; the model is named in a header."""
        asked = body if isinstance(body, dict) else {}
        return facts(body, operation="chat", messages=asked.get("prompt"), tools=asked.get("tools"), limits=("maxOutputTokens",))


def _is_part(payload: dict[str, Any]) -> bool:
    kind, usage = payload.get("type"), payload.get("usage")
    if kind == "stream-start":
        return isinstance(payload.get("warnings"), list)
    if kind == "response-metadata":
        return "modelId" in payload or "timestamp" in payload
    if kind in ("finish", None) and "finishReason" in payload:
        return isinstance(usage, dict) and ("inputTokens" in usage or "outputTokens" in usage)
    return False


def _read_part(i: int, part: Any, columns: ChunkColumns) -> None:
    kind = dig(part, "type")
    if kind in ("text-delta", "text"):
        columns.add_text(i, as_str(dig(part, "delta")) or as_str(dig(part, "text")) or as_str(dig(part, "textDelta")) or "")
    elif kind in ("reasoning-delta", "reasoning"):
        columns.add_reasoning(i, as_str(dig(part, "delta")) or as_str(dig(part, "text")) or "")
    elif kind == "tool-input-start":
        columns.add_tool(i, as_str(dig(part, "toolName")) or "")
    elif kind == "tool-input-delta":
        columns.add_tool(i, as_str(dig(part, "delta")) or "")
    elif kind == "tool-call":
        columns.add_tool(i, (as_str(dig(part, "toolName")) or "") + json_text(dig(part, "input")))
    elif kind == "file":
        columns.add_media(i)


def _note_response(told: Any, observed: Observations) -> None:
    observed.response_id = as_str(dig(told, "id")) or observed.response_id
    observed.response_model = as_str(dig(told, "modelId")) or observed.response_model
    observed.created_s = iso_s(dig(told, "timestamp")) or observed.created_s


def _read_finish(i: int, part: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    observed.message_seen = True
    reason = part.get("finishReason")
    columns.mark_kind(i, FINISH)
    columns.finish_reason[i] = observed.finish(dig(reason, "unified") if isinstance(reason, dict) else reason)
    observed.native_finish_reason = as_str(dig(reason, "raw")) or observed.native_finish_reason
    usage = part.get("usage")
    if isinstance(usage, dict) and usage:
        add_usage(i, columns, observed)
        merge_usage(i, usage, stream, observed, "usage")
        _count(usage, observed)
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.set_output(i, observed.tokens.get("output_tokens"), 0)
    gateway = dig(stream.exact(i), "providerMetadata", "gateway")
    if isinstance(gateway, dict):
        observed.provider_raw = as_str(dig(gateway, "routing", "finalProvider")) or observed.provider_raw
        charged = money(gateway.get("cost"))
        if charged is not None:
            observed.cost_usd = columns.cost_usd[i] = charged


def _count(usage: dict[str, Any], observed: Observations) -> None:
    sent, received = usage.get("inputTokens"), usage.get("outputTokens")
    if isinstance(sent, dict) or isinstance(received, dict):
        observed.count("input_tokens", dig(sent, "total"))
        observed.count("cache_read_tokens", dig(sent, "cacheRead"))
        observed.count("cache_write_tokens", dig(sent, "cacheWrite"))
        observed.count("output_tokens", dig(received, "total"))
        observed.count("reasoning_tokens", dig(received, "reasoning"))
        return
    observed.count("input_tokens", sent)
    observed.count("output_tokens", received)
    observed.count("cache_read_tokens", usage.get("cachedInputTokens"))
    observed.count("reasoning_tokens", usage.get("reasoningTokens"))
    observed.count("total_tokens_reported", usage.get("totalTokens"))


DIALECT = _AiSdkGateway()
