"""Owns Alibaba's native dialect (Model Studio API reference, "DashScope": text and multimodal generation), streamed as SSE or whole.

Must not know hosts. Usage is cumulative, in every event: the last one counts. Without ``incremental_output`` each event repeats the
text from its beginning. A ``finish_reason`` of ``"null"`` is none. The model is in the request alone. Its compatible mode speaks
`openai_chat`.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._openai_usage import note_usage
from llm_usage.dialects._request import NONE, OWN, asks_with
from llm_usage.dialects._streams import add_usage, close, heads, json_text
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATHS = ("/services/aigc/text-generation/generation", "/services/aigc/multimodal-generation/generation")


class _DashScope:
    api = "dashscope"
    title = 'Alibaba\'s native dialect (Model Studio API reference, "DashScope": text and multimodal generation), streamed as SSE or whole'

    def claims_payload(self, stream: Stream) -> bool:
        """An ``output`` with a text or choices beside a ``request_id``."""
        return any(_is_dashscope(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/services/aigc/text-generation/generation, or multimodal-generation."""
        return path.rstrip("/").endswith(_PATHS)

    def claims_request(self, body: Any) -> int:
        """A model beside messages inside ``input``."""
        named = asks_with(body) == "input" and isinstance(body.get("model"), str)
        return OWN if named and isinstance(dig(body, "input", "messages"), list) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        told: dict[tuple[int, str], str] | None = None if dig(stream.request, "parameters", "incremental_output") is True else {}
        for i, payload in enumerate(stream.objects):
            output = payload.get("output") if isinstance(payload, dict) else None
            if not isinstance(output, dict):
                if payload is not None:
                    note_error(i, payload, columns, observed)
                continue
            observed.message_seen = True
            observed.response_id = as_str(payload.get("request_id")) or observed.response_id
            if isinstance(output.get("text"), str):
                _read_choice(i, 0, {"content": output["text"]}, output.get("finish_reason"), columns, observed, told)
            for position, choice in enumerate(items(output.get("choices"))):
                message = dig(choice, "message")
                _read_choice(
                    i, position, message if isinstance(message, dict) else {}, dig(choice, "finish_reason"), columns, observed, told
                )
            usage = payload.get("usage")
            if isinstance(usage, dict) and usage:
                _read_usage(i, usage, stream, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """Model, input and parameters."""
        asked = body if isinstance(body, dict) else {}
        parameters = asked.get("parameters")
        parameters = parameters if isinstance(parameters, dict) else {}
        messages = dig(asked, "input", "messages")
        return facts(
            parameters,
            operation="chat" if messages is not None else "text_completion",
            model=as_str(asked.get("model")),
            messages=dig(asked, "input", "prompt") if messages is None else messages,
            tools=parameters.get("tools"),
        )


def _is_dashscope(payload: dict[str, Any]) -> bool:
    output = payload.get("output")
    if not isinstance(output, dict) or "request_id" not in payload:
        return False
    return isinstance(output.get("text"), str) or isinstance(dig(output, "choices", 0, "message"), dict)


def _read_choice(
    i: int,
    position: int,
    message: dict[str, Any],
    reason: Any,
    columns: ChunkColumns,
    observed: Observations,
    told: dict[tuple[int, str], str] | None,
) -> None:
    """``told`` None = each event has only what is new."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    text = "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))
    columns.add_text(i, _new((position, "text"), text, told))
    columns.add_reasoning(i, _new((position, "reasoning"), as_str(message.get("reasoning_content")) or "", told))
    for call in items(message.get("tool_calls")):
        function = dig(call, "function") or {}
        words = (as_str(dig(function, "name")) or "") + json_text(dig(function, "arguments"))
        index = dig(call, "index")
        columns.add_tool(i, _new((position, f"call {index if isinstance(index, int) else 0}"), words, told))
    if any(isinstance(part, dict) and ("image" in part or "audio" in part) for part in parts):
        columns.add_media(i)
    if reason != "null" and observed.finish(reason) is not None:
        columns.finish_reason[i] = observed.finish_reason
        columns.mark_kind(i, FINISH)


def _new(key: tuple[int, str], text: str, told: dict[tuple[int, str], str] | None) -> str:
    """What of a text was not there before."""
    if told is None or not text:
        return text
    before = told.get(key, "")
    told[key] = text if text.startswith(before) else before + text
    return told[key][len(before) :]


def _read_usage(i: int, usage: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    add_usage(i, columns, observed)
    before = observed.tokens.get("output_tokens", 0)
    note_usage(i, usage, stream, observed)
    observed.count("input_tokens", usage.get("input_tokens"))
    observed.count("output_tokens", usage.get("output_tokens"))
    after = observed.tokens.get("output_tokens")
    columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
    columns.set_output(i, after, before)


DIALECT = _DashScope()
