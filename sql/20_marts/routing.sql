-- Asked against answered: which model and which provider served what was asked for.
-- by: api, project, source, user_label, day
-- show: request_model, response_model, answer, requests, gateway, provider, ok_pct, cost_usd, cost_reads
create or replace view marts.routing as
with
routed as (
    select
        gateway,
        request_model,
        response_model,
        provider,
        by_api as api,
        by_project as project,
        by_source as source,
        by_user_label as user_label,
        by_day as day,
        count(*) as requests,
        count(*) filter (where status = 'ok') as ok_requests,
        staging.pct(ok_requests, requests) as ok_pct,
        count(cost_usd) as cost_requests,
        sum(cost_usd)::decimal(38, 12) as cost_usd,
        staging.cost_reads(
            count(*) filter (where is_billable), count(*) filter (where cost_basis in ('reported', 'computed')),
            count(*) filter (where cost_basis = 'lower_bound'), count(*) filter (where cost_basis = 'assumed_date')
        ) as cost_reads
    from staging.requests as r
    group by all
),
worded as (
    select
        *,
        list_filter(staging.model_words(request_model), lambda word: word <> 'latest') as asked,
        staging.model_words(response_model) as answered
    from routed
)
select
    gateway,
    request_model,
    response_model,
    provider,
    api,
    project,
    source,
    user_label,
    day,
    case
        when request_model is null or response_model is null then 'not stated'
        when request_model = response_model then 'as asked'
        when asked = answered then 'as asked, spelt otherwise'
        when asked = ['auto'] then 'chosen by the gateway'
        when list_has_all(answered, asked)
            and len(list_filter(answered, lambda word: not list_contains(asked, word) and not regexp_full_match(word, '[0-9]{2,8}'))) = 0
            then 'a dated version'
        when list_has_all(answered, asked) and contains(request_model, 'latest') then 'what the alias stands for'
        when list_has_all(answered, asked) then 'a longer name'
        when staging.model_key(request_model) = staging.model_key(response_model) then 'as asked, spelt otherwise'
        else 'another model'
    end as answer,
    requests,
    ok_requests,
    ok_pct,
    cost_requests,
    cost_usd,
    cost_reads
from worded
order by requests desc, gateway, request_model, response_model, provider;
comment on view marts.routing is 'Asked against answered: which model and which provider served what was asked for.';
comment on column marts.routing.gateway is 'Gateway; NULL = called directly, or not known.';
comment on column marts.routing.request_model is 'Model that was asked for, verbatim.';
comment on column marts.routing.response_model is 'Model that answered, verbatim.';
comment on column marts.routing.provider is 'Provider; NULL = not known.';
comment on column marts.routing.api is 'Wire dialect, when split by it.';
comment on column marts.routing.project is 'Project label, when split by it.';
comment on column marts.routing.source is 'Recordings root, when split by it.';
comment on column marts.routing.user_label is 'User label, when split by it.';
comment on column marts.routing.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.routing.answer is 'How the two compare. One of: as asked; as asked, spelt otherwise; a dated version; what the alias stands for; a longer name; chosen by the gateway; another model; not stated.';
comment on column marts.routing.requests is 'Requests counted, every attempt one.';
comment on column marts.routing.ok_requests is 'Requests that ended well.';
comment on column marts.routing.ok_pct is 'ok_requests of requests. [%]';
comment on column marts.routing.cost_requests is 'Requests of whose cost something is known.';
comment on column marts.routing.cost_usd is 'Sum of all costs that are known, lower bounds included. [USD]';
comment on column marts.routing.cost_reads is 'How cost_usd must be read. One of: total, at least, unknown, nothing charged.';
