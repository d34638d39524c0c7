"""Owns the native dialect of Ollama (Ollama API documentation, "Generate a completion" and "Generate a chat completion").

Must not know framings. Each line has the server's own time; the last one counts and durations in nanoseconds. A prompt that was cached
has no ``prompt_eval_count``: that is NULL, not 0.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_real, as_str, dig, items, ns_of
from llm_usage.dialects._common import facts, first_count
from llm_usage.dialects._instants import iso_s, iso_us
from llm_usage.dialects._request import KEYS, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, close, heads, json_text, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ROLE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_USAGE = ("prompt_eval_count", "eval_count", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
_REQUEST_KEYS = frozenset({"options", "keep_alive", "raw", "think"})


class _Ollama:
    api = "ollama"
    title = 'Native dialect of Ollama (Ollama API documentation, "Generate a completion" and "Generate a chat completion")'

    def claims_payload(self, stream: Stream) -> bool:
        """``done`` beside a message or a response text."""
        return any(_is_ollama(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """/api/chat or /api/generate."""
        return path.rstrip("/").endswith(("/api/chat", "/api/generate"))

    def claims_request(self, body: Any) -> int:
        """Messages or a prompt beside a key that only this dialect has."""
        if asks_with(body) not in ("messages", "prompt") or not has(body, _REQUEST_KEYS):
            return NONE
        return NONE if "max_tokens_to_sample" in body and asks_with(body) == "prompt" else KEYS

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every line, or the one object."""
        for i, payload in messages(stream, columns, observed):
            if payload.get("error") is not None and note_error(i, payload, columns, observed):
                continue
            created = payload.get("created_at")
            columns.server_created_us[i] = iso_us(created)
            if observed.created_s is None:
                observed.created_s = iso_s(created)
            message = payload.get("message")
            if isinstance(message, dict):
                observed.message_seen = True
                observed.operation = "chat"
                _read_message(i, message, columns)
            else:
                text = payload.get("response")
                if isinstance(text, str):
                    observed.message_seen = True
                    observed.operation = "text_completion"
                    columns.add_text(i, text)
                columns.add_reasoning(i, as_str(payload.get("thinking")) or "")
            observed.response_model = as_str(payload.get("model")) or observed.response_model
            if payload.get("done") is True:
                _read_end(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, options, messages or prompt, tools."""
        asked = body if isinstance(body, dict) else {}
        options = asked.get("options")
        options = options if isinstance(options, dict) else {}
        chat = "messages" in asked or path.rstrip("/").endswith("/chat")
        found = facts(
            asked,
            operation="chat" if chat else "text_completion",
            messages=asked.get("messages") if chat else asked.get("prompt"),
            tools=asked.get("tools"),
            system=asked.get("system"),
            extra={"suffix": asked.get("suffix"), "images": asked.get("images"), "context": asked.get("context")},
        )
        limit = options.get("num_predict")
        return RequestFacts(
            model=found.model,
            operation=found.operation,
            stream_requested=found.stream_requested,
            max_tokens=first_count(options, ("num_predict",)) if limit != -1 else None,
            temperature=as_real(options.get("temperature")),
            tool_count=found.tool_count,
            message_count=found.message_count,
            prompt_sha256=found.prompt_sha256,
            service_tier=None,
        )


def _is_ollama(payload: dict[str, Any]) -> bool:
    if not isinstance(payload.get("done"), bool) or "choices" in payload:
        return False
    return isinstance(payload.get("message"), dict) or isinstance(payload.get("response"), str)


def _read_message(i: int, message: dict[str, Any], columns: ChunkColumns) -> None:
    content = message.get("content")
    if isinstance(content, str):
        columns.add_text(i, content)
    thinking = message.get("thinking")
    if thinking and isinstance(thinking, str):
        columns.add_reasoning(i, thinking)
    for call in items(message.get("tool_calls")):
        function = dig(call, "function")
        columns.add_tool(i, as_str(dig(function, "name")) or "")
        columns.add_tool(i, json_text(dig(function, "arguments")))
    if message.get("images"):
        columns.add_media(i)
    if "role" in message:
        columns.mark_kind(i, ROLE)


def _read_end(i: int, payload: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    observed.complete = True
    observed.terminator = "done"
    columns.finish_reason[i] = observed.finish(payload.get("done_reason"))
    columns.mark_kind(i, FINISH)
    usage = {key: payload[key] for key in _USAGE if payload.get(key) is not None}
    observed.usage.update(usage)
    if "prompt_eval_count" in usage or "eval_count" in usage:
        add_usage(i, columns, observed)
        observed.count("input_tokens", usage.get("prompt_eval_count"))
        observed.count("output_tokens", usage.get("eval_count"))
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.cum_output_tokens[i] = columns.delta_output_tokens[i] = observed.tokens.get("output_tokens")
    observed.server_total_ns = ns_of(usage.get("total_duration"), "ns")
    observed.server_prefill_ns = ns_of(usage.get("prompt_eval_duration"), "ns")
    observed.server_decode_ns = ns_of(usage.get("eval_duration"), "ns")


DIALECT = _Ollama()
