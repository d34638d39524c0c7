-- Share of requests that keep every bound of a service level, on the clock named in each row.
-- A request of which one bounded metric was not observed is undetermined, neither met nor missed.
-- by: gateway, model, api, project, source, user_label, day
-- show: slo, provider, timing_source, arrival_origin, requests, failed_requests, met_requests, missed_requests, undetermined_requests, goodput_pct
create or replace view marts.goodput as
with
levels as (
    select
        name as slo,
        {
            'gateway': gateway, 'provider': provider, 'model': model, 'api': api, 'project': project, 'source': source,
            'user_label': user_label
        } as rule,
        min(at_most_ms) filter (where metric = 'ttft') as ttft_at_most_ms,
        min(at_most_ms) filter (where metric = 'tpot') as tpot_at_most_ms,
        min(at_most_ms) filter (where metric = 'e2e') as e2e_at_most_ms
    from raw.slo
    group by all
),
judged as (
    select
        l.slo,
        l.ttft_at_most_ms,
        l.tpot_at_most_ms,
        l.e2e_at_most_ms,
        r.*,
        (l.ttft_at_most_ms is null or r.ttft_ns is not null)
        and (l.tpot_at_most_ms is null or r.tpot_ms is not null)
        and (l.e2e_at_most_ms is null or r.e2e_ns is not null) as is_determined,
        coalesce(r.ttft_ns / 1e6 <= l.ttft_at_most_ms, true)
        and coalesce(r.tpot_ms <= l.tpot_at_most_ms, true)
        and coalesce(r.e2e_ns / 1e6 <= l.e2e_at_most_ms, true) as is_kept
    from levels as l
    inner join staging.live_requests as r
        on r.is_counted and r.operation_class = 'generation'
        and staging.selects(l.rule, r.gateway, r.provider, r.model, r.model_key, r.api, r.project, r.source, r.user_label)
)
select
    slo,
    ttft_at_most_ms,
    tpot_at_most_ms,
    e2e_at_most_ms,
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
    count(*) filter (where status <> 'ok') as failed_requests,
    count(*) filter (where status = 'ok' and is_determined and is_kept) as met_requests,
    count(*) filter (where status = 'ok' and is_determined and not is_kept) as missed_requests,
    count(*) filter (where status = 'ok' and not is_determined) as undetermined_requests,
    staging.pct(met_requests, met_requests + missed_requests) as goodput_pct
from judged
group by all
order by slo, provider nulls last, timing_source, arrival_origin;
comment on view marts.goodput is 'Share of requests that keep every bound of a service level, on the clock named in each row. A request of which one bounded metric was not observed is undetermined, neither met nor missed.';
comment on column marts.goodput.slo is 'Name of the service level.';
comment on column marts.goodput.ttft_at_most_ms is 'Bound on time to first token; NULL = none. [ms]';
comment on column marts.goodput.tpot_at_most_ms is 'Bound on time per output token; NULL = none. [ms]';
comment on column marts.goodput.e2e_at_most_ms is 'Bound on time to the last token; NULL = none. [ms]';
comment on column marts.goodput.provider is 'Provider; NULL = not known.';
comment on column marts.goodput.gateway is 'Gateway, when split by it.';
comment on column marts.goodput.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.goodput.api is 'Wire dialect, when split by it.';
comment on column marts.goodput.project is 'Project label, when split by it.';
comment on column marts.goodput.source is 'Recordings root, when split by it.';
comment on column marts.goodput.user_label is 'User label, when split by it.';
comment on column marts.goodput.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.goodput.timing_source is 'The best clock of the recordings. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.goodput.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.goodput.requests is 'Requests that the service level is for.';
comment on column marts.goodput.failed_requests is 'Requests that did not end well; they are in neither of the next.';
comment on column marts.goodput.met_requests is 'Requests that keep every bound.';
comment on column marts.goodput.missed_requests is 'Requests that were observed in full and break a bound.';
comment on column marts.goodput.undetermined_requests is 'Requests of which a bounded metric was not observed.';
comment on column marts.goodput.goodput_pct is 'met_requests of met_requests and missed_requests. [%]';
