-- Every request meets one row of the price table, once there is one: none would lose its cost, two would double it.
select r.request_id, count(*) as n, any_value(q.price_reason) as price_reason
from staging.live_requests as r
inner join staging.all_requests as q on r.request_id = q.request_id
group by r.request_id
having count(*) > 1 or (any_value(q.price_reason) = 'no_price_list' and exists (from raw.prices));
