"""Owns the Chat Completions dialect (OpenAI API reference, "Chat Completions" and "Streaming") as its many speakers spell it.

Must not know who speaks it: OpenAI, Azure, OpenRouter, Groq, xAI, Mistral, DeepSeek, Vercel, llama.cpp, Ollama … differ by
data in ``providers.yaml``. The loop over frames is the hot path of the product: columns, no object a chunk.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, epoch_s
from llm_usage.dialects._common import facts
from llm_usage.dialects._openai_usage import find_usage, note_envelope, note_route, note_timings, note_usage
from llm_usage.dialects._request import NONE, OWN, asks_with, has
from llm_usage.dialects._streams import add_usage, note_named_error
from llm_usage.dialects._units import bill_search_model, note_executed
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import BODY, DONE, ERROR, FINISH, METADATA, REASONING, REFUSAL, ROLE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_OBJECTS = ("chat.completion.chunk", "chat.completion")
#: Request keys that no other dialect has beside ``messages``.
_REQUEST_KEYS = frozenset(
    {
        "stream_options",
        "max_completion_tokens",
        "logprobs",
        "parallel_tool_calls",
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "n",
    }
)


class _OpenAIChat:
    api = "openai_chat"
    title = 'Chat Completions dialect (OpenAI API reference, "Chat Completions" and "Streaming") as its many speakers spell it'

    def claims_payload(self, stream: Stream) -> bool:
        """An ``object`` of chat.completion(.chunk), or a choice with a delta or a message."""
        return any(_is_chat(payload) for payload in stream.objects)

    def claims_path(self, path: str) -> bool:
        """…/chat/completions."""
        return path.rstrip("/").endswith("/chat/completions")

    def claims_request(self, body: Any) -> int:
        """Messages beside a key that only this dialect has."""
        return OWN if asks_with(body) == "messages" and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.convention = "by_arithmetic"
        for i, payload in enumerate(stream.objects):
            if isinstance(payload, dict):
                _read_payload(i, payload, stream, columns, observed)
            elif payload is not None and not note_error(i, payload, columns, observed):
                columns.mark_kind(i, METADATA)
        for i in stream.done:
            columns.mark_kind(i, DONE)
            observed.terminator = "done"
            observed.complete = True
        note_named_error(stream, columns, observed)
        note_timings(stream, columns, observed)
        if observed.usage_source != "none":
            observed.usage_source = "final" if observed.complete or not stream.is_stream else "last_cumulative"
        if not stream.is_stream:
            for i, payload in enumerate(stream.objects):
                if isinstance(payload, dict):
                    columns.kind[i] = BODY
        note_ids(stream, observed)
        bill_search_model(observed.response_model or as_str(dig(stream.request, "model")), observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, limits, tools and messages; Azure names its deployment in the path."""
        asked = body if isinstance(body, dict) else {}
        return facts(
            body,
            operation="chat",
            model=as_str(asked.get("model")) or deployment(path),
            messages=asked.get("messages"),
            tools=asked.get("tools") or asked.get("functions"),
        )


def _is_chat(payload: Any) -> bool:
    if not isinstance(payload, dict) or payload.get("object") == "text_completion":
        return False
    if payload.get("object") in _OBJECTS:
        return True
    choices = payload.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return False
    return isinstance(choices[0].get("delta"), dict) or isinstance(choices[0].get("message"), dict)


