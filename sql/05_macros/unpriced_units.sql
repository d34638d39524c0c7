-- The units beside tokens that are charged and have no price; none is the empty list.
-- after: unit_price
create or replace macro staging.unpriced_units(units, unit_prices, p_search, p_request) as
    if(
        len(units) > 0, list_transform(
            list_filter(units, lambda u: u.quantity > 0 and staging.unit_price(u.unit, unit_prices, p_search, p_request) is null),
            lambda u: u.unit
        ), []::varchar[]
    );
