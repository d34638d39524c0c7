-- A cost has a basis and a basis has a cost; a computed one has a price, and a price has a source.
select request_id, cost_usd, cost_basis, cost_reported_usd, cost_computed_usd, cost_lower_bound_usd, price_status, price_source
from staging.requests
where (cost_usd is null) <> (cost_basis is null)
    or (cost_basis = 'reported' and cost_usd is distinct from cost_reported_usd)
    or (cost_basis = 'computed' and cost_usd is distinct from cost_computed_usd)
    or (cost_computed_usd is not null and cost_lower_bound_usd is not null)
    or (cost_computed_usd is not null and price_status not in ('priced', 'free'))
    or (price_status in ('priced', 'free') and price_source is null)
    or (price_status not in ('priced', 'free')) <> (price_reason is not null);
