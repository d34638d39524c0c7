-- Throughput of the whole system and greatest number of requests under way, per recordings root and format.
-- Only requests whose start a recorder noted and whose end was observed: one common clock, or no row.
-- by: gateway, provider, model, api, project, user_label, day
-- show: source, recording_format, requests, first_start, last_end, output_tokens, system_tok_s, peak_requests
create or replace view marts.concurrency as
with
under_way as (
    select
        source,
        recording_format,
        by_gateway as gateway,
        by_provider as provider,
        by_model as model,
        by_api as api,
        by_project as project,
        by_user_label as user_label,
        by_day as day,
        output_tokens,
        epoch_us(started_at)::hugeint * 1000 as start_ns,
        start_ns + coalesce(duration_ns, e2e_ns) as end_ns,
        started_at,
        started_at + to_microseconds(coalesce(duration_ns, e2e_ns) // 1000) as ended_at
    from staging.live_requests
    where is_counted and operation_class = 'generation' and started_at_source = 'recorder' and coalesce(duration_ns, e2e_ns) is not null
),
events as (
    select * exclude (output_tokens, start_ns, end_ns, started_at, ended_at), unnest([start_ns, end_ns]) as at_ns, unnest([1, -1]) as step
    from under_way
),
running as (
    select
        * exclude (at_ns, step),
        sum(step) over (partition by source, recording_format, gateway, provider, model, api, project, user_label, day order by at_ns, step rows unbounded preceding) as open
    from events
),
peaks as (
    select * exclude (open), greatest(max(open), 1)::bigint as peak_requests -- one that took no time was under way, too
    from running
    group by all
),
totals as (
    select
        * exclude (output_tokens, start_ns, end_ns, started_at, ended_at),
        count(*) as requests,
        count(output_tokens) as tokens_requests,
        min(started_at) as first_start,
        max(ended_at) as last_end,
        staging.total(output_tokens) as output_tokens,
        if(max(end_ns) > min(start_ns), sum(output_tokens) * 1e9 / (max(end_ns) - min(start_ns))::double, null) as system_tok_s
    from under_way
    group by all
)
select t.*, p.peak_requests
from totals as t
inner join peaks as p on t.source is not distinct from p.source and t.recording_format is not distinct from p.recording_format and t.gateway is not distinct from p.gateway and t.provider is not distinct from p.provider and t.model is not distinct from p.model and t.api is not distinct from p.api and t.project is not distinct from p.project and t.user_label is not distinct from p.user_label and t.day is not distinct from p.day
order by t.requests desc, t.source, t.recording_format;
comment on view marts.concurrency is 'Throughput of the whole system and greatest number of requests under way, per recordings root and format. Only requests whose start a recorder noted and whose end was observed: one common clock, or no row.';
comment on column marts.concurrency.source is 'Recordings root.';
comment on column marts.concurrency.recording_format is 'How the files were saved: the recorder whose clock this is.';
comment on column marts.concurrency.gateway is 'Gateway, when split by it.';
comment on column marts.concurrency.provider is 'Provider, when split by it.';
comment on column marts.concurrency.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.concurrency.api is 'Wire dialect, when split by it.';
comment on column marts.concurrency.project is 'Project label, when split by it.';
comment on column marts.concurrency.user_label is 'User label, when split by it.';
comment on column marts.concurrency.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.concurrency.requests is 'Requests with a start by the recorder and an observed end.';
comment on column marts.concurrency.tokens_requests is 'Of requests, those with output tokens: those that output_tokens and system_tok_s stand on.';
comment on column marts.concurrency.first_start is 'First start. [UTC]';
comment on column marts.concurrency.last_end is 'Last end. [UTC]';
comment on column marts.concurrency.output_tokens is 'Output tokens of these requests. [tokens]';
comment on column marts.concurrency.system_tok_s is 'Output tokens from the first start to the last end. [tokens/s]';
comment on column marts.concurrency.peak_requests is 'Most requests under way at one instant.';
