"""Owns Portkey's export of logs (JSON lines, a list, CSV); must not know what a body means.

``cost`` is the gateway's own reckoning, in cents of USD. ``response_time`` is in milliseconds, ``created_at`` the time of the request.
Bodies are there when they were asked for, as ``request`` and ``response``, inside them or as columns ``request.body``.
Source: Portkey, "Logs Export" (table of columns) and Portkey-AI/openapi, ``/logs/exports``. Not verified on a real file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str, money, ns_of
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings._records import api_at, counts, epoch, not_json, said
from llm_usage.recordings._tables import keys_of, rows, tree, truth
from llm_usage.recordings.document import Document

_KEYS = frozenset(
    {
        *("id", "trace_id", "created_at", "request", "response", "request.body", "response.body", "is_success", "ai_org", "ai_model"),
        *("req_units", "res_units", "total_units", "cost", "cost_currency", "request_url", "request_method", "response_status_code"),
        *("response_time", "cache_status", "stream_mode", "mode"),
    }
)


class _PortkeyLog:
    name = "portkey_log"
    title = "Portkey's export of logs: JSON lines, a list, CSV"

    def claims(self, document: Document) -> bool:
        """Records with Portkey's names for the provider, the model, and a count, a cost or a time."""
        keys = keys_of(document)
        return {"ai_org", "ai_model"} <= keys and bool({"req_units", "total_units", "cost", "response_time"} & keys)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every call, in the order of the file."""
        return each(document, rows(document, _KEYS), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if isinstance(item, JsonError):
        raise not_json(document, place)
    if not isinstance(item, dict) or "ai_model" not in item:
        raise bad(document, place, "is no call that Portkey logged", "Export the logs again")
    sent, received = _body(item, "request"), _body(item, "response")
    url = as_str(item.get("request_url"))
    cents = money(item.get("cost")) if item.get("cost_currency") in (None, "", "USD", "usd") else None
    cached = str(item.get("cache_status") or "").upper()
    return exchange(
        document,
        index,
        place,
        method=item.get("request_method"),
        url=url if url and url.startswith("http") else None,
        request_body=sent,
        status=item.get("response_status_code"),
        response_body=received,
        clock=Clock(started_at=epoch(item.get("created_at")), duration_ns=ns_of(item.get("response_time"), "ms") or None),
        account=Account(
            api=api_at(url) or "other",
            request_model=as_str(item.get("ai_model")),
            gateway="portkey",
            provider_raw=as_str(item.get("ai_org")),
            is_stream=truth(item.get("stream_mode")),
            failed=truth(item.get("is_success")) is False,
            tokens=said(counts(item, input_tokens="req_units", output_tokens="res_units", total_tokens_reported="total_units")),
            usage={name: item[name] for name in ("req_units", "res_units", "total_units") if item.get(name) is not None},
            cost_usd=cents / 100 if cents is not None else None,
            cost_by="gateway",
            cache_hit=cached.endswith("HIT") if cached else None,
        ),
    )


def _body(item: dict[str, Any], side: str) -> Any:
    """A body that is a tree or an event stream; headers beside it are left."""
    found = tree(item.get(f"{side}.body"))
    if found is None:
        found = tree(item.get(side))
        found = tree(found["body"]) if isinstance(found, dict) and "body" in found else found
    return found if (isinstance(found, (dict, list)) and found) or (isinstance(found, str) and "data:" in found[:200]) else None


FORMAT = _PortkeyLog()
