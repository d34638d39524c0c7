"""Owns the native dialect of llama.cpp's server (``/completion``, ``/infill``), whole or as server-sent events. Must not know hosts.

Each event has a piece in ``content``; the one with ``stop: true`` has the counts: ``tokens_evaluated`` is the whole prompt, of which
``timings.cache_n`` were in the cache, and ``tokens_predicted`` the output. Source: ggml-org/llama.cpp, tools/server/README.md.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig, ns_of
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import KEYS, NONE, has
from llm_usage.dialects._streams import add_usage, close, heads, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_COUNTS = ("tokens_predicted", "tokens_evaluated", "tokens_cached")
_MARKS = frozenset({*_COUNTS, "timings", "generation_settings", "id_slot", "slot_id", "stop_type", "stopped_eos"})
_REQUEST_KEYS = frozenset({"n_predict", "cache_prompt", "id_slot", "n_probs", "n_keep", "mirostat", "samplers", "input_prefix"})


class _LlamaCpp:
    api = "llamacpp"
    title = "Native dialect of llama.cpp's server (/completion)"

    def claims_payload(self, stream: Stream) -> bool:
        """A content as text beside a ``stop`` that is true or false, and what only this server says with it."""
        return any(_is_piece(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """/completion and /infill, which nobody else has without an s."""
        return path.rstrip("/").endswith(("/completion", "/infill"))

    def claims_request(self, body: Any) -> int:
        """A prompt beside a key that only this server has."""
        return KEYS if isinstance(body, dict) and ("prompt" in body or "input_prefix" in body) and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every piece, or the whole."""
        for i, payload in messages(stream, columns, observed):
            if not isinstance(payload.get("content"), str):
                note_error(i, payload, columns, observed)
                continue
            observed.message_seen = True
            columns.add_text(i, payload["content"])
            observed.response_model = as_str(payload.get("model")) or observed.response_model
            if payload.get("stop") is True or not stream.is_stream:
                _read_end(i, payload, stream, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """Model, limits and prompt."""
        asked = body if isinstance(body, dict) else {}
        prompt = asked.get("prompt")
        return facts(
            body,
            operation="text_completion",
            messages=prompt if isinstance(prompt, (str, list)) else None,
            extra={"input_prefix": asked.get("input_prefix"), "input_suffix": asked.get("input_suffix")},
            limits=("n_predict", "max_tokens"),
        )


def _is_piece(payload: dict[str, Any]) -> bool:
    if not isinstance(payload.get("content"), str) or not isinstance(payload.get("stop"), bool):
        return False
    return not _MARKS.isdisjoint(payload) or len(payload) == 2


def _read_end(i: int, payload: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    counted = {key: payload[key] for key in _COUNTS if key in payload}
    if counted:
        add_usage(i, columns, observed)
        merge_usage(i, counted, stream, observed)
        observed.count("input_tokens", payload.get("tokens_evaluated"))
        observed.count("output_tokens", payload.get("tokens_predicted"))
        observed.count("cache_read_tokens", dig(payload, "timings", "cache_n"))
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.set_output(i, observed.tokens.get("output_tokens"), 0)
    timings = dig(stream.exact(i), "timings")
    observed.server_prefill_ns = ns_of(dig(timings, "prompt_ms"), "ms")
    observed.server_decode_ns = ns_of(dig(timings, "predicted_ms"), "ms")
    kind = payload.get("stop_type")
    told = next((word for word in ("eos", "limit", "word") if payload.get(f"stopped_{word}") is True), None)
    observed.finish(kind if kind not in (None, "none") else told)
    observed.complete = True
    columns.finish_reason[i] = observed.finish_reason
    columns.mark_kind(i, FINISH)


DIALECT = _LlamaCpp()
