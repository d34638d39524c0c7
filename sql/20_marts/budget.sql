-- Monthly budgets: spent so far in this month, and where it is heading.
-- Undated requests belong to no month and are counted apart; with unknown costs the spend reads at least.
-- show: name, month, monthly_usd, spent_usd, spent_reads, spent_pct, elapsed_pct, forecast_usd, state, requests, unpriced_requests, undated_requests
create or replace view marts.budget as
with
months as (
    select
        as_of,
        date_trunc('month', as_of) as month_start,
        date_trunc('month', as_of) + interval 1 month as month_end
    from raw.settings
),
matched as (
    select b.rowid as place, b.name, b.monthly_usd, m.*, r.request_id, r.started_at, r.cost_usd, r.cost_basis, r.is_billable
    from raw.budgets as b
    cross join months as m
    left join staging.requests as r
        on (r.started_at is null or (r.started_at >= m.month_start and r.started_at <= m.as_of))
        and staging.selects(b, r.gateway, r.provider, r.model, r.model_key, r.api, r.project, r.source, r.user_label)
),
spent as (
    select
        place,
        name,
        month_start::date as month,
        monthly_usd,
        count(started_at) as requests,
        count(*) filter (where started_at is not null and cost_basis in ('reported', 'computed')) as costed_requests,
        count(*) filter (where started_at is not null and cost_basis = 'lower_bound') as lower_bound_requests,
        count(*) filter (where started_at is not null and is_billable and cost_usd is null) as unpriced_requests,
        count(*) filter (where started_at is null and is_billable) as undated_requests,
        coalesce(sum(cost_usd) filter (where started_at is not null), 0)::decimal(38, 12) as spent_usd,
        if(lower_bound_requests + unpriced_requests + undated_requests > 0, 'at least', 'total') as spent_reads,
        epoch(as_of - month_start) / epoch(month_end - month_start) as elapsed,
        -- One request in the first minutes of a month says nothing of the rest of it.
        if(as_of >= month_start + interval 1 day, spent_usd / elapsed, null) as heading_usd
    from matched
    group by place, name, monthly_usd, as_of, month_start, month_end
)
select
    name,
    month,
    monthly_usd,
    spent_usd,
    spent_reads,
    (monthly_usd - spent_usd)::decimal(38, 12) as left_usd,
    if(monthly_usd > 0, 100 * spent_usd / monthly_usd, null) as spent_pct,
    100 * elapsed as elapsed_pct,
    heading_usd::decimal(38, 12) as forecast_usd,
    case
        when spent_usd > monthly_usd then 'over'
        when heading_usd > monthly_usd then 'heading over'
        when monthly_usd > 0 and 100 * spent_usd / monthly_usd >= 80 then 'warn'
        else 'ok'
    end as state,
    requests,
    costed_requests,
    lower_bound_requests,
    unpriced_requests,
    undated_requests
from spent
order by name, place;
comment on view marts.budget is 'Monthly budgets: spent so far in this month, and where it is heading. Undated requests belong to no month and are counted apart; with unknown costs the spend reads at least.';
comment on column marts.budget.name is 'Name of the budget.';
comment on column marts.budget.month is 'First day of the month that is looked at, in the time zone of the session.';
comment on column marts.budget.monthly_usd is 'What may be spent in the month. [USD]';
comment on column marts.budget.spent_usd is 'Known spend in the month so far, lower bounds included. [USD]';
comment on column marts.budget.spent_reads is 'How spent_usd must be read. One of: total, at least.';
comment on column marts.budget.left_usd is 'What is left; negative when overspent. [USD]';
comment on column marts.budget.spent_pct is 'spent_usd of monthly_usd. [%]';
comment on column marts.budget.elapsed_pct is 'How much of the month has gone by. [%]';
comment on column marts.budget.forecast_usd is 'Spend at the end of the month if it goes on like this; NULL on its first day. [USD]';
comment on column marts.budget.state is 'One of: ok, warn (80 % spent), heading over (by the forecast), over.';
comment on column marts.budget.requests is 'Requests of the month that the budget covers.';
comment on column marts.budget.costed_requests is 'Requests whose cost is known in full.';
comment on column marts.budget.lower_bound_requests is 'Requests whose cost is a lower bound.';
comment on column marts.budget.unpriced_requests is 'Billable requests of whose cost nothing is known.';
comment on column marts.budget.undated_requests is 'Requests that the budget covers, that may have been charged and that have no date: in no month.';
