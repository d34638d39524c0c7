-- How much input was read from a cache, what that saved by the list, and what writing to the cache cost beyond plain input.
-- by: gateway, api, project, source, user_label, day
-- show: provider, model, reporting_requests, input_tokens, cache_read_tokens, hit_pct, cache_write_tokens, priced_requests, saved_usd, write_premium_usd, net_saved_usd, break_even_hits
create or replace view marts.cache as
with
leaves as (
    select
        *,
        input_tokens is not null and cache_read_tokens is not null as is_reporting,
        coalesce(unit_cache_read_usd, unit_input_usd) as unit_read,
        coalesce(unit_cache_write_usd, unit_input_usd) as unit_write,
        coalesce(unit_cache_write_1h_usd, unit_cache_write_usd, unit_input_usd) as unit_write_1h,
        -- Writes that are not reported cost nothing more only where the list charges them as plain input.
        is_reporting and price_status = 'priced' and cost_computed_usd is not null and billed_input_tokens is null
        and (cache_write_tokens is not null or (unit_write = unit_input_usd and unit_write_1h = unit_input_usd)) as is_priced
    from staging.requests
),
priced as (
    select
        *,
        if(is_priced, round_even(staging.tokens(cache_read_tokens) * (unit_input_usd - unit_read), 12), null) as saved,
        if(
            is_priced,
            round_even(
                staging.tokens(cache_write_tokens) * (unit_write - unit_input_usd)
                + staging.tokens(cache_write_1h_tokens) * (unit_write_1h - unit_write), 12
            ), null
        ) as premium,
        if(is_priced, round_even(staging.tokens(cache_write_tokens) * (unit_input_usd - unit_read), 12), null) as saved_by_one_reading
    from leaves
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
    staging.total(if(is_reporting, input_tokens, null)) as input_tokens,
    staging.total(if(is_reporting, cache_read_tokens, null)) as cache_read_tokens,
    staging.total(if(is_reporting, cache_write_tokens, null)) as cache_write_tokens,
    staging.total(if(is_reporting, cache_write_1h_tokens, null)) as cache_write_1h_tokens,
    staging.pct(sum(cache_read_tokens) filter (where is_reporting), sum(input_tokens) filter (where is_reporting)) as hit_pct,
    count(saved) as priced_requests,
    sum(saved)::decimal(38, 12) as saved_usd,
    sum(premium)::decimal(38, 12) as write_premium_usd,
    (saved_usd - write_premium_usd)::decimal(38, 12) as net_saved_usd,
    if(sum(saved_by_one_reading) > 0, sum(premium) / sum(saved_by_one_reading), null) as break_even_hits
from priced as r
group by all
having count(*) filter (where is_reporting) > 0
order by net_saved_usd desc nulls last, provider, model;
comment on view marts.cache is 'How much input was read from a cache, what that saved by the list, and what writing to the cache cost beyond plain input.';
comment on column marts.cache.provider is 'Provider; NULL = not known.';
comment on column marts.cache.model is 'Model that answered, else the one asked for, under one name for all its spellings; NULL = not known.';
comment on column marts.cache.gateway is 'Gateway, when split by it.';
comment on column marts.cache.api is 'Wire dialect, when split by it.';
comment on column marts.cache.project is 'Project label, when split by it.';
comment on column marts.cache.source is 'Recordings root, when split by it.';
comment on column marts.cache.user_label is 'User label, when split by it.';
comment on column marts.cache.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.cache.requests is 'Requests counted, every attempt one.';
comment on column marts.cache.reporting_requests is 'Requests that report their input and how much of it was read from a cache: those that the tokens and hit_pct stand on.';
comment on column marts.cache.input_tokens is 'Their input. [tokens]';
comment on column marts.cache.cache_read_tokens is 'Part of it that was read from a cache. [tokens]';
comment on column marts.cache.cache_write_tokens is 'Part of it that was written to a cache. [tokens]';
comment on column marts.cache.cache_write_1h_tokens is 'Part of cache_write_tokens that is kept for an hour. [tokens]';
comment on column marts.cache.hit_pct is 'cache_read_tokens of input_tokens. [%]';
comment on column marts.cache.priced_requests is 'Of reporting_requests, requests with a list price and, where writing to the cache is charged, a count of what was written: those that the money stands on.';
comment on column marts.cache.saved_usd is 'What reads saved against the list price of plain input. [USD]';
comment on column marts.cache.write_premium_usd is 'What writes cost beyond the list price of plain input. [USD]';
comment on column marts.cache.net_saved_usd is 'saved_usd less write_premium_usd. [USD]';
comment on column marts.cache.break_even_hits is 'How often each written token has to be read for the premium to come back. [ratio]';
