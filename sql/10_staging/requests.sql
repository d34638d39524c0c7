-- The requests that count, each response once, with their cost: what reports add up. All rows are in all_requests.
-- after: all_requests
-- passes on: live_requests, priced_requests, all_requests
create or replace view staging.requests as
select *
from staging.all_requests
where is_counted;
comment on view staging.requests is 'The requests that count, with their cost: each response once. Every row is in all_requests.';
