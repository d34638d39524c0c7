-- What a group of requests cost and used, with what stands behind each sum: the columns that every mart of spend has, as a struct.
-- after: cost_reads, pct, total
create or replace macro staging.spend(billable, basis, cost, input, cache_read, output, reasoning) as {
    'requests': count(*),
    'billable_requests': count(*) filter (where billable),
    'costed_requests': count(*) filter (where basis in ('reported', 'computed')),
    'assumed_date_requests': count(*) filter (where basis = 'assumed_date'),
    'lower_bound_requests': count(*) filter (where basis = 'lower_bound'),
    'unpriced_requests': count(*) filter (where billable and cost is null),
    'not_charged_requests': count(*) filter (where basis = 'not_charged'),
    'coverage_pct': staging.pct(count(*) filter (where basis in ('reported', 'computed')), count(*) filter (where billable)),
    'cost_reads': staging.cost_reads(
        count(*) filter (where billable),
        count(*) filter (where basis in ('reported', 'computed')),
        count(*) filter (where basis = 'lower_bound'),
        count(*) filter (where basis = 'assumed_date')
    ),
    'cost_usd': sum(cost)::decimal(38, 12),
    'reported_usd': sum(cost) filter (where basis = 'reported')::decimal(38, 12),
    'computed_usd': sum(cost) filter (where basis = 'computed')::decimal(38, 12),
    'assumed_date_usd': sum(cost) filter (where basis = 'assumed_date')::decimal(38, 12),
    'lower_bound_usd': sum(cost) filter (where basis = 'lower_bound')::decimal(38, 12),
    'usage_requests': count(*) filter (where input is not null and output is not null),
    'input_tokens': staging.total(input),
    'cache_read_tokens': staging.total(cache_read),
    'output_tokens': staging.total(output),
    'reasoning_tokens': staging.total(reasoning)
};
