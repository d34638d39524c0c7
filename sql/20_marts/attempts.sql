-- Retries: how many requests needed more than one attempt, how that ended, and what failed attempts cost.
-- by: gateway, model, api, project, source, user_label, day
-- show: provider, requests, logical_requests, retried_requests, recovered_requests, failed_requests, most_attempts, http_429_attempts, wasted_output_tokens, wasted_usd, wasted_unknown_requests
create or replace view marts.attempts as
with
retried as (
    select logical_request_id, max(attempt) as last_attempt
    from staging.live_requests
    where is_counted and attempt > 1
    group by logical_request_id
),
tried as (
    select r.*, r.attempt = coalesce(t.last_attempt, 1) as is_last
    from staging.requests as r
    left join retried as t on r.logical_request_id = t.logical_request_id
)
select
    provider,
    by_gateway as gateway,
    by_model as model,
    by_api as api,
    by_project as project,
    by_source as source,
    by_user_label as user_label,
    by_day as day,
    operation_class,
    count(*) as requests,
    count(*) filter (where is_last) as logical_requests,
    count(*) filter (where is_last and attempt > 1) as retried_requests,
    count(*) filter (where is_last and attempt > 1 and status = 'ok') as recovered_requests,
    count(*) filter (where is_last and status <> 'ok') as failed_requests,
    max(attempt) as most_attempts,
    count(*) filter (where status <> 'ok') as failed_attempts,
    count(*) filter (where http_status = 429) as http_429_attempts,
    staging.total(if(status <> 'ok', output_tokens, null)) as wasted_output_tokens,
    sum(cost_usd) filter (where status <> 'ok')::decimal(38, 12) as wasted_usd,
    count(*) filter (where status <> 'ok' and is_billable and cost_usd is null) as wasted_unknown_requests
from tried as r
group by all
order by failed_attempts desc, requests desc, provider;
comment on view marts.attempts is 'Retries: how many requests needed more than one attempt, how that ended, and what failed attempts cost.';
comment on column marts.attempts.provider is 'Provider; NULL = not known.';
comment on column marts.attempts.gateway is 'Gateway, when split by it.';
comment on column marts.attempts.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.attempts.api is 'Wire dialect, when split by it.';
comment on column marts.attempts.project is 'Project label, when split by it.';
comment on column marts.attempts.source is 'Recordings root, when split by it.';
comment on column marts.attempts.user_label is 'User label, when split by it.';
comment on column marts.attempts.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.attempts.operation_class is 'What was asked for. One of: generation, embeddings, rerank, transcription, speech, image_generation.';
comment on column marts.attempts.requests is 'Requests counted, every attempt one.';
comment on column marts.attempts.logical_requests is 'Requests as the caller sees them: all attempts at one are one, counted where the last was made.';
comment on column marts.attempts.retried_requests is 'Logical requests that needed more than one attempt.';
comment on column marts.attempts.recovered_requests is 'Of retried_requests, those whose last attempt went well.';
comment on column marts.attempts.failed_requests is 'Logical requests whose last attempt did not go well.';
comment on column marts.attempts.most_attempts is 'Most attempts at one request.';
comment on column marts.attempts.failed_attempts is 'Attempts that did not go well.';
comment on column marts.attempts.http_429_attempts is 'Attempts refused for too many requests.';
comment on column marts.attempts.wasted_output_tokens is 'Output of failed attempts. [tokens]';
comment on column marts.attempts.wasted_usd is 'Known cost of failed attempts, lower bounds included. [USD]';
comment on column marts.attempts.wasted_unknown_requests is 'Failed attempts that may have been charged and of whose cost nothing is known.';
