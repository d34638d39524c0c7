"""Owns the Chat dialect of Cohere's API v2 (Cohere API reference, "Chat" and "Chat with streaming").

Must not know hosts. ``usage.tokens`` is what was counted, ``usage.billed_units`` what is charged; they differ. A finish reason of ERROR, or
an error in the last event, is an error inside a good response.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import KEYS, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects._units import bill_usage
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, REASONING, ROLE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_TYPES = frozenset(
    {
        *("message-start", "content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-start", "tool-call-delta"),
        *("tool-call-end", "citation-start", "citation-end", "message-end"),
    }
)
_REQUEST_KEYS = frozenset({"documents", "citation_options", "safety_mode", "strict_tools", "p", "k"})


class _CohereV2:
    api = "cohere_v2"
    title = 'Chat dialect of Cohere\'s API v2 (Cohere API reference, "Chat" and "Chat with streaming")'

    def claims_payload(self, stream: Stream) -> bool:
        """An event type of this dialect, or a message with content beside a finish_reason in capitals."""
        return any(_is_cohere(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """/v2/chat."""
        return path.rstrip("/").endswith("/v2/chat")

    def claims_request(self, body: Any) -> int:
        """Messages beside a key that only this dialect has."""
        return KEYS if asks_with(body) == "messages" and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if isinstance(kind, str) and kind in _TYPES:
                observed.message_seen = True
                delta = payload.get("delta")
                message = dig(delta, "message")
                if isinstance(message, dict):
                    _read_message(i, message, columns)
                observed.response_id = as_str(payload.get("id")) or observed.response_id
                if kind == "message-start":
                    columns.mark_kind(i, ROLE)
                elif kind == "message-end":
                    observed.terminator = kind
                    observed.complete = True
                    columns.mark_kind(i, FINISH)
                    if isinstance(delta, dict):
                        _read_end(i, delta, ("delta",), stream, columns, observed)
            elif isinstance(payload.get("message"), dict):
                observed.message_seen = True
                observed.response_id = as_str(payload.get("id")) or observed.response_id
                _read_message(i, payload["message"], columns)
                _read_end(i, payload, (), stream, columns, observed)
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002  the contract has it; here it says nothing
        """Model, limits, tools, messages and documents."""
        asked = body if isinstance(body, dict) else {}
        return facts(
            body,
            operation="chat",
            messages=asked.get("messages"),
            tools=asked.get("tools"),
            extra={"documents": asked.get("documents")},
        )


def _is_cohere(payload: dict[str, Any]) -> bool:
    kind = payload.get("type")
    if isinstance(kind, str) and kind in _TYPES:
        return True
    message, reason = payload.get("message"), payload.get("finish_reason")
    if not isinstance(message, dict) or not isinstance(reason, str) or not reason.isupper() or "choices" in payload:
        return False
    return isinstance(message.get("content"), list) or isinstance(message.get("tool_calls"), list)


def _read_message(i: int, message: dict[str, Any], columns: ChunkColumns) -> None:
    """A message, or the part of one that an event brings: one item where a whole message has a list."""
    content = message.get("content")
    for part in [content] if isinstance(content, dict) else items(content):
        if isinstance(part, dict):
            columns.add_text(i, as_str(part.get("text")) or "")
            columns.add_reasoning(i, as_str(part.get("thinking")) or "")
            if part.get("type") == "thinking":
                columns.mark_kind(i, REASONING)
    columns.add_text(i, as_str(message.get("tool_plan")) or "")
    calls = message.get("tool_calls")
    for call in [calls] if isinstance(calls, dict) else items(calls):
        function = dig(call, "function")
        columns.add_tool(i, as_str(dig(function, "name")) or "")
        columns.add_tool(i, json_text(dig(function, "arguments")))


def _read_end(i: int, end: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """Finish reason, error and usage: in the last event or at the top of a whole response."""
    reason = observed.finish(end.get("finish_reason"))
    columns.finish_reason[i] = reason
    if end.get("error") or reason in {"ERROR", "ERROR_TOXIC", "TIMEOUT"}:
        observed.fail(end.get("error_type") or reason or "error")
        columns.mark_kind(i, ERROR)
    usage = end.get("usage")
    if isinstance(usage, dict) and usage:
        read_usage(i, usage, (*where, "usage"), stream, columns, observed)


def read_usage(
    i: int, usage: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    """``tokens``, ``billed_units`` and ``cached_tokens``. Shared with API v1, where the same object is called ``meta``."""
    add_usage(i, columns, observed)
    merge_usage(i, usage, stream, observed, *where)
    bill_usage(usage, observed)
    note = observed.count
    tokens, billed = usage.get("tokens"), usage.get("billed_units")
    if isinstance(tokens, dict):
        note("input_tokens", tokens.get("input_tokens"))
        note("output_tokens", tokens.get("output_tokens"))
        note("reasoning_tokens", tokens.get("reasoning_tokens"))
        note("input_image_tokens", tokens.get("image_tokens"))
        note("cache_read_tokens", tokens.get("cached_tokens"))
    if isinstance(billed, dict):
        note("billed_input_tokens", billed.get("input_tokens"))
        note("billed_output_tokens", billed.get("output_tokens"))
    note("cache_read_tokens", usage.get("cached_tokens"))
    columns.cum_input_tokens[i] = as_count(dig(tokens, "input_tokens"))
    columns.cum_output_tokens[i] = columns.delta_output_tokens[i] = as_count(dig(tokens, "output_tokens"))


DIALECT = _CohereV2()
