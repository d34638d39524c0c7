"""Owns LM Studio's own chat dialect (``/api/v1/chat``; LM Studio, "REST API v1" and "Streaming events"), whole or as named events.

Must not know hosts. ``stats`` counts the tokens and times the first one; in a stream it comes with ``chat.end``, whose ``result`` is what
the whole answer would be.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, items, ns_of
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_OPENS = ("chat.start", "chat.end", "model_load.start", "prompt_processing.start")
_STATS = frozenset({"total_output_tokens", "reasoning_output_tokens", "time_to_first_token_seconds"})


class _LmStudio:
    api = "lmstudio"
    title = "LM Studio's own chat dialect (/api/v1/chat)"

    def claims_payload(self, stream: Stream) -> bool:
        """An event of this API, or an output beside its stats."""
        return any(payload.get("type") in _OPENS or _is_result(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/api/v1/chat."""
        return path.rstrip("/").endswith("/api/v1/chat")

    def claims_request(self, body: Any) -> int:
        """What no other API asks for beside an input."""
        return (
            OWN if isinstance(body, dict) and "input" in body and "previous_response_id" not in body and "context_length" in body else NONE
        )

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every event, or the answer."""
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if _is_result(payload):
                _read_output(i, payload, columns)
                _read_result(i, payload, (), stream, columns, observed)
            elif kind == "chat.end":
                _read_result(i, payload.get("result"), ("result",), stream, columns, observed)
                observed.terminator = "chat.end"
                columns.mark_kind(i, FINISH)
            elif kind == "error":
                observed.fail(dig(payload, "error", "type"), dig(payload, "error", "code"))
                columns.mark_kind(i, ERROR)
            elif isinstance(kind, str):
                observed.message_seen = True
                observed.response_model = as_str(payload.get("model_instance_id")) or observed.response_model
                _read_delta(i, kind, payload, columns)
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """Model, limits and input."""
        asked = body if isinstance(body, dict) else {}
        said = asked.get("input")
        return facts(
            body,
            operation="chat",
            messages=said if isinstance(said, (str, list)) else None,
            tools=asked.get("integrations"),
            system=asked.get("system_prompt"),
        )


def _is_result(payload: dict[str, Any]) -> bool:
    stats = payload.get("stats")
    return isinstance(stats, dict) and not _STATS.isdisjoint(stats) and isinstance(payload.get("output"), list)


def _read_delta(i: int, kind: str, payload: dict[str, Any], columns: ChunkColumns) -> None:
    if kind == "message.delta":
        columns.add_text(i, as_str(payload.get("content")) or "")
    elif kind == "reasoning.delta":
        columns.add_reasoning(i, as_str(payload.get("content")) or "")
    elif kind in ("tool_call.start", "tool_call.name"):
        columns.add_tool(i, as_str(payload.get("tool") or payload.get("tool_name")) or "")
    elif kind == "tool_call.arguments":
        columns.add_tool(i, json_text(payload.get("arguments")))


def _read_output(i: int, payload: dict[str, Any], columns: ChunkColumns) -> None:
    for part in items(payload.get("output")):
        kind = dig(part, "type")
        if kind == "message":
            columns.add_text(i, as_str(dig(part, "content")) or "")
        elif kind == "reasoning":
            columns.add_reasoning(i, as_str(dig(part, "content")) or "")
        elif kind == "tool_call":
            columns.add_tool(i, (as_str(dig(part, "tool")) or "") + json_text(dig(part, "arguments")))


def _read_result(i: int, result: Any, where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    observed.message_seen = observed.complete = True
    observed.response_model = as_str(dig(result, "model_instance_id")) or observed.response_model
    observed.response_id = as_str(dig(result, "response_id")) or observed.response_id
    stats = dig(result, "stats")
    if not isinstance(stats, dict):
        return
    add_usage(i, columns, observed)
    exact = merge_usage(i, stats, stream, observed, *where, "stats")
    observed.count("input_tokens", stats.get("input_tokens"))
    observed.count("output_tokens", stats.get("total_output_tokens"))
    observed.count("reasoning_tokens", stats.get("reasoning_output_tokens"))
    columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
    columns.set_output(i, observed.tokens.get("output_tokens"), 0)
    observed.server_ttft_ns = ns_of(exact.get("time_to_first_token_seconds"), "s")


DIALECT = _LmStudio()
