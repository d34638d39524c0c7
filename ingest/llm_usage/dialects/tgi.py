"""Owns the native dialect of Hugging Face's Text Generation Inference (``/generate``, ``/generate_stream``), also on Inference Endpoints.

Must not know hosts. A stream has one token an event; the last has ``generated_text`` and ``details``, which count what was generated.
The prompt's tokens are in ``details`` only where asked for (``prefill``) or in newer servers (``input_length``), else in a header.
Source: huggingface/text-generation-inference, docs/openapi.json and router/src/server.rs.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import KEYS, NONE
from llm_usage.dialects._streams import add_usage, close, heads, merge_usage
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PARAMETERS = frozenset({"max_new_tokens", "decoder_input_details", "details", "do_sample", "return_full_text", "top_n_tokens", "truncate"})


class _Tgi:
    api = "tgi"
    lists = True
    title = "Native dialect of Text Generation Inference (/generate, /generate_stream)"

    def claims_payload(self, stream: Stream) -> bool:
        """A token with its log probability, or a generated text with details (or with nothing, alone or in a list)."""
        return any(_is_token(payload) or _is_whole(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/generate_stream."""
        return path.rstrip("/").endswith("/generate_stream")

    def claims_request(self, body: Any) -> int:
        """``inputs`` beside parameters that only this server has."""
        parameters = dig(body, "parameters")
        asked = isinstance(dig(body, "inputs"), str) and isinstance(parameters, dict) and not _PARAMETERS.isdisjoint(parameters)
        return KEYS if asked else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every token, or the text."""
        for i, payload in enumerate(stream.objects):
            if isinstance(payload, list) and payload and isinstance(payload[0], dict) and "generated_text" in payload[0]:
                payload = payload[0]  # noqa: PLW2901 - the old pipeline answers with a list of one
            if not isinstance(payload, dict):
                if payload is not None:
                    note_error(i, payload, columns, observed)
            elif _is_token(payload):
                observed.message_seen = True
                if dig(payload, "token", "special") is not True:
                    columns.add_text(i, as_str(dig(payload, "token", "text")) or "")
                _read_end(i, payload, ("details",), stream, columns, observed)
            elif isinstance(payload.get("generated_text"), str):
                observed.message_seen = observed.complete = True
                columns.add_text(i, payload["generated_text"])
                _read_end(i, payload, ("details",), stream, columns, observed)
            else:
                note_error(i, payload, columns, observed)
        if "input_tokens" not in observed.tokens and observed.tokens:
            observed.count("input_tokens", stream.response_headers.get("x-prompt-tokens"))
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """The prompt, and limits among the parameters."""
        asked = body if isinstance(body, dict) else {}
        parameters = asked.get("parameters")
        return facts(
            parameters if isinstance(parameters, dict) else {},
            operation="text_completion",
            model=as_str(asked.get("model")),
            messages=asked.get("inputs") if isinstance(asked.get("inputs"), str) else None,
            stream=True if path.rstrip("/").endswith("/generate_stream") else asked.get("stream") is True,
            limits=("max_new_tokens",),
        )


def _is_token(payload: dict[str, Any]) -> bool:
    token = payload.get("token")
    return isinstance(token, dict) and "logprob" in token and "text" in token


def _is_whole(payload: dict[str, Any]) -> bool:
    return isinstance(payload.get("generated_text"), str) and (
        isinstance(payload.get("details"), dict) or set(payload) == {"generated_text"}
    )


def _read_end(
    i: int, payload: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    details = payload.get("details")
    if not isinstance(details, dict):
        return
    add_usage(i, columns, observed)
    counted = {key: details[key] for key in ("generated_tokens", "input_length") if key in details}
    merge_usage(i, counted, stream, observed, *where)
    prefill = details.get("prefill")
    observed.count("input_tokens", details.get("input_length", len(prefill) if isinstance(prefill, list) and prefill else None))
    observed.count("output_tokens", details.get("generated_tokens"))
    columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
    columns.set_output(i, observed.tokens.get("output_tokens"), 0)
    if observed.finish(details.get("finish_reason")) is not None:
        columns.finish_reason[i] = observed.finish_reason
        columns.mark_kind(i, FINISH)


DIALECT = _Tgi()
