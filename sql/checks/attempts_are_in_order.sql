-- Attempts at one request count from 1 without holes, and one follows only where the one before failed.
with
tried as (
    select
        logical_request_id, request_id, attempt, status, is_counted,
        lag(status) over (partition by recording_id, logical_request_id order by attempt) as status_before,
        row_number() over (partition by recording_id, logical_request_id order by attempt) as place
    from staging.live_requests, raw.settings
    where since is null and until is null
)
select logical_request_id, request_id, attempt, place, status_before
from tried
where attempt <> place or (attempt > 1 and status_before = 'ok');
