-- The bill against the price list: what responses report beside what the list gives for the same requests.
-- A ratio other than 1 is a finding (discount, surcharge, reasoning counted twice, a wrong list), not an error of either.
-- by: api, project, source, user_label, day
-- show: gateway, provider, model, reported_requests, compared_requests, reported_usd, computed_usd, difference_usd, reported_to_computed_ratio, off_by_1pct_requests, reported_to_route_ratio, price_source
create or replace view marts.cost_reconciliation as
with
compared as (
    select
        *,
        -- With a key of one's own and no bill of the provider, what is reported is a fee: not the price of these tokens.
        cost_basis is not distinct from 'reported' as is_billed,
        is_billed and cost_computed_usd is not null and not is_date_assumed as is_compared,
        if(is_compared and cost_computed_usd > 0, cost_reported_usd / cost_computed_usd, null) as ratio,
        is_compared and abs(cost_reported_usd - cost_computed_usd) * 100 > cost_computed_usd as is_off,
        is_billed and cost_route_usd is not null as is_route_compared
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
    count(cost_reported_usd) as reported_requests,
    count(*) filter (where is_compared) as compared_requests,
    sum(cost_reported_usd) filter (where is_compared)::decimal(38, 12) as reported_usd,
    sum(cost_computed_usd) filter (where is_compared)::decimal(38, 12) as computed_usd,
    (reported_usd - computed_usd)::decimal(38, 12) as difference_usd,
    if(computed_usd > 0, reported_usd / computed_usd, null) as reported_to_computed_ratio,
    count(*) filter (where is_off) as off_by_1pct_requests,
    min(ratio) as min_ratio,
    if(count(ratio) >= 2, quantile_cont(ratio, 0.5), null) as p50_ratio,
    max(ratio) as max_ratio,
    count(*) filter (where is_route_compared) as route_requests,
    sum(cost_route_usd) filter (where is_route_compared)::decimal(38, 12) as route_usd,
    if(
        route_usd > 0, sum(cost_reported_usd) filter (where is_route_compared)::decimal(38, 12) / route_usd, null
    ) as reported_to_route_ratio,
    string_agg(distinct price_source, '; ' order by price_source) as price_source,
    string_agg(distinct route_source, '; ' order by route_source) as route_source,
    string_agg(distinct coalesce(cost_bound_reason, price_reason, if(is_date_assumed, 'undated', null)), ', ' order by coalesce(cost_bound_reason, price_reason, if(is_date_assumed, 'undated', null))) filter (where not is_compared) as not_compared_because
from compared as r
group by all
having count(cost_reported_usd) > 0
order by abs(difference_usd) desc nulls last, gateway, provider, model;
comment on view marts.cost_reconciliation is 'The bill against the price list: what responses report beside what the list gives for the same requests. A ratio other than 1 is a finding (discount, surcharge, reasoning counted twice, a wrong list), not an error of either.';
comment on column marts.cost_reconciliation.gateway is 'Gateway; NULL = called directly, or not known.';
comment on column marts.cost_reconciliation.provider is 'Provider; NULL = not known.';
comment on column marts.cost_reconciliation.model is 'Model that answered, else the one asked for, under one name for all its spellings; NULL = not known.';
comment on column marts.cost_reconciliation.api is 'Wire dialect, when split by it.';
comment on column marts.cost_reconciliation.project is 'Project label, when split by it.';
comment on column marts.cost_reconciliation.source is 'Recordings root, when split by it.';
comment on column marts.cost_reconciliation.user_label is 'User label, when split by it.';
comment on column marts.cost_reconciliation.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.cost_reconciliation.requests is 'Requests counted, every attempt one.';
comment on column marts.cost_reconciliation.reported_requests is 'Requests whose response reports a cost.';
comment on column marts.cost_reconciliation.compared_requests is 'Of reported_requests, requests for which the list gives a cost, too: those that the sums and ratios stand on.';
comment on column marts.cost_reconciliation.reported_usd is 'What compared requests report. [USD]';
comment on column marts.cost_reconciliation.computed_usd is 'What the list gives for them. [USD]';
comment on column marts.cost_reconciliation.difference_usd is 'Reported less computed. [USD]';
comment on column marts.cost_reconciliation.reported_to_computed_ratio is 'Reported over computed. [ratio]';
comment on column marts.cost_reconciliation.off_by_1pct_requests is 'Compared requests whose two costs differ by more than 1 %.';
comment on column marts.cost_reconciliation.min_ratio is 'Smallest ratio of a request. [ratio]';
comment on column marts.cost_reconciliation.p50_ratio is 'Median ratio of a request; NULL below 2. [ratio]';
comment on column marts.cost_reconciliation.max_ratio is 'Greatest ratio of a request. [ratio]';
comment on column marts.cost_reconciliation.route_requests is 'Of reported_requests, requests for which the list of the provider behind the gateway gives a cost.';
comment on column marts.cost_reconciliation.route_usd is 'What that list gives for them. [USD]';
comment on column marts.cost_reconciliation.reported_to_route_ratio is 'Reported over route_usd, for the same requests. [ratio]';
comment on column marts.cost_reconciliation.price_source is 'Price lists that computed costs come from.';
comment on column marts.cost_reconciliation.route_source is 'Lists of the providers behind the gateway.';
comment on column marts.cost_reconciliation.not_compared_because is 'Why the others are not compared: the list gives no cost, or only a fee is reported.';
