"""Owns the OpenAI-style usage object in all its spellings; must not know frames beyond the one it is given.

Used by the chat and the legacy completions dialect. Spellings are those of real recordings: OpenAI, OpenRouter, Groq,
xAI, Azure, DeepSeek, Mistral, Moonshot, Perplexity, Writer, Qwen, SambaNova, Vercel AI Gateway, LiteLLM, Avian, Venice, Charm;
and OpenAI's Realtime (``input_token_details``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, money, ns_of
from llm_usage.dialects._cost import COPILOT_NANO_AIU, last, note_cost
from llm_usage.dialects._streams import add_usage
from llm_usage.dialects._units import bill_usage
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations
from llm_usage.model.stream import Stream


def find_usage(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The usage object of one payload, wherever its provider puts it; None when it reports none."""
    usage = payload.get("usage")
    if isinstance(usage, dict) and usage:
        return usage
    usage = dig(payload, "x_groq", "usage")
    if isinstance(usage, dict) and usage:
        return usage
    usage = dig(payload, "choices", 0, "usage")  # Moonshot
    return usage if isinstance(usage, dict) and usage else None


def note_usage(i: int, usage: dict[str, Any], stream: Stream, observed: Observations) -> Decimal | None:
    """Note every count and charge of ``usage``, found in frame ``i``; returns the charge of this frame.

    The last non-null value wins, so a provider that repeats its usage is not counted twice.
    """
    exact = stream.exact(i)
    exact_usage = find_usage(exact) if isinstance(exact, dict) else None
    if exact_usage is None:
        exact_usage = usage
    if says_nothing(usage, observed):
        return note_cost(exact_usage, observed)
    note = observed.count
    note("output_tokens", usage.get("completion_tokens"))
    note("input_tokens", usage.get("prompt_tokens"))
    note("total_tokens_reported", usage.get("total_tokens"))
    inputs = _details(usage, "prompt_tokens_details", "prompt_token_details", "input_tokens_details", "input_token_details")
    outputs = _details(usage, "completion_tokens_details", "completion_token_details", "output_tokens_details", "output_token_details")
    note(
        "cache_read_tokens",
        _first(
            usage.get("cache_read_input_tokens"),
            usage.get("num_cached_tokens"),
            usage.get("cached_tokens"),
            usage.get("prompt_cache_hit_tokens"),
            inputs.get("cached_tokens"),
        ),
    )
    note(
        "cache_write_tokens",
        _first(
            usage.get("cache_creation_input_tokens"),
            inputs.get("cache_creation_input_tokens"),
            inputs.get("cache_creation_tokens"),
            inputs.get("cache_write_tokens"),
        ),
    )
    note("cache_write_1h_tokens", dig(usage, "cache_creation", "ephemeral_1h_input_tokens"))
    note("input_audio_tokens", inputs.get("audio_tokens"))
    note("input_image_tokens", inputs.get("image_tokens"))
    note("reasoning_tokens", _first(usage.get("reasoning_tokens"), outputs.get("reasoning_tokens")))
    note("output_audio_tokens", outputs.get("audio_tokens"))
    note("output_image_tokens", outputs.get("image_tokens"))
    _note_cached_parts(inputs.get("cached_tokens_details"), observed)
    _note_server_times(usage, i, stream, observed)
    observed.usage.update(exact_usage)
    bill_usage(exact_usage, observed)
    return note_cost(exact_usage, observed)


