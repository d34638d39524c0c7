"""Owns what dialects of calls that are charged but no conversation do alike: embeddings, rerank, speech, transcription, images.

Must not know any one of them.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, epoch_s
from llm_usage.dialects._openai_usage import note_usage
from llm_usage.dialects._streams import add_usage, merge_usage
from llm_usage.dialects._units import bill_usage
from llm_usage.dialects.gemini import model_in
from llm_usage.dialects.openai_chat import deployment
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations
from llm_usage.model.stream import Stream


def asked_model(asked: dict[str, Any], path: str) -> str | None:
    """The model of a request body, or the one that the path names."""
    return as_str(asked.get("model")) or as_str(asked.get("model_name")) or deployment(path) or model_in(path)


def answered(payload: dict[str, Any], observed: Observations) -> None:
    """What every such answer may say of itself: it is whole as soon as it is there."""
    observed.message_seen = True
    observed.complete = True
    observed.response_id = as_str(payload.get("id")) or as_str(payload.get("request_id")) or observed.response_id
    observed.response_model = as_str(payload.get("model")) or observed.response_model
    observed.created_s = epoch_s(payload.get("created")) or observed.created_s


def note_body_usage(i: int, payload: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """The usage of such an answer in all its spellings: OpenAI's ``usage``, Cohere's ``meta``, Gemini's ``usageMetadata``."""
    for name in ("usage", "meta", "usageMetadata"):
        usage = payload.get(name)
        if not isinstance(usage, dict) or not usage:
            continue
        if name == "meta" and not {"billed_units", "tokens"} & usage.keys():
            continue
        add_usage(i, columns, observed)
        if name == "meta":
            merge_usage(i, usage, stream, observed, name)
            bill_usage(usage, observed)
        else:
            columns.cost_usd[i] = note_usage(i, usage, stream, observed)
        _note_counts(usage, observed)
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.cum_output_tokens[i] = observed.tokens.get("output_tokens")


def _note_counts(usage: dict[str, Any], observed: Observations) -> None:
    for name, sides in (("tokens", ("input_tokens", "output_tokens")), ("billed_units", ("billed_input_tokens", "billed_output_tokens"))):
        part = usage.get(name)
        if isinstance(part, dict):
            for column, key in zip(sides, ("input_tokens", "output_tokens"), strict=True):
                observed.count(column, part.get(key))
    observed.count("input_tokens", usage.get("input_tokens"))
    observed.count("output_tokens", usage.get("output_tokens"))
    observed.count("input_tokens", usage.get("promptTokenCount"))
    if observed.tokens.get("input_tokens") is None and observed.tokens.get("billed_input_tokens") is not None:
        observed.count("input_tokens", observed.tokens["billed_input_tokens"])  # where what is billed is all that is told
    total = as_count(usage.get("total_tokens"))
    if total is not None and "input_tokens" not in observed.tokens and "output_tokens" not in observed.tokens:
        observed.count("input_tokens", total)  # Voyage and Jina count one thing, and nothing is generated
