"""Owns what is read of an answer that no dialect claims: ``api = other``; nothing is guessed, but an error and an end marker are
what they are. Must not know any dialect.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_str, dig
from llm_usage.dialects._streams import note_named_error
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

API = "other"


def read_other(stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """Note errors, end markers and whether anything came at all."""
    for i, payload in enumerate(stream.objects):
        if payload is not None and not note_error(i, payload, columns, observed):
            observed.message_seen = True
    note_named_error(stream, columns, observed)
    if stream.done:
        observed.terminator = "done"
        observed.complete = True


def facts_of_other(request: Any) -> RequestFacts:
    """What was asked is a fact whatever the answer means."""
    return RequestFacts(model=as_str(dig(request, "model")))
