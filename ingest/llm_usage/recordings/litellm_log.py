"""Owns LiteLLM's logs: StandardLoggingPayload (one a file, a list or a line; S3, GCS, pub/sub) and rows of SpendLogs; no dialects.

Counts are those of OpenAI's usage whatever was called: input includes what was read from a cache. ``response_cost`` and ``spend`` are
LiteLLM's own reckoning, not the provider's. Times are seconds since 1970, or ISO 8601 in SpendLogs; ``completionStartTime`` is the first
token of a stream and the end of all else. Source: LiteLLM, "StandardLoggingPayload Specification", and schema.prisma.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llm_usage.codecs.values import as_str, money
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, inner
from llm_usage.recordings._records import between_ns, counts, epoch, records, sample
from llm_usage.recordings._tables import mapping
from llm_usage.recordings.document import Document

#: ``call_type`` without its leading ``a`` (asynchronous) → dialect of the answer, or None where it generates nothing.
CALLS: Mapping[str, str | None] = {
    "completion": "openai_chat",
    "completion_with_retries": "openai_chat",
    "text_completion": "openai_completions",
    "responses": "openai_responses",
    "anthropic_messages": "anthropic_messages",
    "generate_content": "gemini",
    "generate_content_stream": "gemini",
    "embedding": "embeddings",
    "embeddings": "embeddings",
    "rerank": "rerank",
    "image_generation": "image_generation",
    "image_edit": "image_generation",
    "transcription": "transcription",
    "speech": "speech",
    "moderation": None,
    "list_batches": None,
    "create_batch": None,
    "retrieve_batch": None,
    "create_file": None,
    "file_retrieve": None,
    "file_list": None,
    "file_delete": None,
    "file_content": None,
}


class _LiteLlmLog:
    name = "litellm_log"
    title = "LiteLLM's logs: StandardLoggingPayload and SpendLogs"

    def claims(self, document: Document) -> bool:
        """Records with LiteLLM's own names for the call, its times and its cost."""
        found = sample(document, 3)
        return bool(found) and all(_is_payload(item) for item in found)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every call, in the order of the file."""
        return each(document, records(document), _exchange)


def _is_payload(item: dict[str, Any]) -> bool:
    timed = "call_type" in item and "startTime" in item and "endTime" in item
    return timed and ("response_cost" in item or ("spend" in item and "request_id" in item))


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if not isinstance(item, dict) or "call_type" not in item:
        raise bad(document, place, "is no call that LiteLLM logged", "Restore the log; it may be cut off there")
    kind = str(item["call_type"])
    kind = kind.removeprefix("a") if kind not in CALLS else kind
    metadata = mapping(item.get("metadata"))  # SpendLogs keep trees as JSON text
    is_stream = item.get("stream") is True
    start, first, end = item.get("startTime"), item.get("completionStartTime"), item.get("endTime")
    error = inner(item, "error_information")
    response = mapping(item.get("response"))
    usage = inner(metadata, "usage_object") or inner(inner(item, "hidden_params"), "usage_object")
    base = as_str(item.get("api_base"))
    return exchange(
        document,
        index,
        place,
        url=base if base and base.startswith("http") else None,
        response_body=response if _is_answer(response) else None,
        clock=Clock(
            started_at=epoch(start),
            duration_ns=between_ns(start, end),
            first_token_ns=between_ns(start, first) if is_stream and first != end else None,
        ),
        account=Account(
            ignored=None if CALLS.get(kind, "other") else "no generation, by LiteLLM's own word for the call",
            api=CALLS.get(kind, "other"),
            request_model=as_str(item.get("model")),
            gateway="litellm",
            provider_raw=as_str(item.get("custom_llm_provider")) or None,
            response_id=as_str(item.get("id")) or as_str(item.get("request_id")),
            is_stream=is_stream,
            failed=str(item.get("status") or metadata.get("status") or "").lower() == "failure",
            error_type=as_str(error.get("error_class")),
            error_code=as_str(error.get("error_code")) or None,
            tokens=_tokens(item, usage),
            usage=usage or {name: item[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens") if name in item},
            cost_usd=money(item.get("response_cost", item.get("spend"))),
            cost_by="gateway",
            cache_hit=_truth(item.get("cache_hit")),
            project=as_str(metadata.get("user_api_key_team_alias")) or as_str(item.get("team_id")) or None,
            user_label=as_str(item.get("end_user")) or as_str(metadata.get("user_api_key_user_id")) or as_str(item.get("user")) or None,
        ),
    )


def _is_answer(response: dict[str, Any]) -> bool:
    """Whether the logged response is one: where logging of messages is off, it is a remark."""
    return bool({"choices", "output", "content", "data", "candidates", "results", "error"} & response.keys())


def _tokens(item: dict[str, Any], usage: dict[str, Any]) -> dict[str, int]:
    found = counts(item, input_tokens="prompt_tokens", output_tokens="completion_tokens", total_tokens_reported="total_tokens")
    found |= counts(inner(usage, "prompt_tokens_details"), cache_read_tokens="cached_tokens", input_audio_tokens="audio_tokens")
    found |= counts(usage, cache_read_tokens="cache_read_input_tokens", cache_write_tokens="cache_creation_input_tokens")
    found |= counts(inner(usage, "completion_tokens_details"), reasoning_tokens="reasoning_tokens", output_audio_tokens="audio_tokens")
    return found


def _truth(value: Any) -> bool | None:
    """SpendLogs spell it ``True`` as text."""
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


FORMAT = _LiteLlmLog()
