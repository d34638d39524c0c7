-- In every cost report the parts are the whole: reported, computed, at an assumed date and lower bounds are the cost; costed, assumed, bounded and unpriced
-- requests are the billable ones; and a sum with something missing never reads as a total.
with
reports as (
    select 'cost_daily' as report, * exclude (day) from marts.cost_daily
    union all by name
    select 'cost_by_model' as report, * exclude (model) from marts.cost_by_model
    union all by name
    select 'cost_by_provider' as report, * exclude (gateway, provider) from marts.cost_by_provider
    union all by name
    select 'cost_by_project' as report, * exclude (project, user_label) from marts.cost_by_project
)
select report, requests, billable_requests, costed_requests, assumed_date_requests, lower_bound_requests, unpriced_requests, cost_reads, cost_usd
from reports
where coalesce(reported_usd, 0) + coalesce(computed_usd, 0) + coalesce(assumed_date_usd, 0) + coalesce(lower_bound_usd, 0) <> coalesce(cost_usd, 0)
    or costed_requests + assumed_date_requests + lower_bound_requests + unpriced_requests <> billable_requests
    or (cost_reads in ('total', 'assumed') and (unpriced_requests > 0 or lower_bound_requests > 0))
    or (cost_reads = 'total' and assumed_date_requests > 0);
