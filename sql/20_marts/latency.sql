-- Latency by provider and clock: one row per metric that at least one request knows.
-- What the server says of itself stands in rows of its own and is never mixed with what the client saw.
-- by: gateway, model, api, project, source, user_label, day
-- show: provider, metric, clock, reads, n, p50_ms, p95_ms, max_ms, timing_source, arrival_origin, requests, min_ms, p90_ms, p99_ms
create or replace view marts.latency as
with
bounded as (
    select
        *,
        if(ttft_ns is null and token_frame_count > 0, coalesce(after_headers_ttft_ns, headers_ns), null) as ttft_least_ns,
        if(
            e2e_ns is null and duration_ns is null and token_frame_count > 0, coalesce(after_headers_e2e_ns, headers_ns), null
        ) as e2e_least_ns
    from staging.live_requests
    where is_counted
),
measured as (
    select
        provider,
        by_gateway as gateway,
        by_model as model,
        by_api as api,
        by_project as project,
        by_source as source,
        by_user_label as user_label,
        by_day as day,
        timing_source,
        arrival_origin,
        count(*) as requests,
        [
        {
            'metric': 'headers', 'clock': 'client', 'reads': 'observed', 'n': count(headers_ns),
            'ms': [min(headers_ns) / 1e6, staging.quantile_ms(headers_ns, 0.5, 2), staging.quantile_ms(headers_ns, 0.9, 10),
                staging.quantile_ms(headers_ns, 0.95, 20), staging.quantile_ms(headers_ns, 0.99, 100), max(headers_ns) / 1e6]
        },
        {
            'metric': 'first_chunk', 'clock': 'client', 'reads': 'observed', 'n': count(first_chunk_ns),
            'ms': [min(first_chunk_ns) / 1e6, staging.quantile_ms(first_chunk_ns, 0.5, 2), staging.quantile_ms(first_chunk_ns, 0.9, 10),
                staging.quantile_ms(first_chunk_ns, 0.95, 20), staging.quantile_ms(first_chunk_ns, 0.99, 100), max(first_chunk_ns) / 1e6]
        },
        {
            'metric': 'ttft', 'clock': 'client', 'reads': 'observed', 'n': count(ttft_ns),
            'ms': [min(ttft_ns) / 1e6, staging.quantile_ms(ttft_ns, 0.5, 2), staging.quantile_ms(ttft_ns, 0.9, 10),
                staging.quantile_ms(ttft_ns, 0.95, 20), staging.quantile_ms(ttft_ns, 0.99, 100), max(ttft_ns) / 1e6]
        },
        {
            'metric': 'first_output', 'clock': 'client', 'reads': 'observed', 'n': count(first_output_ns),
            'ms': [min(first_output_ns) / 1e6, staging.quantile_ms(first_output_ns, 0.5, 2), staging.quantile_ms(first_output_ns, 0.9, 10),
                staging.quantile_ms(first_output_ns, 0.95, 20), staging.quantile_ms(first_output_ns, 0.99, 100), max(first_output_ns) / 1e6]
        },
        {
            'metric': 'e2e', 'clock': 'client', 'reads': 'observed', 'n': count(e2e_ns),
            'ms': [min(e2e_ns) / 1e6, staging.quantile_ms(e2e_ns, 0.5, 2), staging.quantile_ms(e2e_ns, 0.9, 10),
                staging.quantile_ms(e2e_ns, 0.95, 20), staging.quantile_ms(e2e_ns, 0.99, 100), max(e2e_ns) / 1e6]
        },
        {
            'metric': 'duration', 'clock': 'client', 'reads': 'observed', 'n': count(duration_ns),
            'ms': [min(duration_ns) / 1e6, staging.quantile_ms(duration_ns, 0.5, 2), staging.quantile_ms(duration_ns, 0.9, 10),
                staging.quantile_ms(duration_ns, 0.95, 20), staging.quantile_ms(duration_ns, 0.99, 100), max(duration_ns) / 1e6]
        },
        {
            'metric': 'stream_span', 'clock': 'client', 'reads': 'observed', 'n': count(stream_span_ns),
            'ms': [min(stream_span_ns) / 1e6, staging.quantile_ms(stream_span_ns, 0.5, 2), staging.quantile_ms(stream_span_ns, 0.9, 10),
                staging.quantile_ms(stream_span_ns, 0.95, 20), staging.quantile_ms(stream_span_ns, 0.99, 100), max(stream_span_ns) / 1e6]
        },
        {
            'metric': 'ttft', 'clock': 'client', 'reads': 'at least', 'n': count(ttft_least_ns),
            'ms': [min(ttft_least_ns) / 1e6, staging.quantile_ms(ttft_least_ns, 0.5, 2), staging.quantile_ms(ttft_least_ns, 0.9, 10),
                staging.quantile_ms(ttft_least_ns, 0.95, 20), staging.quantile_ms(ttft_least_ns, 0.99, 100), max(ttft_least_ns) / 1e6]
        },
        {
            'metric': 'e2e', 'clock': 'client', 'reads': 'at least', 'n': count(e2e_least_ns),
            'ms': [min(e2e_least_ns) / 1e6, staging.quantile_ms(e2e_least_ns, 0.5, 2), staging.quantile_ms(e2e_least_ns, 0.9, 10),
                staging.quantile_ms(e2e_least_ns, 0.95, 20), staging.quantile_ms(e2e_least_ns, 0.99, 100), max(e2e_least_ns) / 1e6]
        },
        {
            'metric': 'queue', 'clock': 'server', 'reads': 'observed', 'n': count(server_queue_ns),
            'ms': [min(server_queue_ns) / 1e6, staging.quantile_ms(server_queue_ns, 0.5, 2), staging.quantile_ms(server_queue_ns, 0.9, 10),
                staging.quantile_ms(server_queue_ns, 0.95, 20), staging.quantile_ms(server_queue_ns, 0.99, 100), max(server_queue_ns) / 1e6]
        },
        {
            'metric': 'prefill', 'clock': 'server', 'reads': 'observed', 'n': count(server_prefill_ns),
            'ms': [min(server_prefill_ns) / 1e6, staging.quantile_ms(server_prefill_ns, 0.5, 2), staging.quantile_ms(server_prefill_ns, 0.9, 10),
                staging.quantile_ms(server_prefill_ns, 0.95, 20), staging.quantile_ms(server_prefill_ns, 0.99, 100), max(server_prefill_ns) / 1e6]
        },
        {
            'metric': 'decode', 'clock': 'server', 'reads': 'observed', 'n': count(server_decode_ns),
            'ms': [min(server_decode_ns) / 1e6, staging.quantile_ms(server_decode_ns, 0.5, 2), staging.quantile_ms(server_decode_ns, 0.9, 10),
                staging.quantile_ms(server_decode_ns, 0.95, 20), staging.quantile_ms(server_decode_ns, 0.99, 100), max(server_decode_ns) / 1e6]
        },
        {
            'metric': 'ttft', 'clock': 'server', 'reads': 'observed', 'n': count(server_ttft_ns),
            'ms': [min(server_ttft_ns) / 1e6, staging.quantile_ms(server_ttft_ns, 0.5, 2), staging.quantile_ms(server_ttft_ns, 0.9, 10),
                staging.quantile_ms(server_ttft_ns, 0.95, 20), staging.quantile_ms(server_ttft_ns, 0.99, 100), max(server_ttft_ns) / 1e6]
        },
        {
            'metric': 'total', 'clock': 'server', 'reads': 'observed', 'n': count(server_total_ns),
            'ms': [min(server_total_ns) / 1e6, staging.quantile_ms(server_total_ns, 0.5, 2), staging.quantile_ms(server_total_ns, 0.9, 10),
                staging.quantile_ms(server_total_ns, 0.95, 20), staging.quantile_ms(server_total_ns, 0.99, 100), max(server_total_ns) / 1e6]
        }
        ] as metrics
    from bounded
    group by all
),
tall as (
    select * exclude (metrics), unnest(metrics) as m
    from measured
)
select
    provider,
    gateway,
    model,
    api,
    project,
    source,
    user_label,
    day,
    timing_source,
    arrival_origin,
    m.clock as clock,
    m.metric as metric,
    m.reads as reads,
    requests,
    m.n as n,
    m.ms[1] as min_ms,
    m.ms[2] as p50_ms,
    m.ms[3] as p90_ms,
    m.ms[4] as p95_ms,
    m.ms[5] as p99_ms,
    m.ms[6] as max_ms
