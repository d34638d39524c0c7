"""Owns chunk rows on their way to Arrow: one builder of column lists for the chunks of many streams; knows only the tables.

What is constant over a stream (ids, clock) is stored once and repeated as a dictionary index, never as a string a chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from llm_usage.model.amounts import column_usd
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.frames import Frames
from llm_usage.model.rows import array_of
from llm_usage.model.schema import KINDS, TIMING_SOURCES
from llm_usage.model.tables import CHUNKS

_KIND_DICTIONARY = pa.array(KINDS, pa.string())
_TIMING_DICTIONARY = pa.array(TIMING_SOURCES, pa.string())
_TIMING_INDEX = {name: i for i, name in enumerate(TIMING_SOURCES)}
_PLAIN = (
    "choice_index", "is_token_bearing", "text_bytes", "text_chars", "reasoning_bytes", "tool_bytes", "has_usage",
    "cum_input_tokens", "cum_output_tokens", "delta_output_tokens",
)  # fmt: skip


class ChunkBuilder:
    """Collects the chunks of streams as column lists; `take` gives them as one Arrow table and empties the builder."""

    def __init__(self) -> None:
        self._taken = 0
        self._clear()

    def _clear(self) -> None:
        self._streams: list[tuple[str, str, str]] = []
        self._stream_index: list[int] = []
        self._lists: dict[str, list[Any]] = {name: [] for name in CHUNKS.names}
        self.rows = 0

    def add(
        self,
        ids: tuple[str, str, str],
        frames: Frames,
        columns: ChunkColumns,
        arrived: Sequence[int | None] | None,
        gaps: Sequence[int | None] | None,
    ) -> None:
        """Append one stream.

        Args:
            ids: recording_id, generation, request_id.
            frames: its frames.
            columns: what the dialect read in them, one entry a frame.
            arrived: arrival of each frame in ns, or None when the recording has no arrival times.
            gaps: time since the token-bearing frame before, likewise.
        """
        n = len(columns)
        lists = self._lists
        self._stream_index.extend([len(self._streams)] * n)
        self._streams.append(ids)
        lists["chunk_index"].extend(range(n))
        lists["event_name"].extend(frames.event)
        lists["event_id"].extend(frames.event_id)
        lists["kind"].extend(columns.kind)
        lists["byte_offset"].extend(frames.offset)
        lists["frame_bytes"].extend(frames.length)
        lists["data_bytes"].extend(map(len, frames.payload))
        nothing: list[None] = [None] * n
        lists["arrived_ns"].extend(arrived if arrived is not None else nothing)
        lists["gap_ns"].extend(gaps if gaps is not None else nothing)
        server = columns.server_created_us
        lists["server_created_at"].extend(server)
        none, per_chunk, by_server = _TIMING_INDEX["none"], _TIMING_INDEX["per_chunk"], _TIMING_INDEX["server"]
        if arrived is not None:
            lists["timing_source"].extend([per_chunk if at is not None else none for at in arrived])
        else:
            lists["timing_source"].extend([none if at is None else by_server for at in server])
        lists["finish_reason"].extend(_texts(columns.finish_reason))
        lists["text"].extend(_texts(columns.text) if columns.keep_text else nothing)
        costs = columns.cost_usd
        lists["cost_usd"].extend(nothing if costs == nothing else map(column_usd, costs))
        for name in _PLAIN:
            lists[name].extend(getattr(columns, name))
        self.rows += n

    def mark(self) -> tuple[int, int, int]:
        """Where the builder is, for `back_to`."""
        return self._taken, len(self._streams), self.rows

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what was added since; what was taken meanwhile stays taken."""
        taken, streams, rows = mark
        streams, rows = (streams, rows) if taken == self._taken else (0, 0)
        del self._streams[streams:], self._stream_index[rows:]
        for values in self._lists.values():
            del values[rows:]
        self.rows = rows

    def take(self) -> pa.Table:
        """Everything added since the last call, as a table of the declared schema."""
        lists = self._lists
        arrays: dict[str, pa.Array] = {}
        index = pa.array(self._stream_index, pa.int32())
        for position, name in enumerate(("recording_id", "generation", "request_id")):
            values = pa.array([ids[position] for ids in self._streams], pa.string())
            arrays[name] = pa.DictionaryArray.from_arrays(index, values)
        arrays["kind"] = pa.DictionaryArray.from_arrays(pa.array(lists["kind"], pa.int32()), _KIND_DICTIONARY)
        arrays["timing_source"] = pa.DictionaryArray.from_arrays(pa.array(lists["timing_source"], pa.int32()), _TIMING_DICTIONARY)
        arrays["server_created_at"] = pa.array(lists["server_created_at"], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        for column in CHUNKS.columns:
            if column.name not in arrays:
                arrays[column.name] = array_of(lists[column.name], column.type)
        table = pa.Table.from_arrays([arrays[name] for name in CHUNKS.names], schema=CHUNKS.arrow())
        self._clear()
        self._taken += 1
        return table


def _texts(values: list[str | None]) -> list[str | None]:
    """Strings that are valid as UTF-8: a provider may cut an emoji between two frames, which leaves half a surrogate pair in each."""
    return [v if v is None or v.isascii() else v.encode("utf-8", "replace").decode() for v in values]
