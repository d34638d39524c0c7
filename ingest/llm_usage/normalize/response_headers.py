"""Owns what response headers add to the observations: a gateway's charge, server times to first byte, an error's type. Pure."""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.json import JsonError, loads_lenient
from llm_usage.codecs.values import money, ns_of
from llm_usage.dialects.error_body import read_error_body
from llm_usage.model.exchange import Exchange
from llm_usage.model.observations import Observations

#: Of the body of an HTTP error, more than this is no error message.
_ERROR_BYTES = 1_000_000


def note_headers(exchange: Exchange, observed: Observations) -> None:
    """What response headers add: LiteLLM's charge, server times to first byte, an error's type."""
    got = exchange.response_headers
    if exchange.status is not None and exchange.status >= 400 and observed.error_type is None and observed.error_code is None:
        kind, code = read_error_body(_body(exchange))
        observed.error_type, observed.error_code = kind or got.get("x-amzn-errortype", "").split(":", 1)[0] or None, code
    if observed.cost_usd is None and "x-litellm-response-cost" in got:
        observed.cost_usd = money(got["x-litellm-response-cost"])
    if observed.server_ttft_ns is None:
        for name in ("openai-processing-ms", "x-envoy-upstream-service-time", "x-kong-upstream-latency"):
            if name in got:
                observed.server_ttft_ns = ns_of(got[name], "ms")
                break
        else:
            observed.server_ttft_ns = _server_timing(got.get("server-timing"))


def _server_timing(value: str | None) -> int | None:
    """The one duration of a Server-Timing header (W3C), ms; several metrics cannot be told apart."""
    if not value:
        return None
    durations = [part.strip()[4:] for metric in value.split(",") for part in metric.split(";")[1:] if part.strip().startswith("dur=")]
    return ns_of(durations[0], "ms") if len(durations) == 1 else None


def _body(exchange: Exchange) -> Any:
    try:
        return loads_lenient(exchange.body[:_ERROR_BYTES])
    except JsonError:
        return None
