"""Owns the Chat and Generate dialects of Cohere's API v1 (Cohere API reference v1), streamed as NDJSON or SSE.

Must not know hosts; Command speaks it inside Bedrock too. The counts are in ``meta``, as `cohere_v2` has them in ``usage``.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import KEYS, NONE, asks_with, has
from llm_usage.dialects._streams import choice_index, close, heads, json_text
from llm_usage.dialects.cohere_v2 import read_usage
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, ROLE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_EVENTS = frozenset(
    {
        *("stream-start", "text-generation", "stream-end", "citation-generation", "search-results", "search-queries-generation"),
        *("tool-calls-generation", "tool-calls-chunk", "debug"),
    }
)
_TELLING = _EVENTS - {"debug"}
_REQUEST_KEYS = frozenset({"chat_history", "preamble", "conversation_id", "connectors", "prompt_truncation", "force_single_step"})


class _CohereV1:
    api = "cohere_v1"
    title = "Chat and Generate dialects of Cohere's API v1 (Cohere API reference v1), streamed as NDJSON or SSE"

    def claims_payload(self, stream: Stream) -> bool:
        """An event_type of this dialect, ``is_finished``, generations, or a text with a generation_id."""
        return any(_is_cohere(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """/v1/generate. /v1/chat is no evidence: others have it too."""
        return path.rstrip("/").endswith("/v1/generate")

    def claims_request(self, body: Any) -> int:
        """One message as a string beside a key that only this dialect has."""
        return KEYS if asks_with(body) == "message" and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        for i, payload in enumerate(stream.objects):
            if not isinstance(payload, dict):
                if payload is not None:
                    note_error(i, payload, columns, observed)
            elif "event_type" in payload or "is_finished" in payload:
                _read_event(i, payload, stream, columns, observed)
            elif "text" in payload or "generations" in payload:
                _read_whole(i, payload, (), stream, columns, observed, text=True)
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, limits, tools; the message with its history, or the prompt."""
        asked = body if isinstance(body, dict) else {}
        history, message = asked.get("chat_history"), asked.get("message")
        chat = "message" in asked or not ("prompt" in asked or path.rstrip("/").endswith("/generate"))
        return facts(
            body,
            operation="chat" if chat else "text_completion",
            messages=[*items(history), message] if chat and message is not None else asked.get("prompt"),
            tools=asked.get("tools"),
            system=asked.get("preamble"),
            extra={"documents": asked.get("documents")},
        )


def _is_cohere(payload: dict[str, Any]) -> bool:
    event = payload.get("event_type")
    if isinstance(event, str):
        return event in _TELLING
    if isinstance(payload.get("is_finished"), bool):
        return "text" in payload or "finish_reason" in payload or "response" in payload
    if isinstance(dig(payload, "generations", 0, "text"), str):
        return True
    return isinstance(payload.get("text"), str) and isinstance(payload.get("generation_id"), str)


def _read_event(i: int, payload: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    observed.message_seen = True
    event = payload.get("event_type")
    observed.response_id = as_str(payload.get("generation_id")) or observed.response_id
    columns.choice_index[i] = choice_index(payload.get("index"))
    if event == "stream-start":
        columns.mark_kind(i, ROLE)
    elif event == "tool-calls-chunk":
        delta = payload.get("tool_call_delta")
        columns.add_tool(i, as_str(dig(delta, "name")) or "")
        columns.add_tool(i, as_str(dig(delta, "parameters")) or as_str(dig(delta, "text")) or "")
        columns.add_text(i, as_str(payload.get("text")) or "")
    elif event == "tool-calls-generation":
        if not any(columns.tool_bytes):  # the chunks before have it already
            _read_calls(i, payload.get("tool_calls"), columns)
    elif event in (None, "text-generation"):
        columns.add_text(i, as_str(payload.get("text")) or "")
    reason = observed.finish(payload.get("finish_reason"))
    if reason is not None:
        columns.finish_reason[i] = reason
        columns.mark_kind(i, FINISH)
        _fail_on(i, reason, columns, observed)
    if event == "stream-end" or payload.get("is_finished") is True:
        columns.mark_kind(i, FINISH)
        observed.complete = True
        observed.terminator = "stream-end"
        response = payload.get("response")
        if isinstance(response, dict):
            _read_whole(i, response, ("response",), stream, columns, observed, text=not any(columns.is_token_bearing))


def _read_whole(
    i: int, payload: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations, *, text: bool
) -> None:
    """A whole response; ``text`` False where a stream brought its text before."""
    observed.message_seen = True
    observed.response_id = as_str(payload.get("generation_id")) or as_str(payload.get("id")) or observed.response_id
    reason = observed.finish(payload.get("finish_reason"))
    for generation in items(payload.get("generations")):
        if isinstance(generation, dict):
            reason = observed.finish(generation.get("finish_reason")) or reason
            if text:
                columns.add_text(i, as_str(generation.get("text")) or "")
    if text:
        columns.add_text(i, as_str(payload.get("text")) or "")
        _read_calls(i, payload.get("tool_calls"), columns)
    if reason is not None:
        columns.finish_reason[i] = reason
        _fail_on(i, reason, columns, observed)
    meta = payload.get("meta")
    if isinstance(meta, dict) and ("tokens" in meta or "billed_units" in meta):
        read_usage(
            i, {k: meta[k] for k in ("tokens", "billed_units", "cached_tokens") if k in meta}, (*where, "meta"), stream, columns, observed
        )


def _read_calls(i: int, calls: Any, columns: ChunkColumns) -> None:
    for call in items(calls):
        columns.add_tool(i, as_str(dig(call, "name")) or "")
        columns.add_tool(i, json_text(dig(call, "parameters")))


def _fail_on(i: int, reason: str, columns: ChunkColumns, observed: Observations) -> None:
    if reason in {"ERROR", "ERROR_TOXIC", "ERROR_LIMIT"}:
        observed.fail(reason)
        columns.mark_kind(i, ERROR)


DIALECT = _CohereV1()
