"""Owns usageMetadata in both its spellings and which of its snapshots is right; must not know frames."""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, items
from llm_usage.model.observations import Observations
from llm_usage.model.stream import Stream

_MODALITIES: dict[Any, str] = {"IMAGE": "image", 2: "image", "AUDIO": "audio", 4: "audio"}
_COUNTS = {
    "promptTokenCount": "prompt",
    "prompt_token_count": "prompt",
    "toolUsePromptTokenCount": "tool",
    "tool_use_prompt_token_count": "tool",
    "cachedContentTokenCount": "cached",
    "cached_content_token_count": "cached",
    "candidatesTokenCount": "candidates",
    "candidates_token_count": "candidates",
    "thoughtsTokenCount": "thoughts",
    "thoughts_token_count": "thoughts",
    "totalTokenCount": "total",
    "total_token_count": "total",
}
#: Vertex AI's words for how traffic is paid for. Source: Vertex AI, "GenerateContentResponse.UsageMetadata.TrafficType".
_TRAFFIC = {
    "ON_DEMAND": "on_demand",
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_FLEX": "flex",
    "PROVISIONED_THROUGHPUT": "provisioned",
    "BATCH": "batch",
}
_CACHED = frozenset({"cacheTokensDetails", "cache_tokens_details"})
_DETAILS = {
    "promptTokensDetails": "input",
    "prompt_tokens_details": "input",
    "candidatesTokensDetails": "output",
    "candidates_tokens_details": "output",
}


def either(value: Any, camel: str, snake: str) -> Any:
    """What an object has under either spelling of a key, or None."""
    if not isinstance(value, dict):
        return None
    found = value.get(camel)
    return value.get(snake) if found is None else found


def snapshot_of(usage: dict[str, Any], observed: Observations) -> dict[str, int]:
    """The counts of one snapshot that are there; modalities go to the observations at once."""
    out: dict[str, int] = {}
    for key, value in usage.items():
        if value is None:
            continue
        name = _COUNTS.get(key)
        if name is not None:
            number = as_count(value)
            if number is None:
                observed.flag(f"bad_count:{key}")
            else:
                out[name] = number
        elif key in _DETAILS:
            for detail in items(value):
                kind = detail.get("modality") if isinstance(detail, dict) else None
                modality = _MODALITIES.get(kind) if isinstance(kind, (str, int)) else None
                if modality is not None:
                    observed.count(f"{_DETAILS[key]}_{modality}_tokens", either(detail, "tokenCount", "token_count"))
        elif key in _CACHED:
            _note_cached_parts(items(value), either(usage, "cachedContentTokenCount", "cached_content_token_count"), observed)
        elif key in ("trafficType", "traffic_type"):
            observed.traffic = _TRAFFIC.get(value, observed.traffic) if isinstance(value, str) else observed.traffic
        elif key in ("serviceTier", "service_tier"):
            observed.service_tier = as_str(value) or observed.service_tier
    return out


def _note_cached_parts(details: list[Any], cached: Any, observed: Observations) -> None:
    """How much of the cached input is audio or images. Details that add up to the whole leave none for a part they do not name."""
    parts: dict[str, int] = {}
    total = 0
    for detail in details:
        number = as_count(either(detail, "tokenCount", "token_count"))
        kind = detail.get("modality") if isinstance(detail, dict) else None
        if number is None:
            return
        total += number
        modality = _MODALITIES.get(kind) if isinstance(kind, (str, int)) else None
        if modality is not None:
            parts[modality] = parts.get(modality, 0) + number
    for modality in ("audio", "image"):
        if modality in parts or total == cached:
            observed.count(f"cache_read_{modality}_tokens", parts.get(modality, 0))


def _adds_up(counts: dict[str, int]) -> bool:
    return "total" in counts and counts["total"] == sum(counts.get(k, 0) for k in ("prompt", "tool", "candidates", "thoughts"))


def _known(counts: dict[str, int], observed: Observations, *parts: str) -> bool:
    """Whether each part is a count or was not sent, which is 0 here; one that is no count leaves the sum unknown."""
    bad = {_COUNTS.get(code.removeprefix("bad_count:")) for code in observed.anomalies}
    return all(part in counts or part not in bad for part in parts)


def settle(snapshots: list[dict[str, int]], stream: Stream, observed: Observations) -> None:
    """Totals: the last value of each field, or the last snapshot that adds up where those do not."""
    if not snapshots:
        return
    observed.usage_source = "final" if observed.complete or not stream.is_stream else "last_cumulative"
    counts: dict[str, int] = {}
    if any(any(snapshot.values()) for snapshot in snapshots):  # a snapshot of zeros beside a real one says nothing
        snapshots = [snapshot for snapshot in snapshots if any(snapshot.values())]
    for snapshot in snapshots:
        counts.update(snapshot)
    if not _adds_up(counts):
        sound = next((snapshot for snapshot in reversed(snapshots) if _adds_up(snapshot)), counts)
        if sound not in (counts, snapshots[-1]):
            observed.flag("snapshots_disagree")
        counts = sound
    if ("prompt" in counts or "tool" in counts) and _known(counts, observed, "prompt", "tool"):
        observed.count("input_tokens", counts.get("prompt", 0) + counts.get("tool", 0))
    # Gemini leaves out a 0; but where the rest does not add up to the total without it, it was no 0 that was left out.
    left_out_zero = "total" not in counts or _adds_up(counts)
    if counts and ("candidates" in counts or left_out_zero) and _known(counts, observed, "candidates", "thoughts"):
        observed.count("output_tokens", counts.get("candidates", 0) + counts.get("thoughts", 0))
    observed.count("cache_read_tokens", counts.get("cached"))
    observed.count("reasoning_tokens", counts.get("thoughts"))
    observed.count("total_tokens_reported", counts.get("total"))
