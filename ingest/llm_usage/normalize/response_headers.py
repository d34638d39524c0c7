"""Owns what response headers add to the observations: a gateway's charge, server times to first byte, an error's type. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_usage.codecs.json import JsonError, loads_lenient
from llm_usage.codecs.values import as_decimal, money, ns_of
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
    if observed.cost_usd is None and observed.cost_other is None and "x-litellm-response-cost" in got:
        observed.cost_usd = money(got["x-litellm-response-cost"])
        observed.cost_by_gateway = True
    _note_dimensions(got, observed)
    _note_fireworks(got, observed)
    if observed.server_ttft_ns is None:
        for name in ("openai-processing-ms", "x-envoy-upstream-service-time", "x-kong-upstream-latency"):
            if name in got:
                observed.server_ttft_ns = ns_of(got[name], "ms")
                break
        else:
            observed.server_ttft_ns = _server_timing(got.get("server-timing"))


#: Words of response headers and service tiers, as the column ``traffic`` has them. Sources: Gemini API, "Flex and priority
#: inference"; OpenAI, "Service tier"; Anthropic, "Service tiers" (batch); AWS, "Service tiers for inference".
_TRAFFIC = {"flex": "flex", "priority": "priority", "batch": "batch"}


def _note_dimensions(got: Mapping[str, str], observed: Observations) -> None:
    """How the traffic is paid for, and the speed, where the payload does not say it."""
    tier = got.get("x-gemini-service-tier")
    observed.service_tier = observed.service_tier or tier or got.get("x-amzn-bedrock-service-tier")
    if observed.traffic is None:
        observed.traffic = _TRAFFIC.get((observed.service_tier or "").lower())
    if observed.traffic is None and got.get("x-vertex-ai-llm-request-type", "").lower() == "dedicated":
        observed.traffic = "provisioned"
    latency = got.get("x-amzn-bedrock-performanceconfig-latency")
    if observed.speed is None and latency:
        observed.speed = "latency_optimized" if latency == "optimized" else latency


def _note_fireworks(got: Mapping[str, str], observed: Observations) -> None:
    """Fireworks says in headers what its usage may leave out. Source: Fireworks, "Response headers": counts, and times in seconds."""
    for header, name in (("fireworks-prompt-tokens", "input_tokens"), ("fireworks-cached-prompt-tokens", "cache_read_tokens")):
        number = as_decimal(got.get(header))
        if number is not None and name not in observed.tokens:
            if observed.usage_source == "none" and observed.message_seen:
                observed.usage_source = "partial"  # what was read is told before the answer, what was made is not
            if observed.usage_source != "none":
                observed.count(name, number)
    if observed.server_ttft_ns is None:
        observed.server_ttft_ns = ns_of(got.get("fireworks-server-time-to-first-token"), "s")
    if observed.server_total_ns is None:
        observed.server_total_ns = ns_of(got.get("fireworks-server-processing-time"), "s")


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
