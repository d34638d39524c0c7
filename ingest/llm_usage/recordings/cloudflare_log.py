"""Owns the list of logs of Cloudflare's AI Gateway (``GET …/ai-gateway/gateways/{id}/logs``, or its records); must not know any dialect.

Only counts are in it: tokens, milliseconds, the gateway's own reckoning of the cost, whether it answered from its cache. What
``created_at`` is the time of is not documented, so it dates a call and starts none. Source: Cloudflare API, "List Gateway Logs" and
"Get Gateway Log Detail". Not verified on a real file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str, money, ns_of
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings._records import api_at, counts, not_json, records, said, sample, utc
from llm_usage.recordings._tables import truth
from llm_usage.recordings.document import Document

_KEYS = frozenset({"id", "cached", "provider", "model", "tokens_in", "tokens_out", "duration"})


class _CloudflareLog:
    name = "cloudflare_log"
    title = "Logs of Cloudflare's AI Gateway, as its API lists them"

    def claims(self, document: Document) -> bool:
        """Records with the gateway's names for tokens, the cache and the duration."""
        first = (_result(document) or sample(document, 3))[:1]
        return any(isinstance(item, dict) and item.keys() >= _KEYS for item in first)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every call, in the order of the list."""
        return each(document, records(document, *(("result",) if _result(document) else ())), _exchange)


def _result(document: Document) -> list[Any]:
    """The list inside the API's answer."""
    tree = document.probe if document.syntax == "json" else None
    found = tree.get("result") if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if isinstance(item, JsonError):
        raise not_json(document, place)
    if not isinstance(item, dict) or "provider" not in item:
        raise bad(document, place, "is no call that the gateway logged", "Fetch the list again")
    success = truth(item.get("success"))
    path = as_str(item.get("path"))
    return exchange(
        document,
        index,
        place,
        status=item.get("status_code"),
        clock=Clock(recorded_at=utc(item.get("created_at")), duration_ns=ns_of(item.get("duration"), "ms") or None),
        account=Account(
            api=api_at(f"/{path}" if path else None) or "other",
            request_model=as_str(item.get("model")),
            gateway="cloudflare",
            provider_raw=as_str(item.get("provider")),
            failed=success is False,
            tokens=said(counts(item, input_tokens="tokens_in", output_tokens="tokens_out")),
            usage={name: item[name] for name in ("tokens_in", "tokens_out") if item.get(name) is not None},
            cost_usd=money(item.get("cost")),
            cost_by="gateway",
            cache_hit=truth(item.get("cached")),
        ),
    )


FORMAT = _CloudflareLog()
