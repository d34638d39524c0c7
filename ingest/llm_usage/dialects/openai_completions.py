"""Owns the legacy Completions dialect (OpenAI API reference, "Completions"): ``choices[].text``.

Must not know who speaks it. Writer's ``/v1/completions`` streams bare ``{"value": "text"}`` objects: read where the path says so.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig
from llm_usage.dialects._common import facts
from llm_usage.dialects._openai_usage import find_usage, note_envelope, note_timings, note_usage
from llm_usage.dialects._request import HINT, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, choice_index, close, heads
from llm_usage.dialects.error_body import note_error
from llm_usage.dialects.openai_chat import deployment, note_ids
from llm_usage.model.chunk_columns import ERROR, FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

#: Request keys beside a prompt. ``max_tokens_to_sample`` is the old Claude's.
_REQUEST_KEYS = frozenset({"max_tokens", "suffix", "echo", "best_of", "logprobs", "n", "frequency_penalty", "presence_penalty"})


class _OpenAICompletions:
    api = "openai_completions"
    title = 'Legacy Completions dialect (OpenAI API reference, "Completions"): choices[].text'

    def claims_payload(self, stream: Stream) -> bool:
        """``choices[].text`` without a delta or message, or an ``object`` of text_completion."""
        return any(_is_completion(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/completions, but not …/chat/completions."""
        path = path.rstrip("/")
        return path.endswith("/completions") and not path.endswith("/chat/completions")

    def claims_request(self, body: Any) -> int:
        """A prompt beside a key that only this dialect has."""
        return HINT if asks_with(body) == "prompt" and "max_tokens_to_sample" not in body and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.convention = "by_arithmetic"
        for i, payload in enumerate(stream.objects):
            if isinstance(payload, dict):
                _read_payload(i, payload, stream, columns, observed)
            elif payload is not None:
                note_error(i, payload, columns, observed)
        note_timings(stream, columns, observed)
        close(stream, columns, observed)
        note_ids(stream, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, limits and prompt; Azure names its deployment in the path."""
        asked = body if isinstance(body, dict) else {}
        prompt = asked.get("prompt")
        return facts(
            body,
            operation="text_completion",
            model=as_str(asked.get("model")) or deployment(path),
            messages=prompt if isinstance(prompt, (str, list)) else None,
            extra={"suffix": asked.get("suffix")},
            limits=("max_tokens", "max_new_tokens"),
        )


def _is_completion(payload: dict[str, Any]) -> bool:
    first = dig(payload, "choices", 0)
    if isinstance(first, dict) and (isinstance(first.get("delta"), dict) or isinstance(first.get("message"), dict)):
        return False
    if payload.get("object") in ("chat.completion", "chat.completion.chunk"):
        return False
    return payload.get("object") == "text_completion" or (isinstance(first, dict) and isinstance(first.get("text"), str))


def _read_payload(i: int, payload: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    if payload.get("error") is not None and note_error(i, payload, columns, observed) and "choices" not in payload:
        return
    choices = payload.get("choices")
    if isinstance(choices, list):
        observed.message_seen = True
        for choice in choices:
            if isinstance(choice, dict):
                _read_choice(i, choice, columns, observed)
        if len(choices) == 1 and isinstance(choices[0], dict):
            columns.choice_index[i] = choice_index(choices[0].get("index"))
    elif isinstance(payload.get("value"), str):
        observed.message_seen = True
        columns.add_text(i, payload["value"])
    elif note_error(i, payload, columns, observed):
        return
    observed.response_model = as_str(payload.get("model")) or observed.response_model
    usage = find_usage(payload)
    if usage is not None:
        observed.message_seen = True
        add_usage(i, columns, observed)
        before = observed.tokens.get("output_tokens", 0)
        columns.cost_usd[i] = note_usage(i, usage, stream, observed)
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.cum_output_tokens[i] = after = observed.tokens.get("output_tokens")
        columns.delta_output_tokens[i] = after - before if after is not None and after >= before else None
    charged = note_envelope(i, payload, stream, observed)
    if charged is not None:
        columns.cost_usd[i] = charged


def _read_choice(i: int, choice: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    text = choice.get("text")
    if isinstance(text, str):
        columns.add_text(i, text)
    for key in ("reasoning", "reasoning_content"):
        if isinstance(choice.get(key), str):
            columns.add_reasoning(i, choice[key])
            break
    reason = observed.finish(choice.get("finish_reason"))
    if reason is not None:
        columns.finish_reason[i] = reason
        columns.mark_kind(i, FINISH)
        if reason == "error":
            observed.fail("error")
            columns.mark_kind(i, ERROR)
    observed.native_finish_reason = as_str(choice.get("native_finish_reason")) or observed.native_finish_reason
    if choice.get("error"):
        note_error(i, choice, columns, observed)


DIALECT = _OpenAICompletions()
