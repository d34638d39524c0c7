-- One row per stream whose tokens a client saw arrive: its latencies and gaps, exact or as stated lower bounds.
-- show: recording_path, exchange_index, ttft_ms, tpot_ms, decode_tok_s, model, arrival_origin, output_tokens, token_frames, ttft_at_least_ms, e2e_ms, stream_span_ms, itl_gaps, itl_p50_ms, itl_p99_ms
create or replace view marts.stream_timing as
with
gaps as (
    select
        request_id,
        count(gap_ns) as itl_gaps,
        quantile_cont(gap_ns, [0.5, 0.99]) as itl_ns,
        max(gap_ns) as longest_gap_ns
    from staging.chunks
    where gap_ns is not null
    group by request_id
)
select
    r.request_id,
    r.source,
    r.recording_path,
    r.exchange_index,
    r.gateway,
    r.provider,
    r.model,
    r.status,
    r.timing_source,
    r.arrival_origin,
    r.output_tokens,
    r.token_frame_count as token_frames,
    if(r.token_frame_count > 0, r.output_tokens / r.token_frame_count, null) as tokens_per_frame,
    r.headers_ns / 1e6 as headers_ms,
    r.first_chunk_ns / 1e6 as first_chunk_ms,
    r.ttft_ns / 1e6 as ttft_ms,
    if(r.ttft_ns is null, r.after_headers_ttft_ns, null) / 1e6 as ttft_at_least_ms,
    r.first_output_ns / 1e6 as first_output_ms,
    r.e2e_ns / 1e6 as e2e_ms,
    if(r.e2e_ns is null, r.after_headers_e2e_ns, null) / 1e6 as e2e_at_least_ms,
    r.stream_span_ns / 1e6 as stream_span_ms,
    r.duration_ns / 1e6 as duration_ms,
    r.tpot_ms,
    r.decode_tok_s,
    r.e2e_tok_s,
    coalesce(g.itl_gaps, 0) as itl_gaps,
    if(g.itl_gaps >= 2, g.itl_ns[1] / 1e6, null) as itl_p50_ms,
    if(g.itl_gaps >= 100, g.itl_ns[2] / 1e6, null) as itl_p99_ms,
    g.longest_gap_ns / 1e6 as longest_gap_ms
from staging.live_requests as r
left join gaps as g on r.request_id = g.request_id
where r.is_counted and r.timing_source = 'per_chunk' and r.operation_class = 'generation'
order by r.source, r.recording_path, r.exchange_index;
comment on view marts.stream_timing is 'One row per stream whose tokens a client saw arrive: its latencies and gaps, exact or as stated lower bounds.';
comment on column marts.stream_timing.request_id is 'The request.';
comment on column marts.stream_timing.source is 'Recordings root.';
comment on column marts.stream_timing.recording_path is 'Path of the file below its source.';
comment on column marts.stream_timing.exchange_index is '0-based position of the exchange in the file.';
comment on column marts.stream_timing.gateway is 'Gateway; NULL = called directly, or not known.';
comment on column marts.stream_timing.provider is 'Provider; NULL = not known.';
comment on column marts.stream_timing.model is 'Model that answered, else the one asked for; NULL = not known.';
comment on column marts.stream_timing.status is 'How the request ended. One of: http_error, stream_error, unparseable, empty, truncated, ok.';
comment on column marts.stream_timing.timing_source is 'The best clock of the recordings. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.stream_timing.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.stream_timing.output_tokens is 'Output tokens, reasoning included. [tokens]';
comment on column marts.stream_timing.token_frames is 'Token-bearing frames.';
comment on column marts.stream_timing.tokens_per_frame is 'output_tokens over token_frames: a gap is between frames, not between tokens. [ratio]';
comment on column marts.stream_timing.headers_ms is 'Request sent to response headers. [ms]';
comment on column marts.stream_timing.first_chunk_ms is 'Request sent to first data frame. [ms]';
comment on column marts.stream_timing.ttft_ms is 'Request sent to first token-bearing frame. [ms]';
comment on column marts.stream_timing.ttft_at_least_ms is 'Lower bound of that, where arrivals count from the headers. [ms]';
comment on column marts.stream_timing.first_output_ms is 'Request sent to first visible token-bearing frame. [ms]';
comment on column marts.stream_timing.e2e_ms is 'Request sent to last token-bearing frame. [ms]';
comment on column marts.stream_timing.e2e_at_least_ms is 'Lower bound of that, where arrivals count from the headers. [ms]';
comment on column marts.stream_timing.stream_span_ms is 'First to last token-bearing frame. [ms]';
comment on column marts.stream_timing.duration_ms is 'Request sent to end of the response body. [ms]';
comment on column marts.stream_timing.tpot_ms is 'Time per output token: stream_span_ms over output_tokens less one. [ms]';
comment on column marts.stream_timing.decode_tok_s is '1000 over tpot_ms. [tokens/s]';
comment on column marts.stream_timing.e2e_tok_s is 'output_tokens over e2e_ms. [tokens/s]';
comment on column marts.stream_timing.itl_gaps is 'Gaps between consecutive token-bearing frames.';
comment on column marts.stream_timing.itl_p50_ms is 'Median gap; NULL below 2 gaps. [ms]';
comment on column marts.stream_timing.itl_p99_ms is '99th percentile of the gaps; NULL below 100 gaps. [ms]';
comment on column marts.stream_timing.longest_gap_ms is 'Longest gap. [ms]';
