"""Owns the text generation dialect of IBM watsonx.ai (watsonx.ai API reference, "Infer text"): ``results[]``, streamed as SSE or whole.

Must not know hosts. ``input_token_count`` is non-zero on the first event only; ``generated_token_count`` is cumulative. Its chat API speaks
`openai_chat`.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_count, as_real, as_str, dig
from llm_usage.dialects._common import facts, first_count
from llm_usage.dialects._instants import iso_s, iso_us
from llm_usage.dialects._request import KEYS, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, close, heads, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATH = re.compile(r"/ml/v\d[^/]*/(?:deployments/[^/]+/)?(?:text/generation(_stream)?|generation/text(_stream)?)/?\Z")
_REQUEST_KEYS = frozenset({"parameters", "project_id"})


class _Watsonx:
    api = "watsonx"
    title = 'Text generation dialect of IBM watsonx.ai (watsonx.ai API reference, "Infer text"): results[], streamed as SSE or whole'

    def claims_payload(self, stream: Stream) -> bool:
        """``results[]`` with a generated text or its token count."""
        return any(_is_watsonx(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """/ml/v1/text/generation(_stream), and the beta's spelling."""
        return _PATH.search(path) is not None

    def claims_request(self, body: Any) -> int:
        """A model_id and input beside a project or parameters."""
        return KEYS if asks_with(body) == "input" and isinstance(body.get("model_id"), str) and has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        for i, payload in messages(stream, columns, observed):
            results = payload.get("results")
            if not isinstance(results, list):
                note_error(i, payload, columns, observed)
                continue
            observed.message_seen = True
            created = payload.get("created_at")
            columns.server_created_us[i] = iso_us(created)
            if observed.created_s is None:
                observed.created_s = iso_s(created)
            observed.response_model = as_str(payload.get("model_id")) or observed.response_model
            for position, result in enumerate(results):
                if isinstance(result, dict):
                    _read_result(i, result, position, stream, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, parameters and input."""
        asked = body if isinstance(body, dict) else {}
        parameters = asked.get("parameters")
        parameters = parameters if isinstance(parameters, dict) else {}
        found = _PATH.search(path)
        base = facts(
            {"temperature": parameters.get("temperature")},
            operation="text_completion",
            model=as_str(asked.get("model_id")),
            messages=asked.get("input"),
            stream=any(found.groups()) if found else None,
        )
        return RequestFacts(
            model=base.model,
            operation=base.operation,
            stream_requested=base.stream_requested,
            max_tokens=first_count(parameters, ("max_new_tokens",)),
            temperature=as_real(parameters.get("temperature")),
            message_count=base.message_count,
            prompt_sha256=base.prompt_sha256,
        )


def _is_watsonx(payload: dict[str, Any]) -> bool:
    first = dig(payload, "results", 0)
    return isinstance(first, dict) and ("generated_token_count" in first or ("generated_text" in first and "model_id" in payload))


def _read_result(i: int, result: dict[str, Any], position: int, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    text = result.get("generated_text")
    if isinstance(text, str):
        columns.add_text(i, text)
    usage = {key: result[key] for key in ("input_token_count", "generated_token_count") if result.get(key) is not None}
    if usage:
        add_usage(i, columns, observed)
        given = as_count(usage.get("input_token_count"))
        if given == 0 and observed.tokens.get("input_tokens"):
            del usage["input_token_count"]  # only the first event counts the prompt: this 0 says nothing
            given = None
        merge_usage(i, usage, stream, observed, "results", str(position))
        before = observed.tokens.get("output_tokens", 0)
        observed.count("input_tokens", usage.get("input_token_count"))
        observed.count("output_tokens", usage.get("generated_token_count"))
        columns.cum_input_tokens[i] = given
        after = as_count(usage.get("generated_token_count"))
        columns.set_output(i, after, before)
    reason = result.get("stop_reason")
    if isinstance(reason, str) and reason.lower() != "not_finished" and observed.finish(reason) is not None:
        columns.finish_reason[i] = observed.finish_reason
        columns.mark_kind(i, FINISH)


DIALECT = _Watsonx()
