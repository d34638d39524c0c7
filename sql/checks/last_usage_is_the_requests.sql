-- The last usage and cost that frames report is the request's: never the first, never a sum. Where reasoning is counted apart,
-- frames hold the output without it; a charge for a key of one's own has the provider's bill added. Where a usage is flagged because
-- a number of it is no count, or because its snapshots contradict each other, the last one need not be the one that stands.
with
last as (
    select
        request_id,
        last(cum_input_tokens order by chunk_index) filter (where cum_input_tokens is not null) as input_tokens,
        last(cum_output_tokens order by chunk_index) filter (where cum_output_tokens is not null) as output_tokens,
        last(cost_usd order by chunk_index) filter (where cost_usd is not null) as cost_usd
    from staging.chunks
    group by request_id
)
select
    r.request_id, r.api, r.usage_source, r.reasoning_accounting,
    l.input_tokens as last_input_tokens, r.input_tokens,
    l.output_tokens as last_output_tokens, r.output_tokens, r.reasoning_tokens,
    l.cost_usd as last_cost_usd, r.cost_reported_usd
from last as l
inner join staging.live_requests as r on l.request_id = r.request_id
where r.usage_source in ('final', 'last_cumulative')
    and not coalesce(
        list_has_any(list_transform(r.usage_anomalies, lambda code: split_part(code, ':', 1)), ['bad_count', 'snapshots_disagree']), false
    )
    and (
        l.input_tokens <> r.input_tokens
        or (l.output_tokens <> r.output_tokens and l.output_tokens <> r.output_tokens - coalesce(r.reasoning_tokens, 0))
        or (
            l.cost_usd <> r.cost_reported_usd
            and not (r.is_byok is true and l.cost_usd + r.upstream_cost_usd = r.cost_reported_usd)
        )
    );
