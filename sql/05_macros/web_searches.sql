-- How many searches were made that are charged apart from tokens; NULL where nothing is said of them.
create or replace macro staging.web_searches(units) as
    if(
        len(units) > 0,
        list_sum(list_transform(list_filter(units, lambda u: u.unit = 'web_search'), lambda u: u.quantity))::bigint, null
    );
