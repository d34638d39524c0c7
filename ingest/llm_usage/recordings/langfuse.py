"""Owns Langfuse's observations: answers of its API, exports as JSON, JSON lines, CSV and Parquet (blob storage); no dialects.

A call is an observation GENERATION (or EMBEDDING); spans, agents and tools around it are none. ``usageDetails`` counts by kind, each token
once, and ``total`` is their sum; where the total says that cached input or reasoning lies inside, it does. Durations are in seconds. The
cost is the client's, given or reckoned from Langfuse's own prices. Names are camelCase (API, UI) or snake_case (blob storage).
Source: Langfuse, "Model usage & cost", "Export to blob storage" and the API reference. Not verified on a real file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str, money, ns_of
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange
from llm_usage.recordings._records import between_ns, count_of, not_json, utc
from llm_usage.recordings._tables import keys_of, mapping, rows
from llm_usage.recordings.document import Document

_CALLS = {"GENERATION": "chat", "EMBEDDING": "embeddings"}
_NAMES = (
    "id", "type", "traceId", "startTime", "endTime", "completionStartTime", "model", "providedModelName", "level", "usageDetails",
    "costDetails", "usage", "promptTokens", "completionTokens", "totalTokens", "inputUsage", "outputUsage", "totalUsage", "latency",
    "timeToFirstToken", "calculatedTotalCost", "totalCost", "userId", "environment",
)  # fmt: skip


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


_SNAKE = {_snake(name): name for name in _NAMES}
_KEYS = frozenset(_NAMES) | frozenset(_SNAKE)
_READS = ("input_cached_tokens", "cache_read_input_tokens", "input_cache_read", "input_cached", "cached_tokens", "cache_read_tokens")
_WRITES = ("cache_creation_input_tokens", "input_cache_creation", "cache_write_tokens", "input_cache_write")
_THOUGHTS = ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "thoughts_token_count")
_INPUTS = ("input", "prompt_tokens", "input_tokens", "promptTokens")
_OUTPUTS = ("output", "completion_tokens", "output_tokens", "completionTokens")


class _Langfuse:
    name = "langfuse"
    title = "Langfuse's observations: JSON, JSON lines, CSV, Parquet"

    def claims(self, document: Document) -> bool:
        """Records with Langfuse's names for an observation, its trace, and its usage or its cost."""
        listed = _data(document)
        keys = {_SNAKE.get(key, key) for key in (frozenset(listed[0]) if listed else keys_of(document))}
        return {"id", "type", "traceId", "startTime"} <= keys and bool({"usageDetails", "usage", "costDetails", "totalUsage"} & keys)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every generation, in the order of the file."""
        return each(document, _calls(document), _exchange)


def _data(document: Document) -> list[dict[str, Any]]:
    """The list inside the API's answer."""
    found = document.probe.get("data") if document.syntax == "json" and isinstance(document.probe, dict) else None
    return found if isinstance(found, list) and found and all(isinstance(item, dict) for item in found) else []


def _calls(document: Document) -> Iterator[tuple[str, Any]]:
    """Records of calls; where there is none, None once."""
    found = False
    for place, item in rows(document, _KEYS, *(("data",) if _data(document) else ())):
        record = {_SNAKE.get(key, key): value for key, value in item.items()} if isinstance(item, dict) else item
        if not isinstance(record, dict) or str(record.get("type")).upper() in _CALLS:
            found = True
            yield place, record
    if not found:
        yield "observations", None


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if item is None:
        return exchange(document, index, place, account=Account(ignored="observations, and none of them is a call of a model"))
    if isinstance(item, JsonError):
        raise not_json(document, place)
    if not isinstance(item, dict):
        raise bad(document, place, "is no observation", "Export the observations again")
    usage = mapping(item.get("usageDetails")) or mapping(item.get("usage"))
    start, first, end = item.get("startTime"), item.get("completionStartTime"), item.get("endTime")
    tokens, sure = _tokens(usage or _flat(item))
    costs = mapping(item.get("costDetails"))
    told = (costs.get("total"), item.get("calculatedTotalCost"), item.get("totalCost"), mapping(item.get("usage")).get("totalCost"))
    return exchange(
        document,
        index,
        place,
        clock=Clock(
            started_at=utc(start),
            duration_ns=between_ns(utc(start), utc(end)) or ns_of(item.get("latency"), "s") or None,
            first_token_ns=between_ns(utc(start), utc(first)) or ns_of(item.get("timeToFirstToken"), "s") or None,
        ),
        account=Account(
            api="embeddings" if str(item.get("type")).upper() == "EMBEDDING" else "other",
            operation=_CALLS[str(item.get("type")).upper()],
            request_model=as_str(item.get("model")) or as_str(item.get("providedModelName")),
            failed=str(item.get("level")).upper() == "ERROR",
            tokens=tokens,
            partial=not sure,
            usage={name: value for name, value in (usage or _flat(item)).items() if count_of(value) is not None},
            cost_usd=next((cost for value in told if (cost := money(value)) is not None), None),
            cost_by="client",
            user_label=as_str(item.get("userId")),
        ),
    )


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """Counts in columns of their own, as older answers and the UI's export have them."""
    names = {"input": ("promptTokens", "inputUsage"), "output": ("completionTokens", "outputUsage"), "total": ("totalTokens", "totalUsage")}
    return {name: item[key] for name, keys in names.items() for key in keys if item.get(key) is not None}


def _tokens(usage: Mapping[str, Any]) -> tuple[dict[str, int], bool]:
    """Counts by their columns, and whether it is certain what they count."""

    def first(names: tuple[str, ...]) -> int | None:
        return next((count for name in names if (count := count_of(usage.get(name))) is not None), None)

    told = {
        "input_tokens": first(_INPUTS),
        "output_tokens": first(_OUTPUTS),
        "cache_read_tokens": first(_READS),
        "cache_write_tokens": first(_WRITES),
        "reasoning_tokens": first(_THOUGHTS),
        "total_tokens_reported": first(("total", "total_tokens", "totalTokens")),
    }
    found = {column: count for column, count in told.items() if count is not None}
    if "input_tokens" not in found or "output_tokens" not in found or usage.get("unit") not in (None, "TOKENS"):
        return found, not found
    cached = found.get("cache_read_tokens", 0) + found.get("cache_write_tokens", 0)
    plain, said, thought = found["input_tokens"], found["output_tokens"], found.get("reasoning_tokens", 0)
    ways = [(plain + cache, said + mind) for cache in (cached, 0) for mind in (thought, 0)]
    total = found.get("total_tokens_reported")
    fits = [way for way in ways if sum(way) == total]
    if not fits and total is not None and (cached or thought):  # what the total counts cannot be told
        return {name: count for name, count in found.items() if name not in ("input_tokens", "output_tokens")}, False
    found["input_tokens"], found["output_tokens"] = fits[0] if fits else ways[0]
    return found, True


FORMAT = _Langfuse()
