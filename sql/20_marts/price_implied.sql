-- What a million tokens really cost on each route, by the costs that responses report, beside the list.
-- by: api, project, source, user_label, day
-- show: gateway, provider, model, split_requests, input_usd_per_mtok, output_usd_per_mtok, blended_requests, blended_usd_per_mtok, cache_read_pct, list_input_max_usd_per_mtok, list_output_max_usd_per_mtok
create or replace view marts.price_implied as
with
paid as (
    select
        *,
        -- With a key of one's own and no bill of the provider, what is reported is a fee: not the price of these tokens.
        cost_basis is not distinct from 'reported' as is_billed,
        is_billed and cost_reported_input_usd is not null and cost_reported_output_usd is not null and input_tokens > 0
        and output_tokens > 0 as is_split,
        is_billed and input_tokens is not null and output_tokens is not null as is_whole
    from staging.requests
)
select
    gateway,
    provider,
    r.model_key as model,
    by_api as api,
    by_project as project,
    by_source as source,
    by_user_label as user_label,
    by_day as day,
    count(*) as requests,
    count(*) filter (where is_split) as split_requests,
    1e6 * sum(cost_reported_input_usd) filter (where is_split) / sum(input_tokens) filter (where is_split) as input_usd_per_mtok,
    1e6 * sum(cost_reported_output_usd) filter (where is_split) / sum(output_tokens) filter (where is_split) as output_usd_per_mtok,
    count(*) filter (where is_whole) as blended_requests,
    1e6 * sum(cost_reported_usd) filter (where is_whole)
    / nullif(sum(input_tokens::hugeint + output_tokens) filter (where is_whole), 0) as blended_usd_per_mtok,
    staging.pct(sum(cache_read_tokens) filter (where is_whole), sum(input_tokens) filter (where is_whole)) as cache_read_pct,
    (min(unit_input_usd) * 1000000)::decimal(38, 12) as list_input_min_usd_per_mtok,
    (max(unit_input_usd) * 1000000)::decimal(38, 12) as list_input_max_usd_per_mtok,
    (min(unit_output_usd) * 1000000)::decimal(38, 12) as list_output_min_usd_per_mtok,
    (max(unit_output_usd) * 1000000)::decimal(38, 12) as list_output_max_usd_per_mtok
from paid as r
group by all
having count(*) filter (where is_whole or is_split) > 0
order by blended_requests desc, gateway, provider, model;
comment on view marts.price_implied is 'What a million tokens really cost on each route, by the costs that responses report, beside the list.';
comment on column marts.price_implied.gateway is 'Gateway; NULL = called directly, or not known.';
comment on column marts.price_implied.provider is 'Provider; NULL = not known.';
comment on column marts.price_implied.model is 'Model that answered, else the one asked for, under one name for all its spellings; NULL = not known.';
comment on column marts.price_implied.api is 'Wire dialect, when split by it.';
comment on column marts.price_implied.project is 'Project label, when split by it.';
comment on column marts.price_implied.source is 'Recordings root, when split by it.';
comment on column marts.price_implied.user_label is 'User label, when split by it.';
comment on column marts.price_implied.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.price_implied.requests is 'Requests counted, every attempt one.';
comment on column marts.price_implied.split_requests is 'Requests that report the cost of input and of output apart.';
comment on column marts.price_implied.input_usd_per_mtok is 'Reported cost of input over input tokens, cache reads included. [USD per million tokens]';
comment on column marts.price_implied.output_usd_per_mtok is 'Reported cost of output over output tokens. [USD per million tokens]';
comment on column marts.price_implied.blended_requests is 'Requests that report a cost and both token counts.';
comment on column marts.price_implied.blended_usd_per_mtok is 'Reported cost over all their tokens. [USD per million tokens]';
comment on column marts.price_implied.cache_read_pct is 'Share of their input that was read from a cache. [%]';
comment on column marts.price_implied.list_input_min_usd_per_mtok is 'Lowest list price of input that applied. [USD per million tokens]';
comment on column marts.price_implied.list_input_max_usd_per_mtok is 'Highest list price of input that applied. [USD per million tokens]';
comment on column marts.price_implied.list_output_min_usd_per_mtok is 'Lowest list price of output that applied. [USD per million tokens]';
comment on column marts.price_implied.list_output_max_usd_per_mtok is 'Highest list price of output that applied. [USD per million tokens]';
