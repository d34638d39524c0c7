"""Owns Mistral's Conversations (agents) dialect (``/v1/conversations``; Mistral API reference, "Conversations"), whole or as events.

Must not know hosts. ``usage`` counts the model's tokens; what connectors put in is in ``connector_tokens`` and charged as input, and each
use of a connector is told by its name. Only ``conversation.response.done`` has the usage of a stream.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._instants import iso_s
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_EVENTS = ("conversation.response.", "message.output.delta", "tool.execution.", "agent.handoff.")


class _MistralConversations:
    api = "mistral_conversations"
    title = "Mistral's Conversations dialect (/v1/conversations)"

    def claims_payload(self, stream: Stream) -> bool:
        """An event of a conversation, or a whole response of one."""
        return any(
            payload.get("object") == "conversation.response" or str(payload.get("type")).startswith(_EVENTS) for payload in heads(stream)
        )

    def claims_path(self, path: str) -> bool:
        """…/v1/conversations, and what is appended to one."""
        return "/v1/conversations" in path

    def claims_request(self, body: Any) -> int:
        """``inputs`` beside an agent or what to do with its tools."""
        asked = isinstance(body, dict) and "inputs" in body and bool({"agent_id", "handoff_execution", "completion_args"} & body.keys())
        return OWN if asked else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every event, or the response."""
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if payload.get("object") == "conversation.response":
                observed.message_seen = observed.complete = True
                for entry in items(payload.get("outputs")):
                    _read_entry(i, entry, columns, observed)
                _read_usage(i, payload, stream, columns, observed)
            elif kind == "conversation.response.done":
                observed.complete = True
                observed.terminator = kind
                columns.mark_kind(i, FINISH)
                _read_usage(i, payload, stream, columns, observed)
            elif kind == "conversation.response.error":
                observed.fail(kind, payload.get("code"))
                columns.mark_kind(i, ERROR)
            elif isinstance(kind, str):
                observed.message_seen = True
                _read_entry(i, payload, columns, observed)
            else:
                note_error(i, payload, columns, observed)
            observed.created_s = observed.created_s or iso_s(payload.get("created_at"))
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """Model, limits, tools and inputs."""
        asked = body if isinstance(body, dict) else {}
        arguments = asked.get("completion_args")
        said = asked.get("inputs")
        return facts(
            arguments if isinstance(arguments, dict) else {},
            operation="chat",
            model=as_str(asked.get("model")),
            messages=said if isinstance(said, (str, list)) else None,
            tools=asked.get("tools"),
            system=asked.get("instructions"),
            stream=asked.get("stream") is True,
        )


def _read_entry(i: int, entry: Any, columns: ChunkColumns, observed: Observations) -> None:
    kind = str(dig(entry, "type"))
    observed.response_model = as_str(dig(entry, "model")) or observed.response_model
    if kind.startswith("message.output"):
        observed.response_id = as_str(dig(entry, "id")) or observed.response_id
        content = dig(entry, "content")
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, str):
                columns.add_text(i, part)
            elif dig(part, "type") == "thinking":
                columns.add_reasoning(i, "".join(as_str(dig(piece, "text")) or "" for piece in items(dig(part, "thinking"))))
            else:
                columns.add_text(i, as_str(dig(part, "text")) or "")
    elif kind.startswith("function.call"):
        columns.add_tool(i, (as_str(dig(entry, "name")) or "") + json_text(dig(entry, "arguments")))


def _read_usage(i: int, payload: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    usage = payload.get("usage")
    if not isinstance(usage, dict) or not usage:
        return
    add_usage(i, columns, observed)
    merge_usage(i, usage, stream, observed, "usage")
    sent, put_in = as_count(usage.get("prompt_tokens")), as_count(usage.get("connector_tokens"))
    observed.count("input_tokens", usage.get("prompt_tokens") if sent is None else sent + (put_in or 0))
    observed.count("output_tokens", usage.get("completion_tokens"))
    observed.count("total_tokens_reported", usage.get("total_tokens"))
    for name, uses in (usage.get("connectors") or {}).items() if isinstance(usage.get("connectors"), dict) else ():
        observed.bill("web_search" if str(name).startswith("web_search") else str(name)[:60], uses, f"usage.connectors.{str(name)[:60]}")
    columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
    columns.set_output(i, observed.tokens.get("output_tokens"), 0)


DIALECT = _MistralConversations()