from tall
where m.n > 0
order by provider nulls last, timing_source, arrival_origin, clock, metric, reads;
comment on view marts.latency is 'Latency by provider and clock: one row per metric that at least one request knows. What the server says of itself stands in rows of its own and is never mixed with what the client saw.';
comment on column marts.latency.provider is 'Provider; NULL = not known.';
comment on column marts.latency.gateway is 'Gateway, when split by it.';
comment on column marts.latency.model is 'Model that answered, else the one asked for, when split by it.';
comment on column marts.latency.api is 'Wire dialect, when split by it.';
comment on column marts.latency.project is 'Project label, when split by it.';
comment on column marts.latency.source is 'Recordings root, when split by it.';
comment on column marts.latency.user_label is 'User label, when split by it.';
comment on column marts.latency.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.latency.timing_source is 'The best clock of the recordings. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.latency.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.latency.clock is 'Whose clock the metric is on: the client''s (the recorder''s), or the server''s own account.';
comment on column marts.latency.metric is 'headers, first_chunk, ttft, first_output, e2e, duration, stream_span (client), queue, prefill, decode, ttft, total (server).';
comment on column marts.latency.reads is 'How the figures read. One of: observed, at least.';
comment on column marts.latency.requests is 'Requests counted on this clock, whether they know the metric or not.';
comment on column marts.latency.n is 'Requests behind the figures of this row.';
comment on column marts.latency.min_ms is 'Smallest. [ms]';
comment on column marts.latency.p50_ms is 'Median; NULL below 2 requests. [ms]';
comment on column marts.latency.p90_ms is '90th percentile; NULL below 10 requests. [ms]';
comment on column marts.latency.p95_ms is '95th percentile; NULL below 20 requests. [ms]';
comment on column marts.latency.p99_ms is '99th percentile; NULL below 100 requests. [ms]';
comment on column marts.latency.max_ms is 'Greatest. [ms]';
