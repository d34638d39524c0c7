"""Owns the Responses dialect (OpenAI API reference, "Responses" and "Streaming events") as OpenAI, Azure, xAI and OpenRouter speak it.

Must not know who speaks it. Text comes in ``*.delta`` events and again whole in ``*.done``, in ``output_item.done`` and in the terminal
event: only what no delta brought is counted from a later one. Usage is in the terminal event; ``incomplete`` has it too.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, epoch_s, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._openai_usage import note_usage, says_nothing
from llm_usage.dialects._request import HINT, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects._units import bill_response
from llm_usage.dialects.error_body import note_error
from llm_usage.dialects.openai_chat import deployment
from llm_usage.model.chunk_columns import ERROR, FINISH, REFUSAL, ROLE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

TEXT, REASON, TOOL, REFUSE, MEDIA = range(5)
#: What the delta of each event is. Older and vendors' spellings beside the present ones.
_DELTAS = {
    "response.output_text.delta": TEXT,
    "response.text.delta": TEXT,
    "response.audio.transcript.delta": TEXT,
    "response.output_audio_transcript.delta": TEXT,
    "response.refusal.delta": REFUSE,
    "response.reasoning_text.delta": REASON,
    "response.reasoning_content.delta": REASON,
    "response.reasoning.delta": REASON,
    "response.reasoning_summary_text.delta": REASON,
    "response.reasoning_summary.delta": REASON,
    "response.function_call_arguments.delta": TOOL,
    "response.custom_tool_call_input.delta": TOOL,
    "response.mcp_call_arguments.delta": TOOL,
    "response.mcp_call.arguments.delta": TOOL,
    "response.mcp_call.arguments_delta": TOOL,
    "response.code_interpreter_call_code.delta": TOOL,
    "response.code_interpreter_call.code.delta": TOOL,
    "response.audio.delta": MEDIA,
    "response.output_audio.delta": MEDIA,
    "response.image_generation_call.partial_image": MEDIA,
}
#: The field of a ``*.done`` event that repeats the deltas.
_DONE_FIELDS = {TEXT: ("text", "transcript"), REFUSE: ("refusal",), REASON: ("text",), TOOL: ("arguments", "input", "code")}
_DONES = {name.removesuffix("delta") + "done": what for name, what in _DELTAS.items() if name.endswith(".delta") and what != MEDIA}
_TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done"})
_CALLS = ("function_call", "custom_tool_call", "mcp_call")
_REQUEST_KEYS = frozenset(
    {"instructions", "max_output_tokens", "previous_response_id", "store", "include", "truncation", "reasoning", "text", "background"}
)


class _OpenAIResponses:
    api = "openai_responses"
    title = 'Responses dialect (OpenAI API reference, "Responses" and "Streaming events") as OpenAI, Azure, xAI and OpenRouter speak it'

    def claims_payload(self, stream: Stream) -> bool:
        """Events whose type starts with ``response.``, an ``object`` of response, or a numbered error."""
        return any(_is_response(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/responses."""
        return path.rstrip("/").endswith(("/responses", "/responses/compact"))

    def claims_request(self, body: Any) -> int:
        """An input beside a key that only this dialect has."""
        return HINT if asks_with(body) == "input" and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        seen: set[tuple[int, Any]] = set()
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if isinstance(kind, str) and kind.startswith("response."):
                _read_event(i, kind, payload, stream, columns, observed, seen)
            elif isinstance(payload.get("output"), list) or str(payload.get("object", "")).startswith("response"):
                _read_response(i, payload, stream, columns, observed)
                _read_output(i, payload.get("output"), columns)
            elif note_error(i, payload, columns, observed):
                observed.terminator = "error" if stream.is_stream else None
        close(stream, columns, observed)
        bill_response(stream, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, limits, tools and input."""
        asked = body if isinstance(body, dict) else {}
        return facts(
            body,
            operation="chat",
            model=as_str(asked.get("model")) or deployment(path),
            messages=asked.get("input"),
            tools=asked.get("tools"),
            system=asked.get("instructions"),
            limits=("max_output_tokens", "max_tokens"),
        )


def _is_response(payload: dict[str, Any]) -> bool:
    kind = payload.get("type")
    if isinstance(kind, str):
        if kind.startswith("response."):
            return True
        if kind == "error" and "sequence_number" in payload:
            return True
    return payload.get("object") in ("response", "response.compaction")


def _read_event(
    i: int,
    kind: str,
    payload: dict[str, Any],
    stream: Stream,
    columns: ChunkColumns,
    observed: Observations,
    seen: set[tuple[int, Any]],
) -> None:
    observed.message_seen = True
    what = _DELTAS.get(kind)
    if what is not None:
        delta = payload.get("delta") if what != MEDIA else payload.get("delta") or payload.get("partial_image_b64")
        seen.add((what, payload.get("output_index")) if isinstance(payload.get("output_index"), int) else (what, None))
        if isinstance(delta, str) and delta:
            _add(i, what, delta, columns)
        elif isinstance(delta, dict):  # summaries once came as objects
            _add(i, what, as_str(delta.get("text")) or json_text(delta.get("arguments")), columns)
        return
    what = _DONES.get(kind)
    if what is not None:
        index = payload.get("output_index")
        if (what, index if isinstance(index, int) else None) not in seen:
            for field in _DONE_FIELDS[what]:
                if isinstance(payload.get(field), str):
                    _add(i, what, payload[field], columns)
                    seen.add((what, index if isinstance(index, int) else None))
        return
    if kind == "response.output_item.added":
        item = payload.get("item")
        if isinstance(item, dict):
            if item.get("type") in _CALLS and isinstance(item.get("name"), str):
                columns.add_tool(i, item["name"])
            elif item.get("type") == "message":
                columns.mark_kind(i, ROLE)
        return
    response = payload.get("response")
    if isinstance(response, dict):
        _read_response(i, response, stream, columns, observed, terminal=kind in _TERMINAL)
    if kind in _TERMINAL:
        observed.terminator = kind
        observed.complete = True
        columns.mark_kind(i, FINISH)
        if not any(columns.is_token_bearing):
            _read_output(i, dig(response, "output"), columns)
        if kind == "response.failed":
            columns.mark_kind(i, ERROR)
            if not observed.error:
                observed.fail("response.failed")
    elif kind == "response.error":
        note_error(i, payload, columns, observed)


def _add(i: int, what: int, text: str, columns: ChunkColumns) -> None:
    if what == TEXT:
        columns.add_text(i, text)
    elif what == REASON:
        columns.add_reasoning(i, text)
    elif what == TOOL:
        columns.add_tool(i, text)
    elif what == REFUSE:
        columns.add_text(i, text, REFUSAL)
    elif text:
        columns.add_media(i)


def _read_response(
    i: int, response: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations, *, terminal: bool | None = None
) -> None:
    """What a response object says; ``terminal`` None = a body that is no stream."""
    observed.message_seen = True
    observed.response_id = as_str(response.get("id")) or observed.response_id
    observed.response_model = as_str(response.get("model")) or observed.response_model
    observed.service_tier = as_str(response.get("service_tier")) or observed.service_tier
    if terminal is not False or observed.created_s is None:
        # A scrubbed 0 in one of them is no reason to forget the other.
        observed.created_s = epoch_s(response.get("created_at")) or observed.created_s
        observed.completed_s = epoch_s(response.get("completed_at")) or observed.completed_s
    if terminal is not False:
        columns.finish_reason[i] = observed.finish(response.get("status"))
    error = response.get("error")
    if isinstance(error, dict) and error:
        observed.fail(error.get("type") or error.get("code"), error.get("code"))
        columns.mark_kind(i, ERROR)
    usage = response.get("usage")
    if isinstance(usage, dict) and usage:
        _read_usage(i, usage, ("response", "usage") if terminal is not None else ("usage",), stream, columns, observed)


def _read_usage(
    i: int, usage: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    add_usage(i, columns, observed)
    if says_nothing(usage, observed):
        return
    exact = merge_usage(i, usage, stream, observed, *where)
    before = observed.tokens.get("output_tokens", 0)
    columns.cost_usd[i] = note_usage(i, exact, stream, observed)
    observed.count("input_tokens", usage.get("input_tokens"))
    observed.count("output_tokens", usage.get("output_tokens"))
    after = observed.tokens.get("output_tokens")
    columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
    columns.set_output(i, after, before)


def _read_output(i: int, output: Any, columns: ChunkColumns) -> None:
    """The output items of a whole response."""
    for item in items(output):
        if not isinstance(item, dict):
            continue
        kind = item.get("type")
        if kind in _CALLS:
            columns.add_tool(i, as_str(item.get("name")) or "")
            columns.add_tool(i, json_text(item.get("arguments") or item.get("input")))
        elif kind == "image_generation_call" and item.get("result"):
            columns.add_media(i)
        elif kind == "code_interpreter_call":
            columns.add_tool(i, as_str(item.get("code")) or "")
        elif kind == "reasoning":
            for part in [*items(item.get("summary")), *items(item.get("content"))]:
                columns.add_reasoning(i, as_str(dig(part, "text")) or "")
        else:
            for part in items(item.get("content")):
                columns.add_text(i, as_str(dig(part, "text")) or as_str(dig(part, "transcript")) or "")
                columns.add_text(i, as_str(dig(part, "refusal")) or "", REFUSAL)


DIALECT = _OpenAIResponses()
