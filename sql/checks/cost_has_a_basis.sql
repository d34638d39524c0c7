-- A cost has a basis and a basis has a cost, but where a plan or a provisioned capacity pays; what a gateway's own cache answered costs
-- 0; a computed cost has a price, known in full; a price has a source; and money of another currency is in no cost.
select request_id, cost_usd, cost_basis, cost_reported_usd, cost_computed_usd, cost_lower_bound_usd, price_status, price_source
from staging.all_requests
where (cost_usd is null) <> (cost_basis is null or (cost_basis = 'not_charged' and gateway_cache_hit is not true))
    or (cost_basis is not distinct from 'not_charged') <> (not_charged_because is not null)
    or (gateway_cache_hit and cost_usd <> 0)
    or (cost_basis = 'reported' and cost_usd is distinct from cost_reported_usd)
    or (cost_basis in ('computed', 'assumed_date') and cost_usd is distinct from cost_computed_usd)
    or (cost_basis = 'computed' and (is_date_assumed or len(unpriced_units) > 0))
    or (cost_other is not null and cost_reported_usd is null and not_charged_because is null and cost_usd is not null)
    or (cost_computed_usd is not null and cost_lower_bound_usd is not null)
    or (cost_computed_usd is not null and price_status not in ('priced', 'free'))
    or (price_status in ('priced', 'free') and price_source is null)
    or (price_status not in ('priced', 'free')) <> (price_reason is not null);
