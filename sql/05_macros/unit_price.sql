-- What one of a unit beside tokens costs, or NULL. A list that charges for each request (Perplexity) has searches and the fee by
-- their size in that: 0.
create or replace macro staging.unit_price(unit, unit_prices, p_search, p_request) as
    coalesce(
        unit_prices[unit],
        if(unit = 'web_search', p_search, null),
        if(p_request is not null and (unit = 'web_search' or starts_with(unit, 'request_')), 0, null)
    );
