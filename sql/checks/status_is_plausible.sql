-- The status is the first that applies: an HTTP error is one by its code, and only then; an empty answer has no tokens in it.
select request_id, status, http_status, token_frame_count, finish_reason, api
from staging.live_requests
where (status = 'http_error') <> coalesce(http_status >= 400, false)
    or (status = 'empty' and (token_frame_count > 0 or finish_reason is not null))
    or (status = 'unparseable' and token_frame_count > 0);
