-- Known spend by $unit (day, week, month, year) and model: the $top models that cost most, all others as rank $top + 1.
-- Models are told apart by rank, never by a name that a recording could choose. Undated spend has no period.
with
spent as (
    select model_key as model, date_trunc($unit, day)::date as period, sum(cost_usd) as cost_usd, count(*) as requests
    from staging.requests
    where cost_usd is not null
    group by all
),
ranked as (
    select model, row_number() over (order by sum(cost_usd) desc, model nulls last) as place
    from spent
    group by model
)
select
    least(r.place, $top + 1) as rank,
    if(r.place <= $top, s.model, null) as model,
    r.place > $top as is_rest,
    s.period,
    sum(s.cost_usd)::decimal(38, 12) as cost_usd,
    sum(s.requests)::bigint as requests,
    count(distinct r.place) as models
from spent as s
inner join ranked as r on s.model is not distinct from r.model
group by all
order by rank, s.period nulls last;
