"""Owns the shape of a request without its text, as several dialects read it the same way; must not know any one dialect."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from llm_usage.codecs.values import as_count, as_real, as_str
from llm_usage.model.observations import RequestFacts


def prompt_hash(parts: Mapping[str, Any]) -> str | None:
    """SHA-256 over the canonical JSON of the parts of a request that make up its prompt; None when there is none.

    Keys whose value is None or absent do not count, so the same prompt gives the same hash whatever the dialect leaves out.
    """
    present = {k: v for k, v in parts.items() if v is not None}
    if not present:
        return None
    try:
        canonical = orjson.dumps(present, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError):
        return None
    return hashlib.sha256(canonical).hexdigest()


def length(value: Any) -> int | None:
    """Number of items of a list, else None."""
    return len(value) if isinstance(value, list) else None


def message_count(messages: Any) -> int | None:
    """Messages of a request, those of the system or developer not counted; a bare string or object is one."""
    if isinstance(messages, (str, dict)):
        return 1
    if not isinstance(messages, list):
        return None
    return sum(not (isinstance(m, dict) and m.get("role") in ("system", "developer")) for m in messages)


def first_count(body: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """The first of several spellings that holds a count."""
    for name in names:
        number = as_count(body.get(name))
        if number is not None:
            return number
    return None


def facts(
    body: Any,
    *,
    operation: str,
    model: str | None = None,
    messages: Any = None,
    tools: Any = None,
    system: Any = None,
    extra: Mapping[str, Any] | None = None,
    stream: bool | None = None,
    limits: Iterable[str] = ("max_tokens", "max_completion_tokens", "max_output_tokens"),
) -> RequestFacts:
    """Request facts of a JSON body whose top level follows the OpenAI habit; ``messages`` may be a list or a string."""
    body = body if isinstance(body, dict) else {}
    asked = body.get("stream") if stream is None else stream
    return RequestFacts(
        model=model or as_str(body.get("model")),
        operation=operation,
        stream_requested=asked if isinstance(asked, bool) else None,
        max_tokens=first_count(body, limits),
        temperature=as_real(body.get("temperature")),
        tool_count=length(tools),
        message_count=message_count(messages),
        prompt_sha256=prompt_hash({"messages": messages, "tools": tools, "system": system, **(extra or {})}),
        service_tier=as_str(body.get("service_tier")),
    )
