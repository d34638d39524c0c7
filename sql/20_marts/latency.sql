-- Latency by provider and clock: one row per metric that at least one request knows.
-- What the server says of itself stands in rows of its own and is never mixed with what the client saw.
-- by: gateway, model, api, project, source, user_label, day
-- show: provider, metric, clock, reads, n, p50_ms, p95_ms, max_ms, timing_source, arrival_origin, requests, min_ms, p90_ms, p99_ms
create or replace view marts.latency as
with
measures (measure, metric, clock, reads) as (
    values
        ('headers_ns', 'headers', 'client', 'observed'),
        ('first_chunk_ns', 'first_chunk', 'client', 'observed'),
        ('ttft_ns', 'ttft', 'client', 'observed'),
        ('first_output_ns', 'first_output', 'client', 'observed'),
        ('e2e_ns', 'e2e', 'client', 'observed'),
        ('duration_ns', 'duration', 'client', 'observed'),
        ('stream_span_ns', 'stream_span', 'client', 'observed'),
        ('ttft_least_ns', 'ttft', 'client', 'at least'),
        ('e2e_least_ns', 'e2e', 'client', 'at least'),
        ('server_queue_ns', 'queue', 'server', 'observed'),
        ('server_prefill_ns', 'prefill', 'server', 'observed'),
        ('server_decode_ns', 'decode', 'server', 'observed'),
        ('server_ttft_ns', 'ttft', 'server', 'observed'),
        ('server_total_ns', 'total', 'server', 'observed')
),
timed as (
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
        headers_ns,
        first_chunk_ns,
        ttft_ns,
        first_output_ns,
        e2e_ns,
        duration_ns,
        stream_span_ns,
        server_queue_ns,
        server_prefill_ns,
        server_decode_ns,
        server_ttft_ns,
        server_total_ns,
        if(ttft_ns is null and token_frame_count > 0, coalesce(after_headers_ttft_ns, headers_ns), null) as ttft_least_ns,
        if(
            e2e_ns is null and duration_ns is null and token_frame_count > 0, coalesce(after_headers_e2e_ns, headers_ns), null
        ) as e2e_least_ns
    from staging.live_requests
    where is_counted and operation_class = 'generation'
),
tall as (
    from timed
    unpivot include nulls (ns for measure in (
        headers_ns, first_chunk_ns, ttft_ns, first_output_ns, e2e_ns, duration_ns, stream_span_ns,
        ttft_least_ns, e2e_least_ns, server_queue_ns, server_prefill_ns, server_decode_ns, server_ttft_ns, server_total_ns
    ))
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
    clock,
    metric,
    reads,
    count(*) as requests,
    count(ns) as n,
    min(ns) / 1e6 as min_ms,
    staging.quantile_ms(ns, 0.5, 2) as p50_ms,
    staging.quantile_ms(ns, 0.9, 10) as p90_ms,
    staging.quantile_ms(ns, 0.95, 20) as p95_ms,
    staging.quantile_ms(ns, 0.99, 100) as p99_ms,
    max(ns) / 1e6 as max_ms
from tall
inner join measures using (measure)
group by all
having n > 0
order by provider nulls last, timing_source, arrival_origin, clock, metric, reads;
comment on view marts.latency is 'Latency by provider and clock: one row per metric that at least one request knows. What the server says of itself stands in rows of its own and is never mixed with what the client saw.';
comment on column marts.latency.provider is 'Provider; NULL = not known.';
comment on column marts.latency.gateway is 'Gateway, when split by it.';
comment on column marts.latency.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
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
