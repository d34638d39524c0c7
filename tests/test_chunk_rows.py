"""Chunk rows take whatever a dialect read: money of any size, halves of characters."""

from __future__ import annotations

from decimal import Decimal

import pytest

from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.chunk_rows import ChunkBuilder
from llm_usage.model.frames import Frames


def one(columns: ChunkColumns) -> dict[str, object]:
    frames = Frames("sse", is_stream=True)
    frames.add(b"{}", 0, 2)
    builder = ChunkBuilder()
    builder.add(("r", "g", "q"), frames, columns, None, None)
    row: dict[str, object] = builder.take().to_pylist()[0]
    return row


@pytest.mark.parametrize(
    ("charged", "stored"),
    [
        ("0.0000321", "0.000032100000"),
        ("0.0000210000000000001", "0.000021000000"),
        ("0.0000000000005", "0.000000000000"),
        ("0.0000000000015", "0.000000000002"),
        ("1E+3", "1000.000000000000"),
        ("1E+300", None),
    ],
)
def test_a_charge_is_rounded_half_even_at_twelve_decimals_or_null(charged: str, stored: str | None) -> None:
    columns = ChunkColumns(1)
    columns.cost_usd[0] = Decimal(charged)
    assert one(columns)["cost_usd"] == (None if stored is None else Decimal(stored))


def test_half_a_surrogate_pair_is_replaced() -> None:
    columns = ChunkColumns(1, keep_text=True)
    columns.add_text(0, "a\ud83d")
    columns.finish_reason[0] = "\ud83d"
    row = one(columns)
    assert (row["text"], row["finish_reason"]) == ("a?", "?")
    assert (row["text_bytes"], row["text_chars"]) == (4, 2)


def test_text_is_null_unless_asked_for() -> None:
    columns = ChunkColumns(1)
    columns.add_text(0, "a")
    assert one(columns)["text"] is None


def test_a_date_header_no_clock_can_show_is_no_date() -> None:
    """Found by the fuzzer: a time zone of ten thousand digits overflowed."""
    from llm_usage.model.exchange import Exchange
    from llm_usage.model.observations import Observations
    from llm_usage.normalize.started_at import started

    for date in ("Thu, 09 Oct 99999999999999999999999 08:53:20 GMT", "Thu, 09 Oct 2025 08:53:20 +" + "9" * 5000, "Thu", "", "0 " * 50):
        assert started(Exchange(0, "", response_headers={"date": date}), Observations("other")) == (None, "unknown")
