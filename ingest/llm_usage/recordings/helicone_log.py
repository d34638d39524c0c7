"""Owns Helicone's rows of requests (answers of ``/v1/request/query``, its export as JSON, JSON lines or CSV); no dialects.

``request_created_at`` is the start, ``delay_ms`` the whole call, ``time_to_first_token`` in milliseconds of streams. The cost is Helicone's
own reckoning in USD. Its counts are as the provider's: Anthropic's prompt tokens count no cache; its total is its own sum and not read.
A status below zero is Helicone's own: the call did not end. Source: Helicone/helicone, ``HeliconeRequest``
(packages/llm-mapper/types.ts). Not verified on a real file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_decimal, as_str, money, ns_of
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings._records import api_at, counts, not_json, said, utc
from llm_usage.recordings._tables import keys_of, mapping, rows, tree, truth
from llm_usage.recordings.document import Document

_KEYS = frozenset(
    {
        *("request_id", "request_created_at", "request_body", "request_path", "request_user_id", "request_model", "response_id"),
        *("response_status", "response_model", "response_body", "delay_ms", "time_to_first_token", "total_tokens", "prompt_tokens"),
        *("prompt_cache_write_tokens", "prompt_cache_read_tokens", "completion_tokens", "reasoning_tokens", "prompt_audio_tokens"),
        *("completion_audio_tokens", "cost", "costUSD", "provider", "target_url", "cache_reference_id", "cache_enabled", "model"),
    }
)
#: What ``cache_reference_id`` is of a call that no earlier one answered.
_NO_REFERENCE = "00000000-0000-0000-0000-000000000000"


class _HeliconeLog:
    name = "helicone_log"
    title = "Helicone's rows of requests: its API's answer, or an export"

    def claims(self, document: Document) -> bool:
        """Records with Helicone's names for a request, its status and its delay."""
        listed = _data(document)
        keys = frozenset(listed[0]) if listed else keys_of(document)
        return {"request_id", "request_created_at"} <= keys and bool({"response_status", "delay_ms"} & keys)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every call, in the order of the file."""
        return each(document, rows(document, _KEYS, *(("data",) if _data(document) else ())), _exchange)


def _data(document: Document) -> list[dict[str, Any]]:
    """The list inside the API's answer."""
    found = document.probe.get("data") if document.syntax == "json" and isinstance(document.probe, dict) else None
    return found if isinstance(found, list) and all(isinstance(item, dict) for item in found) else []


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if isinstance(item, JsonError):
        raise not_json(document, place)
    if not isinstance(item, dict) or "request_id" not in item:
        raise bad(document, place, "is no request that Helicone logged", "Export the rows again")
    url, path = as_str(item.get("target_url")), as_str(item.get("request_path"))
    status, provider, sent = as_decimal(item.get("response_status")), as_str(item.get("provider")), mapping(item.get("request_body"))
    reference = as_str(item.get("cache_reference_id"))
    body = _body(tree(item.get("response_body")))
    is_stream = truth(sent.get("stream"))
    first = ns_of(item.get("time_to_first_token"), "ms") or None
    return exchange(
        document,
        index,
        place,
        method="POST" if body is not None else None,
        url=url if url and url.startswith("http") else path if path and path.startswith("http") else None,
        request_body=sent or None,
        status=int(status) if status is not None and 100 <= status <= 999 else None,
        response_body=body,
        clock=Clock(
            started_at=utc(item.get("request_created_at")), duration_ns=ns_of(item.get("delay_ms"), "ms") or None, first_token_ns=first
        ),
        account=Account(
            ignored="a call that was not over when the rows were read" if status == -2 else None,
            api=api_at(url) or api_at(path) or "other",
            request_model=as_str(item.get("model_override")) or as_str(item.get("request_model")) or as_str(item.get("model")),
            response_model=as_str(item.get("response_model")),
            gateway="helicone",
            provider_raw=provider,
            is_stream=is_stream,
            failed=status is not None and (status < 0 or status >= 400),
            error_code=str(status) if status is not None and status < 0 else None,
            tokens=_tokens(item, provider),
            usage={name: item[name] for name in sorted(_KEYS) if name.endswith("_tokens") and item.get(name) is not None},
            cost_usd=money(item.get("costUSD")) if item.get("costUSD") is not None else money(item.get("cost")),
            cost_by="gateway",
            cache_hit=None if reference is None else reference != _NO_REFERENCE,
            user_label=as_str(item.get("request_user_id")),
        ),
    )


def _body(found: Any) -> Any:
    """An answer: a tree that says something, or the stream as text."""
    if isinstance(found, dict) and isinstance(found.get("streamed_data"), str):
        found = found["streamed_data"]
    if isinstance(found, str):
        return found if "data:" in found[:200] else None
    return found if isinstance(found, (dict, list)) and found else None


def _tokens(item: dict[str, Any], provider: str | None) -> dict[str, int]:
    found = counts(
        item,
        input_tokens="prompt_tokens",
        output_tokens="completion_tokens",
        cache_read_tokens="prompt_cache_read_tokens",
        cache_write_tokens="prompt_cache_write_tokens",
        reasoning_tokens="reasoning_tokens",
        input_audio_tokens="prompt_audio_tokens",
        output_audio_tokens="completion_audio_tokens",
    )
    cached = found.get("cache_read_tokens", 0) + found.get("cache_write_tokens", 0)
    if "input_tokens" in found and (cached > found["input_tokens"] or (provider or "").lower() == "anthropic"):
        found["input_tokens"] += cached
    return said(found)


FORMAT = _HeliconeLog()
