"""Owns what attributes ``gen_ai.*`` of a span say: counts, dialect, address; must not know how a span is kept.

``gen_ai.usage.input_tokens`` is all input; where cached input is more than that, it was counted beside it (older instrumentations).
Sources: see `llm_usage.recordings.otel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_usage.codecs.values import as_str
from llm_usage.recordings._records import api_at, count_of

#: Columns and the attributes that tell them, the newest name first.
_COUNTS: Mapping[str, tuple[str, ...]] = {
    "input_tokens": ("input_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens"),
    "cache_read_tokens": ("cache_read.input_tokens", "cache_read_input_tokens", "details.cache_read_tokens", "input_tokens.cached"),
    "cache_write_tokens": ("cache_creation.input_tokens", "cache_creation_input_tokens", "details.cache_write_tokens"),
    "reasoning_tokens": ("reasoning.output_tokens", "reasoning_tokens", "details.reasoning_tokens", "output_tokens.reasoning"),
    "total_tokens_reported": ("total_tokens",),
}
USAGE = "gen_ai.usage."
_APIS = {"chat_completions": "openai_chat", "responses": "openai_responses"}


def tokens(told: Mapping[str, Any]) -> dict[str, int]:
    """Token counts by their columns."""
    found: dict[str, int] = {}
    for column, names in _COUNTS.items():
        counted = next((count for name in names if (count := count_of(told.get(USAGE + name))) is not None), None)
        if counted is not None:
            found[column] = counted
    cached = found.get("cache_read_tokens", 0) + found.get("cache_write_tokens", 0)
    if cached > found.get("input_tokens", cached):
        found["input_tokens"] += cached
    return found


def api(told: Mapping[str, Any], operation: str | None, provider: str | None, path: str | None) -> str:
    """The dialect on the wire, where anything says it."""
    by_path = api_at(path)
    by_type = _APIS.get(str(told.get("openai.api.type")))
    if by_type or by_path:
        return by_type or by_path or "other"
    if operation in ("embeddings", "embedding"):
        return "embeddings"
    if provider == "anthropic" and operation == "chat":
        return "anthropic_messages"
    return "gemini" if operation == "generate_content" and provider in ("gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai") else "other"


def url(told: Mapping[str, Any], path: str | None) -> str | None:
    """Where the call went, where it is told."""
    whole = as_str(told.get("url.full") or told.get("http.url"))
    address, port = as_str(told.get("server.address")), count_of(told.get("server.port"))
    if whole is None and address is not None and "://" in address:
        whole = address
    if whole is not None:
        return whole if whole.startswith(("http://", "https://")) else None
    if address is None:
        return None
    return f"https://{address}{f':{port}' if port and port != 443 else ''}{path or ''}"
