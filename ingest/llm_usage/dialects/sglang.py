"""Owns SGLang's native dialect (``/generate``; SGLang, "Native APIs"): ``text`` beside ``meta_info``, whole or as server-sent events.

Must not know hosts. Each event repeats the text and the counts from the beginning; the last one is right. A batch of prompts answers with
a list.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects._streams import add_usage, close, heads, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream


class _SgLang:
    api = "sglang"
    title = "SGLang's native dialect (/generate): text beside meta_info"

    def claims_payload(self, stream: Stream) -> bool:
        """A ``meta_info`` that counts tokens."""
        return any(_is_answer(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:  # noqa: ARG002 - the protocol has it
        """/generate is also others'."""
        return False

    def claims_request(self, body: Any) -> int:
        """``sampling_params`` beside a text or ids."""
        asked = (
            isinstance(body, dict) and isinstance(body.get("sampling_params"), (dict, list)) and bool({"text", "input_ids"} & body.keys())
        )
        return OWN if asked else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every event, or the answer."""
        told = ""
        for i, payload in messages(stream, columns, observed):
            if not _is_answer(payload):
                note_error(i, payload, columns, observed)
                continue
            observed.message_seen = True
            text = as_str(payload.get("text")) or ""
            columns.add_text(i, text.removeprefix(told))
            told = text if text.startswith(told) else told + text
            meta = payload["meta_info"]
            observed.response_id = as_str(meta.get("id")) or observed.response_id
            observed.response_model = as_str(meta.get("model") or payload.get("model")) or observed.response_model
            before = observed.tokens.get("output_tokens", 0)
            add_usage(i, columns, observed)
            counts = {key: value for key, value in meta.items() if key.endswith("_tokens") or key == "e2e_latency"}
            merge_usage(i, counts, stream, observed, "meta_info")
            observed.count("input_tokens", meta.get("prompt_tokens"))
            observed.count("output_tokens", meta.get("completion_tokens"))
            observed.count("cache_read_tokens", meta.get("cached_tokens"))
            columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
            columns.set_output(i, observed.tokens.get("output_tokens"), before)
            reason = meta.get("finish_reason")
            if observed.finish(dig(reason, "type") if isinstance(reason, dict) else reason) is not None:
                columns.finish_reason[i] = observed.finish_reason
                columns.mark_kind(i, FINISH)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """The prompt, and limits among the sampling parameters."""
        asked = body if isinstance(body, dict) else {}
        sampling = asked.get("sampling_params")
        return facts(
            sampling if isinstance(sampling, dict) else {},
            operation="text_completion",
            model=as_str(asked.get("model")),
            messages=asked.get("text"),
            stream=asked.get("stream") is True,
            limits=("max_new_tokens",),
        )


def _is_answer(payload: dict[str, Any]) -> bool:
    meta = payload.get("meta_info")
    return isinstance(meta, dict) and ("completion_tokens" in meta or "prompt_tokens" in meta)


DIALECT = _SgLang()