def says_nothing(usage: dict[str, Any], observed: Observations) -> bool:
    """Whether a usage of zeros comes after a real one, which then stands."""
    if not (observed.tokens.get("input_tokens") or observed.tokens.get("output_tokens")):
        return False
    counts = [as_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens")]
    return 0 in counts and not any(counts)


def _note_cached_parts(parts: Any, observed: Observations) -> None:
    """How much of the cached input is audio or images (OpenAI's Realtime)."""
    for part in ("audio", "image"):
        observed.count(f"cache_read_{part}_tokens", dig(parts, f"{part}_tokens"))


def _details(usage: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        value = usage.get(name)
        if isinstance(value, dict):
            return value
    return {}


def _first(*values: Any) -> Any:
    """The last spelling that holds a count: the standard one is given last and wins over vendor extras."""
    for value in reversed(values):
        if as_count(value) is not None:
            return value
    return next((v for v in values if v is not None), None)


def _note_server_times(usage: dict[str, Any], i: int, stream: Stream, observed: Observations) -> None:
    """Groq's usage times (s), Azure's latency_checkpoint and others' time to first token (ms)."""
    if "total_time" in usage or "queue_time" in usage:
        exact = stream.exact(i)
        source = (find_usage(exact) if isinstance(exact, dict) else None) or usage
        note_times(source, observed)
    _note_checkpoint(usage.get("latency_checkpoint"), observed)
    if "time_to_first_token" in usage:  # SambaNova, seconds
        source = (find_usage(stream.exact(i) or {})) or usage
        observed.server_ttft_ns = _later(observed.server_ttft_ns, ns_of(source.get("time_to_first_token"), "s"))
        observed.server_total_ns = _later(observed.server_total_ns, ns_of(source.get("total_latency"), "s"))
    if "time_to_first_token_ms" in usage:
        first = dig(stream.exact(i), "usage", "time_to_first_token_ms")
        observed.server_ttft_ns = _later(observed.server_ttft_ns, ns_of(first, "ms"))


def _note_checkpoint(checkpoint: Any, observed: Observations) -> None:
    """Azure's latency_checkpoint (ms): inside usage in a whole body, beside it in the last chunk of a stream."""
    if isinstance(checkpoint, dict):
        observed.server_prefill_ns = _later(observed.server_prefill_ns, ns_of(checkpoint.get("engine_ttft_ms"), "ms"))
        observed.server_ttft_ns = _later(observed.server_ttft_ns, ns_of(checkpoint.get("service_ttft_ms"), "ms"))
        observed.server_total_ns = _later(observed.server_total_ns, ns_of(checkpoint.get("service_ttlt_ms"), "ms"))


def note_times(source: dict[str, Any], observed: Observations) -> None:
    """``queue_time``, ``prompt_time``, ``completion_time`` and ``total_time`` in seconds: Groq's usage, Cerebras' time_info."""
    observed.server_queue_ns = _later(observed.server_queue_ns, ns_of(source.get("queue_time"), "s"))
    observed.server_prefill_ns = _later(observed.server_prefill_ns, ns_of(source.get("prompt_time"), "s"))
    observed.server_decode_ns = _later(observed.server_decode_ns, ns_of(source.get("completion_time"), "s"))
    observed.server_total_ns = _later(observed.server_total_ns, ns_of(source.get("total_time"), "s"))


def _later(old: int | None, new: int | None) -> int | None:
    return old if new is None else new


def note_envelope(i: int, payload: dict[str, Any], stream: Stream, observed: Observations) -> Decimal | None:
    """What providers put beside ``usage``: llama.cpp timings, Cerebras time_info, Venice's top-level cost, routes."""
    _note_checkpoint(payload.get("latency_checkpoint"), observed)
    timings = payload.get("timings")
    if isinstance(timings, dict):
        timings = dig(stream.exact(i), "timings") or timings
        observed.server_prefill_ns = _later(observed.server_prefill_ns, ns_of(timings.get("prompt_ms"), "ms"))
        observed.server_decode_ns = _later(observed.server_decode_ns, ns_of(timings.get("predicted_ms"), "ms"))
    if isinstance(payload.get("time_info"), dict):
        note_times(dig(stream.exact(i), "time_info") or payload["time_info"], observed)
    provider = payload.get("provider")
    if isinstance(provider, dict):
        provider = provider.get("name")
    observed.provider_raw = as_str(provider) or observed.provider_raw
    charged = None
    if "cost" in payload and not isinstance(payload["cost"], dict):
        charged = money(dig(stream.exact(i), "cost"))
    units = money(dig(payload, "copilot_usage", "total_nano_aiu"))
    if units is not None:
        charged = units * COPILOT_NANO_AIU
    observed.cost_usd = last(observed.cost_usd, charged)
    return charged


def note_timings(stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """llama.cpp's ``timings`` where there is no usage: tokens of the prompt that were read and that the cache had, and those made.

    Source: llama.cpp, tools/server/README.md, "timings". Without ``cache_n`` (before 2025-09) the cached part is not told.
    """
    if observed.usage_source != "none":
        return
    for i in reversed(range(len(stream.objects))):
        timings = dig(stream.objects[i], "timings")
        if not isinstance(timings, dict):
            continue
        read, cached, made = (as_count(timings.get(name)) for name in ("prompt_n", "cache_n", "predicted_n"))
        if read is None or made is None:
            continue
        add_usage(i, columns, observed)
        observed.usage.update({name: timings[name] for name in ("prompt_n", "cache_n", "predicted_n") if name in timings})
        observed.count("input_tokens", read + (cached or 0))
        observed.count("cache_read_tokens", cached)
        observed.count("output_tokens", made)
        columns.cum_input_tokens[i], columns.cum_output_tokens[i] = as_count(read + (cached or 0)), made
        return


def note_route(metadata: Any, observed: Observations) -> None:
    """Vercel AI Gateway's ``provider_metadata``: the provider that served, and whether thoughts are counted apart."""
    if not isinstance(metadata, dict):
        return
    routing = dig(metadata, "gateway", "routing")
    served = dig(routing, "finalProvider") or dig(routing, "resolvedProvider")
    observed.provider_raw = as_str(served) or observed.provider_raw
    for value in metadata.values():
        own = dig(value, "usageMetadata")
        if isinstance(own, dict):
            thoughts, shown = as_count(own.get("thoughtsTokenCount")), as_count(own.get("candidatesTokenCount"))
            if thoughts and shown == observed.tokens.get("output_tokens", shown):
                observed.separate_hint = True
