-- What the units beside tokens cost, in exact decimals; those without a price add nothing, and staging.unpriced_units names them.
-- A quantity is taken in whole ones and the rest, so that no product outgrows a decimal.
-- after: unit_price
create or replace macro staging.units_cost(units, unit_prices, p_search, p_request) as
    if(
        len(units) > 0, coalesce(list_sum(list_transform(
            units,
            lambda u: coalesce(
                floor(u.quantity)::bigint * staging.unit_price(u.unit, unit_prices, p_search, p_request)::decimal(38, 24)
                + ((u.quantity - floor(u.quantity))::decimal(7, 6)
                    * staging.unit_price(u.unit, unit_prices, p_search, p_request)::decimal(31, 24))::decimal(38, 24), 0
            )
        )), 0), 0
    );
