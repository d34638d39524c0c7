"""Owns cassettes of agent-cassette (yuan-cloud; JSON lines with ``cassette_version``); must not know what an answer means.

An entry is one call of any function that was wrapped: ``openai.responses.create`` with its arguments and its answer, or a tool. Times are
the call's as a whole (``latency_ms``; ``recorded_at_ms`` is its end); no chunks are kept. A failed call has the error of the SDK.
Source: yuan-cloud/agent-cassette, src/cassette.ts, and its cassettes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_count, as_str, items, ns_of
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._evidence import is_payload
from llm_usage.recordings._parts import bad, each, exchange, inner
from llm_usage.recordings._records import epoch, not_json, records, sample
from llm_usage.recordings.document import Document

_KEYS = frozenset({"cassette_version", "call_name", "request_hash", "recorded_at_ms"})


class _AgentCassette:
    name = "agent_cassette"
    title = "Cassettes of agent-cassette (JSON lines, one wrapped call a line)"

    def claims(self, document: Document) -> bool:
        """Every record has the name of a call and the hash of its arguments."""
        found = sample(document, 5)
        return bool(found) and all(item.keys() >= _KEYS for item in found)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every call, in the order of the file."""
        return each(document, records(document), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if isinstance(item, JsonError):
        raise not_json(document, place)
    if not isinstance(item, dict) or "call_name" not in item:
        raise bad(document, place, "is no recorded call", "Record it again; the file may be cut off there")
    sent = next((part for part in items(item.get("args_preview")) if isinstance(part, dict)), None)
    result, error = item.get("result"), inner(item, "error")
    name = str(item["call_name"])
    answered = is_payload(result)
    at, latency = epoch(item.get("recorded_at_ms")), as_count(item.get("latency_ms"))
    asks = sent is not None and "model" in sent and name.endswith((".create", ".stream", ".parse"))
    return exchange(
        document,
        index,
        place,
        request_body=sent if asks else None,
        response_body=result if answered else None,
        clock=Clock(
            started_at=at - timedelta(milliseconds=latency) if at is not None and latency is not None and latency < 86_400_000 else None,
            duration_ns=ns_of(latency, "ms") or None,
            recorded_at=at,
        ),
        account=Account(
            ignored=None if answered or (error and asks) else "a wrapped function that called no model, by its answer",
            api="openai_responses" if ".responses." in name else "openai_chat" if ".chat.completions." in name else None,
            failed=bool(error),
            error_type=as_str(error.get("name")),
        ),
    )


FORMAT = _AgentCassette()
