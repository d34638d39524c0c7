"""The golden row: the user's own recording, every figure to the last digit (design/usage-and-cost.md)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

from llm_usage.model.chunk_rows import ChunkBuilder
from llm_usage.model.rows import getters
from llm_usage.pipeline.read import Options, read_document
from llm_usage.recordings.document import Document
from places import SEED, SHARED

GOLDEN = {
    "recording_format": "go_vcr",
    "exchange_index": 0,
    "attempt": 1,
    "api": "openai_chat",
    "operation": "chat",
    "gateway": "openrouter",
    "provider": "groq",
    "provider_raw": "Groq",
    "server_address": "openrouter.ai",
    "url_path": "/api/v1/chat/completions",
    "request_model": "moonshotai/kimi-k2-0905",
    "response_model": "moonshotai/kimi-k2-0905",
    "is_stream": True,
    "max_tokens": 4000,
    "message_count": 1,
    "request_bytes": 281,
    "started_at": datetime(2025, 9, 24, 8, 38, 47, tzinfo=UTC),
    "started_at_source": "response_created",
    "http_status": 200,
    "status": "ok",
    "error_type": None,
    "finish_reason": "stop",
    "native_finish_reason": "stop",
    "terminator": "done",
    "response_id": "gen-1758703127-HhgBCe5YfgeAGz9bvnU7",
    "frame_count": 7,
    "token_frame_count": 3,
    "comment_count": 0,
    "reasoning_frame_count": 0,
    "tool_frame_count": 0,
    "malformed_frame_count": 0,
    "input_tokens": 20,
    "cache_read_tokens": 0,
    "cache_write_tokens": None,
    "output_tokens": 4,
    "reasoning_tokens": 0,
    "total_tokens_reported": 24,
    "usage_source": "final",
    "reasoning_accounting": "none",
    "usage_anomalies": [],
    "cost_reported_usd": Decimal("0.000032"),
    "cost_reported_input_usd": Decimal("0.00002"),
    "cost_reported_output_usd": Decimal("0.000012"),
    "upstream_cost_usd": None,
    "is_byok": False,
    "timing_source": "headers_only",
    "arrival_origin": None,
    "headers_ns": 211_675_292,
    "first_chunk_ns": None,
    "ttft_ns": None,
    "first_output_ns": None,
    "e2e_ns": None,
    "duration_ns": None,
    "stream_span_ns": None,
    "server_queue_ns": None,
    "server_prefill_ns": None,
    "server_decode_ns": None,
    "server_ttft_ns": None,
    "server_total_ns": None,
    "text_bytes": 9,
}
CHUNKS = [
    # kind, bears tokens, offset, frame bytes, data bytes, text bytes, text chars
    ("role", False, 0, 326, 318, 0, 0),
    ("content", True, 326, 328, 320, 2, 2),
    ("content", True, 654, 332, 324, 6, 2),
    ("content", True, 986, 327, 319, 1, 1),
    ("finish", False, 1313, 330, 322, 0, 0),
    ("usage", False, 1643, 655, 647, 0, 0),
    ("done", False, 2298, 14, 6, 0, 0),
]


def read_seed():
    builder = ChunkBuilder()
    outcome = read_document(Document(SEED.name, path=SEED), "sample", SEED.name, ("r" * 32, "g"), builder, Options())
    return outcome, builder.take()


def test_request_row() -> None:
    outcome, _ = read_seed()
    (row,) = outcome.requests
    assert {name: getters(type(row))[name](row) for name in GOLDEN} == GOLDEN
    assert (outcome.exchanges, outcome.ignored, outcome.rejected, outcome.error) == (1, 0, 0, None)
    assert row.identity.recording_sha256 == hashlib.sha256(SEED.read_bytes()).hexdigest()


def test_seven_chunks_with_kinds_and_offsets() -> None:
    _, table = read_seed()
    got = table.select(["kind", "is_token_bearing", "byte_offset", "frame_bytes", "data_bytes", "text_bytes", "text_chars"]).to_pylist()
    assert [tuple(row.values()) for row in got] == CHUNKS
    assert table["arrived_ns"].null_count == table["gap_ns"].null_count == 7
    assert set(table["timing_source"].to_pylist()) == {"none"}
    assert table["cost_usd"].to_pylist() == [None] * 5 + [Decimal("0.000032")] + [None]
    assert table["cum_output_tokens"].to_pylist() == [None] * 5 + [4] + [None]
    assert table["finish_reason"].to_pylist() == [None] * 4 + ["stop"] + [None] * 2
    assert table["text"].null_count == 7


def test_offsets_point_at_the_frames() -> None:
    from llm_usage.recordings import identify

    document = Document(SEED.name, path=SEED)
    (exchange,) = identify(document).exchanges(document)
    for _, _, offset, size, data, *_ in CHUNKS:
        frame = exchange.body[offset : offset + size]
        assert frame.startswith(b"data: ")
        assert frame.endswith(b"\n\n")
        assert len(frame) == len(b"data: ") + data + 2
    assert CHUNKS[-1][2] + CHUNKS[-1][3] == len(exchange.body)


def test_sample_is_the_users_own_recording() -> None:
    """Byte for byte, where the original can be looked at."""
    original = SHARED / "seed" / SEED.name
    if original.is_file():
        assert original.read_bytes() == SEED.read_bytes()


def test_text_is_kept_only_when_asked_for() -> None:
    builder = ChunkBuilder()
    read_document(Document(SEED.name, path=SEED), "sample", SEED.name, ("r" * 32, "g"), builder, Options(keep_text=True))
    assert builder.take()["text"].to_pylist() == [None, "Ol", "รก", "!", None, None, None]
