-- A latency stands only where its clock could see it: nothing after the headers from a clock that stops there, no time from the
-- request in arrivals that count from the headers, no arrival of a frame without a clock on frames. A recorder that notes the
-- total may note when the first frame or token came, and nothing between.
select
    request_id, timing_source, arrival_origin, headers_ns, first_chunk_ns, ttft_ns, first_output_ns, e2e_ns, duration_ns,
    stream_span_ns, after_headers_ttft_ns, after_headers_e2e_ns
from staging.live_requests
where (
        timing_source in ('headers_only', 'none', 'server', 'total')
        and coalesce(if(timing_source = 'total', null, ttft_ns), first_output_ns, e2e_ns, stream_span_ns, after_headers_ttft_ns, after_headers_e2e_ns) is not null
    )
    or (timing_source in ('headers_only', 'none', 'server') and coalesce(first_chunk_ns, duration_ns) is not null)
    or (timing_source = 'total' and duration_ns is null)
    or (timing_source = 'headers_only' and headers_ns is null)
    or (timing_source = 'per_chunk') <> (arrival_origin is not null)
    or (timing_source in ('none', 'server') and headers_ns is not null)
    or (
        arrival_origin is distinct from 'request'
        and coalesce(if(timing_source = 'total', null, coalesce(first_chunk_ns, ttft_ns)), first_output_ns, e2e_ns) is not null
    )
    or (
        arrival_origin is distinct from 'headers'
        and coalesce(after_headers_ttft_ns, after_headers_e2e_ns) is not null
    )
union all by name
select request_id, timing_source, arrived_ns as first_chunk_ns, gap_ns as stream_span_ns
from staging.chunks
where timing_source <> 'per_chunk' and coalesce(arrived_ns, gap_ns) is not null;
