"""Owns the answers of embedding endpoints, which many APIs spell alike: vectors, and a count of what was read.

Must not know hosts. OpenAI, Azure, Mistral, Voyage, Jina, Together (``data[].embedding``); Cohere v1 and v2, Ollama (``embeddings``);
Gemini (``embedding.values``), Vertex AI (``predictions[].embeddings``); Titan on Bedrock; DashScope (``output.embeddings``). Source:
their API references, "Embeddings". What was embedded is input; there is no output.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_count, dig, items
from llm_usage.dialects._charged import answered, asked_model, note_body_usage
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE
from llm_usage.dialects._streams import add_usage, close, heads, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATH = re.compile(
    r".*(?:/(?:multimodal)?embed(?:dings?)?|:(?:batch)?embed(?:contents?|text)|/models/[^/]*embedding[^/]*:predict|/services/embeddings/.+)"
)


_ASKED = ("input", "texts", "inputText", "inputs", "content", "requests", "instances")


class _Embeddings:
    api = "embeddings"
    title = "Embeddings as OpenAI, Cohere, Gemini, Vertex AI, Ollama, Titan and DashScope answer them"

    def claims_payload(self, stream: Stream) -> bool:
        """Vectors under one of the names of embeddings."""
        return any(_is_embedding(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/embeddings, …/embed, …:embedContent and their kin."""
        return _PATH.fullmatch(path.lower().rstrip("/")) is not None

    def claims_request(self, body: Any) -> int:  # noqa: ARG002  the contract has it; here it says nothing
        """Never: an input may be anybody's."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read the one answer."""
        observed.operation = "embeddings"
        for i, payload in messages(stream, columns, observed):
            if not _is_embedding(payload):
                note_error(i, payload, columns, observed)
                continue
            answered(payload, observed)
            note_body_usage(i, payload, stream, columns, observed)
            _note_own_counts(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model and input; Gemini and Azure name the model in the path."""
        asked = body if isinstance(body, dict) else {}
        given = next((asked[key] for key in _ASKED if key in asked), None)
        kind = {"input_type": asked.get("input_type")}  # a query and a document have other vectors
        return facts(asked, operation="embeddings", model=asked_model(asked, path), messages=given, stream=False, extra=kind)


def _is_embedding(payload: dict[str, Any]) -> bool:
    if dig(payload, "data", 0, "embedding") is not None or dig(payload, "data", 0, "object") == "embedding":
        return True
    if isinstance(payload.get("embeddings"), (list, dict)):
        return True
    one = payload.get("embedding")
    if isinstance(one, list) or isinstance(dig(one, "values"), list):
        return True
    return dig(payload, "predictions", 0, "embeddings") is not None or isinstance(dig(payload, "output", "embeddings"), list)


def _note_own_counts(i: int, payload: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    """Counts outside a usage object: Ollama, Titan, and Vertex AI, which counts by text."""
    told = {name: payload[name] for name in ("prompt_eval_count", "inputTextTokenCount") if payload.get(name) is not None}
    given = next(iter(told.values()), None)
    counts = [as_count(dig(each, "embeddings", "statistics", "token_count")) for each in items(payload.get("predictions"))]
    if counts and None not in counts:
        given = sum(count for count in counts if count is not None)
        told = {"token_count": given}
    if given is not None:
        add_usage(i, columns, observed)
        observed.usage.update(told)
        observed.count("input_tokens", given)
        columns.cum_input_tokens[i] = as_count(given)


DIALECT = _Embeddings()
