-- The stream with the most frames whose arrival was recorded one by one; no row when there is none.
with
candidates as (
    select request_id
    from staging.requests
    where timing_source = 'per_chunk' and operation_class = 'generation'
    order by frame_count desc, recording_path, exchange_index, request_id
    limit 20
),
arrivals as (
    select request_id, count(arrived_ns) as arrivals, count(*) filter (where gap_ns > s.stall_ms * 1e6) as stalls, max(gap_ns) / 1e6 as longest_gap_ms
    from staging.chunks
    cross join raw.settings as s
    where request_id in (from candidates)
    group by request_id
)
select
    r.request_id,
    r.provider,
    r.model,
    r.recording_path,
    r.exchange_index,
    r.arrival_origin,
    r.output_tokens,
    r.token_frame_count,
    r.ttft_ns / 1e6 as ttft_ms,
    r.after_headers_ttft_ns / 1e6 as after_headers_ttft_ms,
    r.stream_span_ns / 1e6 as stream_span_ms,
    r.tpot_ms,
    r.decode_tok_s,
    a.arrivals,
    a.stalls,
    a.longest_gap_ms,
    (select stall_ms from raw.settings) as stall_ms
from staging.requests as r
inner join arrivals as a on r.request_id = a.request_id
where a.arrivals > 1
order by a.arrivals desc, r.recording_path, r.exchange_index, r.request_id
limit 1;
