"""Owns the Interactions dialect (Gemini API reference, "Interactions"), streamed as SSE with ``event_type``, or one object.

Must not know hosts. Thought and output tokens are counted apart; a frame may carry the usage so far in its metadata.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, items
from llm_usage.dialects._common import facts, first_count
from llm_usage.dialects._gemini_grounding import Grounding
from llm_usage.dialects._instants import iso_s
from llm_usage.dialects._request import KEYS, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, ROLE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PREFIXES = ("interaction.", "step.", "content.")
_TERMINAL = frozenset(
    {"interaction.completed", "interaction.complete", "interaction.failed", "interaction.cancelled", "interaction.incomplete"}
)
_RUNNING = frozenset({"in_progress", "queued", "pending"})
_REQUEST_KEYS = frozenset({"previous_interaction_id", "generation_config", "agent_config", "response_modalities"})


class _GeminiInteractions:
    api = "gemini_interactions"
    title = 'Interactions dialect (Gemini API reference, "Interactions"), streamed as SSE with event_type, or one object'

    def claims_payload(self, stream: Stream) -> bool:
        """An event_type of this dialect, or an ``object`` of interaction."""
        return any(_is_interaction(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/interactions."""
        return path.rstrip("/").endswith("/interactions")

    def claims_request(self, body: Any) -> int:
        """An input beside a key that only this dialect has."""
        return KEYS if asks_with(body) == "input" and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.convention = "separate"
        grounding = Grounding("steps")
        for i, payload in messages(stream, columns, observed):
            event = payload.get("event_type")
            if not isinstance(event, str):
                if payload.get("object") == "interaction" or "steps" in payload or "outputs" in payload:
                    _read_interaction(i, payload, (), stream, columns, observed)
                    for step in [*items(payload.get("steps")), *items(payload.get("outputs"))]:
                        _read_item(i, step, columns)
                        _note_tool(step, grounding)
                else:
                    note_error(i, payload, columns, observed)
                continue
            if event == "error":
                note_error(i, payload, columns, observed)
                observed.terminator = "error"
                continue
            observed.message_seen = True
            if event.endswith(".delta"):
                _read_delta(i, payload.get("delta"), columns)
                _note_tool(payload.get("delta"), grounding)
            elif event.endswith(".start"):
                _read_item(i, payload.get("step") or payload.get("content"), columns)
                _note_tool(payload.get("step") or payload.get("content"), grounding)
            interaction = payload.get("interaction")
            if isinstance(interaction, dict):
                _read_interaction(i, interaction, ("interaction",), stream, columns, observed)
            for name in ("usage", "total_usage"):
                usage = dig(payload, "metadata", name)
                if isinstance(usage, dict) and usage:
                    _read_usage(i, usage, ("metadata", name), stream, columns, observed)
            if event in _TERMINAL:
                observed.terminator = event
                observed.complete = True
                columns.mark_kind(i, FINISH)
        close(stream, columns, observed)
        grounding.bill(observed.response_model, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002  the contract has it; here it says nothing
        """Model or agent, limits from generation_config, input, system and tools."""
        asked = body if isinstance(body, dict) else {}
        config = asked.get("generation_config")
        config = config if isinstance(config, dict) else {}
        found = facts(
            {"temperature": config.get("temperature"), "stream": asked.get("stream"), "service_tier": asked.get("service_tier")},
            operation="generate_content",
            model=as_str(asked.get("model")) or as_str(asked.get("agent")),
            messages=asked.get("input"),
            tools=asked.get("tools"),
            system=asked.get("system_instruction"),
        )
        limit = first_count(config, ("max_output_tokens",))
        return RequestFacts(
            model=found.model,
            operation=found.operation,
            stream_requested=found.stream_requested,
            max_tokens=limit,
            temperature=found.temperature,
            tool_count=found.tool_count,
            message_count=found.message_count,
            prompt_sha256=found.prompt_sha256,
            service_tier=found.service_tier,
        )


def _note_tool(item: Any, grounding: Grounding) -> None:
    """A step, or a part of one, of a tool that is charged beside tokens."""
    kind = dig(item, "type")
    if kind == "google_search_call":
        grounding.note_queries(dig(item, "arguments", "queries"))
    elif kind == "google_maps_call":
        grounding.note_maps()


def _is_interaction(payload: dict[str, Any]) -> bool:
    event = payload.get("event_type")
    return payload.get("object") == "interaction" or (isinstance(event, str) and event.startswith(_PREFIXES))


def _read_interaction(
    i: int, interaction: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    observed.message_seen = True
    observed.response_id = as_str(interaction.get("id")) or observed.response_id
    observed.response_model = as_str(interaction.get("model")) or as_str(interaction.get("agent")) or observed.response_model
    observed.service_tier = as_str(interaction.get("service_tier")) or observed.service_tier
    observed.created_s = iso_s(interaction.get("created")) or observed.created_s
    status = interaction.get("status")
    if status == "failed":
        observed.fail("failed")
        columns.mark_kind(i, ERROR)
    if isinstance(status, str) and status not in _RUNNING:
        columns.finish_reason[i] = observed.finish(status)
        columns.mark_kind(i, FINISH)
    error = interaction.get("error")
    if isinstance(error, dict) and error:
        observed.fail(error.get("status") or error.get("type") or error.get("code"), error.get("code"))
        columns.mark_kind(i, ERROR)
    usage = interaction.get("usage")
    if isinstance(usage, dict) and usage:
        _read_usage(i, usage, (*where, "usage"), stream, columns, observed)


def _read_delta(i: int, delta: Any, columns: ChunkColumns) -> None:
    if not isinstance(delta, dict):
        return
    kind = delta.get("type")
    if kind == "thought_summary" or kind == "thought":
        columns.add_reasoning(i, as_str(dig(delta, "content", "text")) or as_str(delta.get("text")) or "")
    elif kind in ("arguments_delta", "function_call"):
        columns.add_tool(i, as_str(delta.get("name")) or "")
        columns.add_tool(i, json_text(delta.get("arguments")))
    elif kind in ("image", "audio", "video"):
        if delta.get("data"):
            columns.add_media(i)
    elif isinstance(delta.get("text"), str):
        columns.add_text(i, delta["text"])


def _read_item(i: int, item: Any, columns: ChunkColumns) -> None:
    """A step or content, as it starts or whole."""
    if not isinstance(item, dict):
        return
    kind = item.get("type")
    if kind == "function_call":
        columns.add_tool(i, as_str(item.get("name")) or "")
        columns.add_tool(i, json_text(item.get("arguments")))
    elif kind == "thought":
        for part in items(item.get("summary")):
            columns.add_reasoning(i, as_str(dig(part, "text")) or "")
    elif kind == "model_output":
        columns.mark_kind(i, ROLE)
        for part in items(item.get("content")):
            _read_item(i, part if dig(part, "type") != "model_output" else None, columns)
    elif kind in ("image", "audio", "video"):
        if item.get("data"):
            columns.add_media(i)
    elif kind == "text":
        columns.add_text(i, as_str(item.get("text")) or "")


def _read_usage(
    i: int, usage: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    add_usage(i, columns, observed)
    merge_usage(i, usage, stream, observed, *where)
    note = observed.count
    given, made, thought = (as_count(usage.get(f"total_{name}_tokens")) for name in ("input", "output", "thought"))
    tool, total = as_count(usage.get("total_tool_use_tokens")), as_count(usage.get("total_tokens"))
    before = observed.tokens.get("output_tokens", 0)
    if tool and given is not None and total == given + tool + (made or 0) + (thought or 0):
        given += tool  # the tools' own prompt is input too
    note("input_tokens", given)
    if made is not None or thought is not None:
        note("output_tokens", (made or 0) + (thought or 0))
        after = as_count((made or 0) + (thought or 0))
        columns.set_output(i, after, before)
    note("reasoning_tokens", thought)
    note("cache_read_tokens", usage.get("total_cached_tokens"))
    note("total_tokens_reported", total)
    columns.cum_input_tokens[i] = as_count(given)
    for side in ("input", "output"):
        for detail in items(usage.get(f"{side}_tokens_by_modality")):
            modality = dig(detail, "modality")
            if modality in ("image", "audio"):
                note(f"{side}_{modality}_tokens", dig(detail, "tokens"))


DIALECT = _GeminiInteractions()
