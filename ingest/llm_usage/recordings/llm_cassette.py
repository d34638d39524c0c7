"""Owns cassettes of llm_cassette (Ruby, Faraday; YAML with ``llm_cassette_version``); must not know what a body means.

The body of a stream is kept as the network's reads: ``data``, and ``offset`` in seconds since just before the request was sent, to a tenth
of a millisecond. The ``usage`` beside a body is a copy out of it and not read. ``recorded_at`` is when the cassette was ejected.
Source: jibranusman95/llm_cassette, lib/llm_cassette (recorder.rb, interaction.rb, cassette.rb).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.codecs.values import as_decimal
from llm_usage.model.exchange import NO_CLOCK, Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, halves, pair
from llm_usage.recordings._values import raw_bytes
from llm_usage.recordings.document import Document


class _LlmCassette:
    name = "llm_cassette"
    title = "Cassettes of llm_cassette (Ruby), with the times of a stream's reads"
    refines = ("vcrpy",)

    def claims(self, document: Document) -> bool:
        """Its version beside interactions."""
        tree = document.probe if document.syntax in ("yaml", "json") else None
        return isinstance(tree, dict) and "llm_cassette_version" in tree and "interactions" in tree

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every interaction, in the order of the file."""
        return each(document, document.items("interactions", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    sent, received = halves(item, place, document)
    body, clock = received.get("body"), NO_CLOCK
    chunks = received.get("chunks")
    if isinstance(chunks, list):
        reads = [raw_bytes(chunk.get("data")) for chunk in chunks if isinstance(chunk, dict)]
        body, clock = b"".join(reads), _clock(chunks, reads)
    return pair(document, index, place, sent, received, url=sent.get("uri"), response_body=body, clock=clock)


def _clock(chunks: list[Any], reads: list[bytes]) -> Clock:
    """Arrivals, where every read has one and none comes before the last."""
    offsets = [as_decimal(chunk.get("offset")) if isinstance(chunk, dict) else None for chunk in chunks]
    arrived, ends, end = [], [], 0
    for offset, data in zip(offsets, reads, strict=False):
        end += len(data)
        if offset is None or not 0 <= offset < 86_400 or len(reads) < len(chunks):
            return NO_CLOCK
        arrived.append(int(offset * 1_000_000_000))
        ends.append(end)
    if not arrived or arrived != sorted(arrived):
        return NO_CLOCK
    return Clock(origin="request", read_ends=ends, arrivals_ns=arrived)


FORMAT = _LlmCassette()
