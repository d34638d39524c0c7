"""Owns the bodies of model families that no API but Bedrock's InvokeModel carries: Titan, Llama, Mistral, Jurassic, old Claude.

Source: Amazon Bedrock user guide, "Inference request parameters and response fields". Must not know the envelope.
Each family is a row of a table: the keys that tell it, and its reader; streams and whole bodies use the same keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, items
from llm_usage.dialects._streams import add_usage
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations

Reader = Callable[[int, dict[str, Any], ChunkColumns, Observations], None]


def _finish(i: int, reason: Any, columns: ChunkColumns, observed: Observations) -> None:
    noted = observed.finish(reason)
    if noted is not None:
        columns.finish_reason[i] = noted
        columns.mark_kind(i, FINISH)


def _counts(i: int, raw: dict[str, Any], given: Any, made: Any, columns: ChunkColumns, observed: Observations) -> None:
    """Counts as this frame has them, the output as a running total."""
    raw = {key: value for key, value in raw.items() if value is not None}
    if not raw:
        return
    before = observed.tokens.get("output_tokens", 0)
    add_usage(i, columns, observed)
    observed.usage.update(raw)
    observed.count("input_tokens", given)
    observed.count("output_tokens", made)
    columns.cum_input_tokens[i] = as_count(given)
    after = as_count(made)
    columns.set_output(i, after, before)


def _titan(i: int, body: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    given = body.get("inputTextTokenCount")
    results = [r for r in items(body.get("results")) if isinstance(r, dict)]
    for result in results or [body]:
        columns.add_text(i, as_str(result.get("outputText")) or "")
        _finish(i, result.get("completionReason"), columns, observed)
    made = body.get("totalOutputTextTokenCount")
    if results:
        sizes = [as_count(r.get("tokenCount")) for r in results]
        made = sum(n for n in sizes if n is not None) if None not in sizes else None
    name = "tokenCount" if results else "totalOutputTextTokenCount"
    _counts(i, {"inputTextTokenCount": given, name: made}, given, made, columns, observed)


def _llama(i: int, body: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    columns.add_text(i, as_str(body.get("generation")) or "")
    _finish(i, body.get("stop_reason"), columns, observed)
    given, made = body.get("prompt_token_count"), body.get("generation_token_count")
    _counts(i, {"prompt_token_count": given, "generation_token_count": made}, given, made, columns, observed)


def _mistral(i: int, body: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    for output in items(body.get("outputs")):
        columns.add_text(i, as_str(dig(output, "text")) or "")
        _finish(i, dig(output, "stop_reason"), columns, observed)


def _jurassic(i: int, body: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    for completion in items(body.get("completions")):
        columns.add_text(i, as_str(dig(completion, "data", "text")) or "")
        _finish(i, dig(completion, "finishReason", "reason"), columns, observed)


def _claude_text(i: int, body: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    columns.add_text(i, as_str(body.get("completion")) or "")
    _finish(i, body.get("stop_reason"), columns, observed)


def _family(body: dict[str, Any]) -> tuple[str, Reader] | None:
    if isinstance(body.get("outputText"), str) or isinstance(dig(body, "results", 0, "outputText"), str):
        return "titan", _titan
    if isinstance(body.get("generation"), str):
        return "llama", _llama
    if isinstance(dig(body, "outputs", 0, "text"), str):
        return "mistral", _mistral
    if isinstance(dig(body, "completions", 0, "data"), dict):
        return "jurassic", _jurassic
    if isinstance(body.get("completion"), str) and "stop_reason" in body:
        return "claude_text", _claude_text
    return None


def family_of(objects: list[Any]) -> str | None:
    """Name of the family that the first telling body belongs to."""
    for body in objects:
        found = _family(body) if isinstance(body, dict) else None
        if found is not None:
            return found[0]
    return None


def read_native(objects: list[Any], columns: ChunkColumns, observed: Observations) -> None:
    """Read every body of a family; others (a guardrail's trace) are left alone."""
    for i, body in enumerate(objects):
        found = _family(body) if isinstance(body, dict) else None
        if found is not None:
            observed.message_seen = True
            found[1](i, body, columns, observed)
