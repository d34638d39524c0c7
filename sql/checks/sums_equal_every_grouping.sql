-- Spend, requests and tokens of every grouping, and of the counted rows of all_requests, equal those of requests, to the picodollar.
with
groupings as (
    select 'requests' as grouping, sum(cost_usd) as cost_usd, count(*) as requests, sum(output_tokens) as output_tokens
    from staging.requests
    union all
    select 'counted rows of all_requests', sum(cost_usd), count(*), sum(output_tokens) from staging.all_requests where is_counted
    union all
    select 'cost_daily', sum(cost_usd), sum(requests), sum(output_tokens) from marts.cost_daily
    union all
    select 'cost_by_model', sum(cost_usd), sum(requests), sum(output_tokens) from marts.cost_by_model
    union all
    select 'cost_by_provider', sum(cost_usd), sum(requests), sum(output_tokens) from marts.cost_by_provider
    union all
    select 'cost_by_project', sum(cost_usd), sum(requests), sum(output_tokens) from marts.cost_by_project
    union all
    select 'routing', sum(cost_usd), sum(requests), null from marts.routing
    union all
    select 'focus', sum("BilledCost"), null, null from marts.focus
)
select g.*, t.cost_usd as cost_of_requests_usd, t.requests as n_of_requests, t.output_tokens as output_of_requests
from groupings as g
cross join (from groupings where grouping = 'requests') as t
where g.cost_usd is distinct from t.cost_usd
    or coalesce(g.requests, t.requests) <> t.requests
    or coalesce(g.output_tokens, t.output_tokens) <> t.output_tokens;
