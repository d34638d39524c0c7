"""Owns the answers of rerank endpoints: documents with their relevance, and what that cost: search units or tokens.

Must not know hosts. A search unit is a query with up to 100 documents (Cohere API reference, "Rerank"). Others: API references of Voyage,
Jina and DashScope.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_str, dig
from llm_usage.dialects._charged import answered, asked_model, note_body_usage
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE
from llm_usage.dialects._streams import close, heads, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATH = re.compile(r".*/(?:rerank(?:ing)?|text/rerank|services/rerank/.+)")


class _Rerank:
    api = "rerank"
    title = "Rerank as Cohere, Voyage, Jina and DashScope answer it: search units or tokens"

    def claims_payload(self, stream: Stream) -> bool:
        """Results with a relevance score."""
        return any(_is_rerank(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/rerank."""
        return _PATH.fullmatch(path.lower().rstrip("/")) is not None

    def claims_request(self, body: Any) -> int:  # noqa: ARG002  the contract has it; here it says nothing
        """Never: a query may be anybody's."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read the one answer."""
        observed.operation = "rerank"
        for i, payload in messages(stream, columns, observed):
            if _is_rerank(payload) or isinstance(payload.get("results"), list):
                answered(payload, observed)
                note_body_usage(i, payload, stream, columns, observed)
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model, query and documents."""
        asked = body if isinstance(body, dict) else {}
        return facts(
            asked,
            operation="rerank",
            model=asked_model(asked, path),
            messages=as_str(asked.get("query")),
            extra={"documents": asked.get("documents")},
            stream=False,
        )


def _is_rerank(payload: dict[str, Any]) -> bool:
    places = (("results", 0), ("data", 0), ("output", "results", 0))
    return any(dig(payload, *place, "relevance_score") is not None for place in places)


DIALECT = _Rerank()
