"""Speed on real recordings: equal to an independent plain computation, row by row; nothing invented where no clock was."""

from __future__ import annotations

import json
from pathlib import Path

import plain
import pytest

from llm_usage.lake import Lake
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions
from llm_usage.query.session import connect


@pytest.fixture(scope="module")
def recorder(corpus: Path, tmp_path_factory: pytest.TempPathFactory):
    """A connection on the llm-recorder part of the corpus, and its files."""
    root = corpus / "oasis-trio+mastra"
    lake = tmp_path_factory.mktemp("speed") / "lake"
    run(Lake(lake), targets([str(root)], "mastra", {}), RunOptions())
    with connect(lake) as connection:
        yield connection, root


def streams(root: Path):
    for path in sorted(root.rglob("*.json")):
        tree = json.loads(path.read_text())
        for index, recording in enumerate(tree if isinstance(tree, list) else tree["recordings"]):
            if recording["response"].get("isStreaming"):
                yield path.relative_to(root).as_posix(), index, recording


def test_every_stream_equals_the_plain_computation(recorder) -> None:
    connection, root = recorder
    columns = (
        "request_id, timing_source, arrival_origin, ttft_ns, first_output_ns, e2e_ns, first_chunk_ns, stream_span_ns,"
        " after_headers_ttft_ns, after_headers_e2e_ns, output_tokens, tpot_ms, token_frame_count"
    )
    found = {
        (r[0], r[1]): r[2:]
        for r in connection.execute(f"select recording_path, exchange_index, {columns} from staging.requests where is_stream").fetchall()
    }
    compared = gaps_compared = 0
    for path, index, recording in streams(root):
        (request_id, source, origin, ttft, first_output, e2e, first_chunk, span, after_first, after_last, n, tpot, frames) = found[
            path, index
        ]
        assert (source, origin) == ("per_chunk", "headers")
        assert (ttft, first_output, e2e, first_chunk) == (None,) * 4, "the recorder's clock starts at the headers"
        expected = plain.timing(recording)
        place = f"{path}#{index}"
        if expected is None:
            assert (span, after_first, after_last, frames) == (None, None, None, 0), place
            continue
        assert (after_first, after_last, span) == (expected["first"], expected["last"], expected["span"]), place
        gaps = [r[0] for r in connection.execute("select gap_ns from chunks where request_id = ? and gap_ns is not null order by chunk_index", [request_id]).fetchall()]  # fmt: skip
        assert gaps == expected["gaps"], place
        assert sum(gaps) == span
        assert all(gap >= 0 for gap in gaps)
        assert frames == len(gaps) + 1
        if n is not None and n >= 2 and frames >= 2:
            assert tpot == pytest.approx(expected["span"] / (n - 1) / 1e6, rel=1e-12), place
        else:
            assert tpot is None
        if len(gaps) >= 2:
            gaps_compared += 1
            (p50, p99) = connection.execute("select quantile_cont(gap_ns, 0.5), quantile_cont(gap_ns, 0.99) from chunks where request_id = ?", [request_id]).fetchall()[0]  # fmt: skip
            assert p50 == pytest.approx(plain.quantile(gaps, 0.5), rel=1e-12)
            assert p99 == pytest.approx(plain.quantile(gaps, 0.99), rel=1e-9)
        compared += 1
    assert compared >= 110, compared
    assert gaps_compared >= 60


def test_server_clocks_of_ollama_stand_apart(corpus: Path, tmp_path: Path) -> None:
    """Emission times and durations, both there, neither in a client column."""
    roots = [str(corpus / name) for name in ("traceloop+openllmetry", "Arize-ai+openinference")]
    run(Lake(tmp_path / "lake"), targets(roots, None, {}), RunOptions())
    with connect(tmp_path / "lake") as connection:
        rows = connection.execute(
            """select r.request_id, r.timing_source, r.server_decode_ns, r.output_tokens, r.ttft_ns, r.e2e_ns, r.duration_ns,
                      count(c.server_created_at), epoch_ns(max(c.server_created_at)) - epoch_ns(min(c.server_created_at)), r.server_tok_s
               from staging.requests r join staging.chunks c using (request_id)
               where r.api = 'ollama' and r.is_stream and r.status = 'ok' and r.is_counted group by all"""
        ).fetchall()
        shown = connection.execute("select sum(server_requests), sum(server_emitted_requests), sum(tpot_requests + e2e_requests + decode_requests) from throughput where provider = 'ollama'").fetchall()  # fmt: skip
    assert len(rows) >= 4
    ((by_durations, by_stamps, by_clients),) = shown
    assert by_stamps >= len(rows), "both accounts are shown"
    assert by_durations >= len(rows)
    assert by_clients == 0
    for _, source, decode, tokens, ttft, e2e, duration, stamped, span, tok_s in rows:
        assert source == "server"
        assert (ttft, e2e, duration) == (None, None, None)
        assert stamped > 1
        assert decode is not None
        assert tok_s == pytest.approx(tokens / (decode / 1e9))
        # Two accounts of one thing by one server: the durations it sums up, and the stamps on its lines.
        assert 0.5 < (span / 1e9) / (decode / 1e9) < 2


def test_nothing_is_invented_where_the_clock_stops_at_the_headers(corpus: Path, tmp_path: Path) -> None:
    roots = [str(corpus / name) for name in ("charmbracelet+fantasy", "open-telemetry+opentelemetry-python-contrib", "simonw+llm")]
    run(Lake(tmp_path / "lake"), targets(roots, None, {}), RunOptions())
    with connect(tmp_path / "lake") as connection:
        assert connection.execute(
            """select count(*) from requests where first_chunk_ns is not null or ttft_ns is not null or first_output_ns is not null
               or e2e_ns is not null or duration_ns is not null or stream_span_ns is not null or tpot_ms is not null"""
        ).fetchall() == [(0,)]
        assert connection.execute("select count(*) from chunks where arrived_ns is not null or gap_ns is not null").fetchall() == [(0,)]
        rows = connection.execute("select distinct recording_format, timing_source from requests where headers_ns is not null").fetchall()
        assert rows == [("go_vcr", "headers_only")]
        labelled = connection.execute("select distinct reads from latency where metric in ('ttft', 'e2e') and clock = 'client'").fetchall()
        assert labelled == [("at least",)]
        assert connection.execute("select count(*) from throughput where tpot_requests > 0 or e2e_requests > 0").fetchall() == [(0,)]