def _read_payload(i: int, payload: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    if payload.get("error") is not None and note_error(i, payload, columns, observed):
        # OpenRouter sends its mid-stream error in an otherwise normal chunk: go on reading it.
        if "choices" not in payload:
            return
    choices = payload.get("choices")
    if not isinstance(choices, list):
        if "usage" not in payload and "x_groq" not in payload:
            if note_error(i, payload, columns, observed):
                return
            columns.mark_kind(i, METADATA)
        choices = ()
    else:
        observed.message_seen = True
    several = len(choices) > 1
    for choice in choices:
        if isinstance(choice, dict):
            if not several:
                index = choice.get("index")
                columns.choice_index[i] = index if type(index) is int and 0 <= index < 32768 else None
            _read_choice(i, choice, columns, observed)
    model = payload.get("model")
    if model and isinstance(model, str):
        observed.response_model = model
    usage = find_usage(payload)
    if usage is not None:
        add_usage(i, columns, observed)
        before = observed.tokens.get("output_tokens", 0)
        columns.cost_usd[i] = note_usage(i, usage, stream, observed)
        after = observed.tokens.get("output_tokens")
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.set_output(i, after, before)
    if not _PLAIN_KEYS.issuperset(payload):
        charged = note_envelope(i, payload, stream, observed)
        if charged is not None:
            columns.cost_usd[i] = charged
        note_route(payload.get("provider_metadata") or payload.get("providerMetadata"), observed)


#: Keys that every chunk has; one with others is looked at more closely.
_PLAIN_KEYS = frozenset({"id", "object", "created", "model", "choices", "system_fingerprint", "usage", "service_tier", "obfuscation", "p"})


def _read_choice(i: int, choice: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    message = choice.get("delta")
    if message is None:
        message = choice.get("message")
    if isinstance(message, dict):
        content = message.get("content")
        if content:
            if isinstance(content, str):
                columns.add_text(i, content)
            elif isinstance(content, list):
                _read_parts(i, content, columns)
        for key, value in message.items():
            # Most deltas hold only content and role: everything else is off the fast path.
            if key != "content" and key != "role" and value:
                _read_extra(i, key, value, message, columns, observed)
        if "role" in message:
            columns.mark_kind(i, ROLE)
    reason = choice.get("finish_reason")
    if reason:
        columns.finish_reason[i] = observed.finish(reason)
        columns.mark_kind(i, FINISH)
        if reason == "error":
            observed.fail("error")
    native = choice.get("native_finish_reason")
    if native and isinstance(native, str):
        observed.native_finish_reason = native
    if choice.get("error") and note_error(i, choice, columns, observed):
        columns.mark_kind(i, ERROR)


def _read_extra(i: int, key: str, value: Any, message: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    """A part of a delta or message other than its content, under every spelling that is out there."""
    if key == "tool_calls" and isinstance(value, list):
        for call in value:
            _read_function(i, call.get("function") or call.get("custom") if isinstance(call, dict) else None, columns)
    elif key == "function_call":
        _read_function(i, value, columns)
    elif key == "refusal" and isinstance(value, str):
        columns.add_text(i, value, REFUSAL)
    elif key == "reasoning_content" or key == "reasoning" or key == "thinking":
        # The same thought may come under two names: the first that is there counts.
        spelled = next((n for n in ("reasoning", "reasoning_content", "thinking") if message.get(n)), key)
        if key == spelled and isinstance(value, str):
            columns.add_reasoning(i, value)
    elif key == "reasoning_details" and isinstance(value, list):
        columns.mark_kind(i, REASONING)
        if not any(message.get(n) for n in ("reasoning", "reasoning_content", "thinking")):
            for detail in value:
                text = (detail.get("text") or detail.get("summary")) if isinstance(detail, dict) else None
                if isinstance(text, str):
                    columns.add_reasoning(i, text)
    elif key == "audio" and isinstance(value, dict):
        if isinstance(value.get("transcript"), str):
            columns.add_text(i, value["transcript"])
        if value.get("data"):
            columns.add_media(i)
    elif key == "executed_tools":
        note_executed(value, observed)
    elif key == "images":
        columns.add_media(i)
    elif key == "provider_metadata" or key == "providerMetadata":
        note_route(value, observed)


def _read_parts(i: int, parts: list[Any], columns: ChunkColumns) -> None:
    """Content as a list of parts: Mistral's thinking, text, images, audio."""
    for part in parts:
        if not isinstance(part, dict):
            continue
        if isinstance(part.get("text"), str):
            columns.add_text(i, part["text"])
        elif isinstance(part.get("refusal"), str):
            columns.add_text(i, part["refusal"], REFUSAL)
        elif "thinking" in part:
            thinking = part["thinking"]
            for piece in thinking if isinstance(thinking, list) else [{"text": thinking}]:
                if isinstance(piece, dict) and isinstance(piece.get("text"), str):
                    columns.add_reasoning(i, piece["text"])
        elif part.get("type") in ("image_url", "image", "input_audio", "audio", "output_image"):
            columns.add_media(i)


def _read_function(i: int, function: Any, columns: ChunkColumns) -> None:
    if isinstance(function, dict):
        for key in ("name", "arguments", "input"):
            value = function.get(key)
            if isinstance(value, str):
                columns.add_tool(i, value)


def note_ids(stream: Stream, observed: Observations) -> None:
    """What is constant over a stream: id, created, service tier. Shared with the legacy completions dialect."""
    for payload in stream.objects:
        if isinstance(payload, dict):
            observed.response_id = as_str(payload.get("id")) or observed.response_id
            observed.created_s = epoch_s(payload.get("created")) or observed.created_s
            observed.service_tier = as_str(payload.get("service_tier")) or observed.service_tier


def deployment(path: str) -> str | None:
    """The deployment in an Azure OpenAI path ``/openai/deployments/NAME/…``."""
    _, found, rest = path.partition("/deployments/")
    return rest.split("/", 1)[0] or None if found else None


DIALECT = _OpenAIChat()
