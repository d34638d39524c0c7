-- A request has one live row.
select request_id, count(*) as n
from staging.live_requests
group by request_id
having count(*) > 1;
