"""Owns what grounding costs beside tokens, by what an answer says of it: searches and maps. Must not know frames or prices.

Gemini 3 and later charge each search query that was made, however often it is named; earlier models charge one grounded prompt,
whatever it searched. Source: Gemini API, "Grounding with Google Search" and "Grounding with Google Maps", pricing; checked 2026-11.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import items
from llm_usage.dialects._gemini_usage import either
from llm_usage.model.observations import Observations

_BY_QUERY = re.compile(r"gemini-(?:[3-9]|[1-9][0-9])(?![0-9])")


class Grounding:
    """What the parts of one answer say of its grounding."""

    __slots__ = ("_maps", "_queries", "_read_from", "_web")

    def __init__(self, read_from: str = "groundingMetadata") -> None:
        self._read_from = read_from
        self._queries: set[str] = set()
        self._web = False
        self._maps = False

    def note(self, metadata: Any) -> None:
        """A ``groundingMetadata``, whole or of one frame."""
        if not isinstance(metadata, dict):
            return
        self.note_queries(either(metadata, "webSearchQueries", "web_search_queries"))
        for chunk in items(either(metadata, "groundingChunks", "grounding_chunks")):
            self._web = self._web or (isinstance(chunk, dict) and "web" in chunk)
            self._maps = self._maps or (isinstance(chunk, dict) and "maps" in chunk)

    def note_queries(self, queries: Any) -> None:
        """Queries that were searched with; an empty one was none."""
        self._queries.update(query for query in items(queries) if isinstance(query, str) and query.strip())

    def note_maps(self) -> None:
        """A place was looked up."""
        self._maps = True

    def bill(self, model: str | None, observed: Observations) -> None:
        """Note what is charged, by the rule of the model's generation."""
        if self._queries and model is not None and _BY_QUERY.search(model):
            observed.bill("web_search", len(self._queries), f"{self._read_from}: queries")
        elif self._queries or self._web:
            observed.bill("web_search", 1, f"{self._read_from}: a grounded prompt")
        if self._maps:
            observed.bill("maps_grounding", 1, f"{self._read_from}: a grounded prompt")
