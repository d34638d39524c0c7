-- The status is the first that applies: an HTTP error is one by its code, and only then; an empty answer has no tokens in it.
-- A date says where it comes from, and what is unknown is no date.
select request_id, status, http_status, token_frame_count, finish_reason, api, started_at, started_at_source
from staging.live_requests
where (status = 'http_error') <> coalesce(http_status >= 400, false)
    or (status = 'empty' and (token_frame_count > 0 or finish_reason is not null))
    or (status = 'unparseable' and token_frame_count > 0)
    or (started_at is null) <> (started_at_source = 'unknown');
