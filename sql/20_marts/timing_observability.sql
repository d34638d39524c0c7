-- What may be concluded about time from these recordings, by clock and provider: counts of what was observed, of what
-- only has a lower bound, and the conclusion in words.
-- by: gateway, model, api, project, source, user_label, day
-- show: timing_source, provider, requests, conclusion
create or replace view marts.timing_observability as
with
counted as (
    select
        *,
        if(ttft_ns is null and token_frame_count > 0, coalesce(after_headers_ttft_ns, headers_ns), null) as ttft_least_ns,
        if(
            e2e_ns is null and duration_ns is null and token_frame_count > 0, coalesce(after_headers_e2e_ns, headers_ns), null
        ) as e2e_least_ns,
        coalesce(server_queue_ns, server_prefill_ns, server_decode_ns, server_ttft_ns, server_total_ns) as server_ns
    from staging.live_requests
    where is_counted and operation_class = 'generation'
),
grouped as (
    select
        timing_source,
        arrival_origin,
        provider,
        by_gateway as gateway,
        by_model as model,
        by_api as api,
        by_project as project,
        by_source as source,
        by_user_label as user_label,
        by_day as day,
        count(*) as requests,
        count(headers_ns) as headers_requests,
        count(ttft_ns) as ttft_requests,
        count(ttft_least_ns) as ttft_at_least_requests,
        min(ttft_least_ns) / 1e6 as ttft_at_least_min_ms,
        max(ttft_least_ns) / 1e6 as ttft_at_least_max_ms,
        count(e2e_ns) as e2e_requests,
        count(e2e_least_ns) as e2e_at_least_requests,
        count(duration_ns) as duration_requests,
        count(tpot_ms) as tpot_requests,
        count(server_ns) as server_requests
    from counted
    group by all
)
select
    *,
    case
        when timing_source = 'per_chunk' and ttft_requests > 0
            then 'Time to first token, end-to-end and speed observed, counted from the request.'
        when timing_source = 'per_chunk' and arrival_origin = 'headers'
            then 'Gaps and speed observed. Arrivals count from the headers: time to first token and end-to-end only as lower bounds.'
        when timing_source = 'per_chunk' then 'Arrivals observed, but nothing in them bears tokens.'
        when timing_source = 'total' then 'Total duration observed. When tokens came is not known, nor is speed.'
        when timing_source = 'headers_only' then 'Time to headers observed, nothing after it. Speed is not known.'
        when timing_source = 'server' then 'Only the server''s own account. No client time is known.'
        else 'No time was recorded. Nothing may be concluded.'
    end
    || case
        when ttft_at_least_requests = 0 then ''
        when ttft_at_least_min_ms = ttft_at_least_max_ms
            then printf(' Time to first token is at least %.3f ms.', ttft_at_least_min_ms)
        else printf(' Time to first token is at least %.3f to %.3f ms.', ttft_at_least_min_ms, ttft_at_least_max_ms)
    end
    || if(server_requests > 0 and timing_source <> 'server', ' The server''s own account stands apart.', '') as conclusion
from grouped
order by requests desc, timing_source, arrival_origin, provider;
comment on view marts.timing_observability is 'What may be concluded about time from these recordings, by clock and provider: counts of what was observed, of what only has a lower bound, and the conclusion in words.';
comment on column marts.timing_observability.timing_source is 'The best clock of the recordings. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.timing_observability.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.timing_observability.provider is 'Provider; NULL = not known.';
comment on column marts.timing_observability.gateway is 'Gateway, when split by it.';
comment on column marts.timing_observability.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.timing_observability.api is 'Wire dialect, when split by it.';
comment on column marts.timing_observability.project is 'Project label, when split by it.';
comment on column marts.timing_observability.source is 'Recordings root, when split by it.';
comment on column marts.timing_observability.user_label is 'User label, when split by it.';
comment on column marts.timing_observability.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.timing_observability.requests is 'Requests counted, every attempt one.';
comment on column marts.timing_observability.headers_requests is 'Requests whose time to headers was observed.';
comment on column marts.timing_observability.ttft_requests is 'Requests whose time to first token was observed.';
comment on column marts.timing_observability.ttft_at_least_requests is 'Requests of which is only known that the first token took at least so long.';
comment on column marts.timing_observability.ttft_at_least_min_ms is 'Smallest of those lower bounds. [ms]';
comment on column marts.timing_observability.ttft_at_least_max_ms is 'Greatest of those lower bounds. [ms]';
comment on column marts.timing_observability.e2e_requests is 'Requests whose time to the last token was observed.';
comment on column marts.timing_observability.e2e_at_least_requests is 'Requests of which is only known that the last token took at least so long.';
comment on column marts.timing_observability.duration_requests is 'Requests whose total duration was observed.';
comment on column marts.timing_observability.tpot_requests is 'Requests whose time per output token was observed.';
comment on column marts.timing_observability.server_requests is 'Requests with times by the servers own account.';
comment on column marts.timing_observability.conclusion is 'What may be concluded.';
