-- How much of the output is reasoning, and what it costs by the list.
-- by: gateway, api, project, source, user_label, day
-- show: provider, model, reporting_requests, reasoning_requests, output_tokens, reasoning_tokens, reasoning_pct, priced_requests, reasoning_usd, hidden_requests, ambiguous_requests
create or replace view marts.reasoning as
with
thought as (
    select
        *,
        reasoning_tokens is not null and output_tokens is not null as is_reporting,
        if(
            price_status = 'priced' and cost_computed_usd is not null and billed_output_tokens is null and reasoning_tokens is not null,
            round_even(staging.tokens(reasoning_tokens) * coalesce(unit_reasoning_usd, unit_output_usd), 12), null
        ) as thinking_usd
    from staging.requests
)
select
    provider,
    r.model_key as model,
    by_gateway as gateway,
    by_api as api,
    by_project as project,
    by_source as source,
    by_user_label as user_label,
    by_day as day,
    count(*) as requests,
    count(*) filter (where is_reporting) as reporting_requests,
    count(*) filter (where is_reporting and reasoning_tokens > 0) as reasoning_requests,
    staging.total(if(is_reporting, output_tokens, null)) as output_tokens,
    staging.total(if(is_reporting, reasoning_tokens, null)) as reasoning_tokens,
    staging.pct(sum(reasoning_tokens) filter (where is_reporting), sum(output_tokens) filter (where is_reporting)) as reasoning_pct,
    count(thinking_usd) as priced_requests,
    sum(thinking_usd)::decimal(38, 12) as reasoning_usd,
    count(*) filter (where is_reporting and reasoning_tokens > 0 and reasoning_frame_count = 0) as hidden_requests,
    count(*) filter (where reasoning_accounting = 'separate') as counted_apart_requests,
    count(*) filter (where reasoning_accounting = 'ambiguous') as ambiguous_requests
from thought as r
group by all
having count(*) filter (where is_reporting) > 0
order by reasoning_usd desc nulls last, reasoning_tokens desc nulls last, provider, model;
comment on view marts.reasoning is 'How much of the output is reasoning, and what it costs by the list.';
comment on column marts.reasoning.provider is 'Provider; NULL = not known.';
comment on column marts.reasoning.model is 'Model that answered, else the one asked for, under one name for all its spellings; NULL = not known.';
comment on column marts.reasoning.gateway is 'Gateway, when split by it.';
comment on column marts.reasoning.api is 'Wire dialect, when split by it.';
comment on column marts.reasoning.project is 'Project label, when split by it.';
comment on column marts.reasoning.source is 'Recordings root, when split by it.';
comment on column marts.reasoning.user_label is 'User label, when split by it.';
comment on column marts.reasoning.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.reasoning.requests is 'Requests counted, every attempt one.';
comment on column marts.reasoning.reporting_requests is 'Requests that report their output and how much of it is reasoning.';
comment on column marts.reasoning.reasoning_requests is 'Of reporting_requests, requests that did reason.';
comment on column marts.reasoning.output_tokens is 'Output of reporting requests, reasoning included. [tokens]';
comment on column marts.reasoning.reasoning_tokens is 'Part of output_tokens that is reasoning. [tokens]';
comment on column marts.reasoning.reasoning_pct is 'reasoning_tokens of output_tokens. [%]';
comment on column marts.reasoning.priced_requests is 'Requests with a list price: those that reasoning_usd stands on.';
comment on column marts.reasoning.reasoning_usd is 'Reasoning at its list price. [USD]';
comment on column marts.reasoning.hidden_requests is 'Of reasoning_requests, requests whose reasoning was not in the stream.';
comment on column marts.reasoning.counted_apart_requests is 'Requests whose provider counts reasoning outside its output figure.';
comment on column marts.reasoning.ambiguous_requests is 'Requests for which it is not certain how reasoning was counted.';
