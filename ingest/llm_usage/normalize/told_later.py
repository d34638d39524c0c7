"""Owns what a later exchange of the same recording says of an earlier answer: OpenRouter's ``/generation``, fetched by id. Pure.

It generates nothing and is no request; what it knows better goes to the row of the answer: the charge, where that says none, and the
tokens, where that has no usage. Source: OpenRouter API reference, "Get request & usage metadata for a generation". Rows that a
recording of very many exchanges has handed on before it is told stay as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llm_usage.codecs.values import as_count, as_decimal, dig, money
from llm_usage.model.amounts import usage_json, usd
from llm_usage.model.request_parts import Tokens
from llm_usage.model.rows import RequestRow
from llm_usage.model.stream import Stream

_COUNTS = {
    "input_tokens": "native_tokens_prompt",
    "output_tokens": "native_tokens_completion",
    "reasoning_tokens": "native_tokens_reasoning",
    "cache_read_tokens": "native_tokens_cached",
}


class ToldLater:
    """The answers of a recording that something may still be said of."""

    def __init__(self) -> None:
        self._rows: dict[str, RequestRow] = {}

    def keep(self, row: RequestRow) -> None:
        """An answer of OpenRouter."""
        if row.gateway == "openrouter" and row.response_id is not None:
            self._rows[row.response_id] = row

    def note(self, stream: Stream) -> None:
        """An exchange that was left out; what it says of an answer that is kept goes there."""
        if not self._rows or not stream.url_path.lower().rstrip("/").endswith("/generation") or not stream.objects:
            return
        data = dig(stream.exact(0), "data")
        row = self._rows.get(str(dig(data, "id")))
        if row is not None and isinstance(data, dict):
            _complete(row, data)


def _complete(row: RequestRow, data: Mapping[str, Any]) -> None:
    anomalies = list(row.usage_anomalies)
    charged = money(data.get("total_cost"))
    if charged is not None and row.charges.cost_reported_usd is None:
        byok = data.get("is_byok") if isinstance(data.get("is_byok"), bool) else None
        upstream = money(data.get("upstream_inference_cost"))
        if byok and upstream is not None:
            charged += upstream  # the gateway's fee and the caller's own provider bill are two payments
        row.charges = replace(
            row.charges,
            cost_reported_usd=usd(charged, anomalies),
            cost_reported_by="gateway",
            is_byok=byok,
            upstream_cost_usd=usd(upstream, anomalies),
        )
    counts = {name: as_count(as_decimal(data.get(key))) for name, key in _COUNTS.items()}
    if row.usage_source == "none" and counts["input_tokens"] is not None and counts["output_tokens"] is not None:
        row.tokens = Tokens(**counts)
        row.usage_source = "final"
        row.reasoning_accounting = "included" if counts["reasoning_tokens"] else None
        row.usage_json = usage_json({key: data[key] for key in (*_COUNTS.values(), "total_cost") if key in data})
        if (counts["reasoning_tokens"] or 0) > counts["output_tokens"]:
            anomalies.append("reasoning_exceeds_output")
    row.usage_anomalies = anomalies
