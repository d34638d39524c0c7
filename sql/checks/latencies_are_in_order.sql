-- No time is negative, and what comes later is later: first frame, first token, first visible token, last token.
select
    request_id, headers_ns, first_chunk_ns, ttft_ns, first_output_ns, e2e_ns, duration_ns, stream_span_ns,
    after_headers_ttft_ns, after_headers_e2e_ns, server_total_ns
from staging.live_requests
where least(
        headers_ns, first_chunk_ns, ttft_ns, first_output_ns, e2e_ns, duration_ns, stream_span_ns, after_headers_ttft_ns,
        after_headers_e2e_ns, server_queue_ns, server_prefill_ns, server_decode_ns, server_ttft_ns, server_total_ns
    ) < 0
    or first_chunk_ns > ttft_ns
    or ttft_ns > first_output_ns
    or first_output_ns > e2e_ns
    or ttft_ns > e2e_ns
    or after_headers_ttft_ns > after_headers_e2e_ns
    or (arrival_origin = 'request' and e2e_ns - ttft_ns <> stream_span_ns)
    or (arrival_origin = 'headers' and after_headers_e2e_ns - after_headers_ttft_ns <> stream_span_ns);
