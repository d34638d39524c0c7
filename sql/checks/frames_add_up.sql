-- What a request says of its frames is what its frames say.
with
framed as (
    select
        request_id,
        count(*) filter (where is_token_bearing) as token_frames,
        count(*) filter (where reasoning_bytes > 0) as reasoning_frames,
        count(*) filter (where tool_bytes > 0) as tool_frames,
        count(*) filter (where kind = 'comment') as comments,
        sum(text_bytes) as text_bytes,
        sum(reasoning_bytes) as reasoning_bytes,
        sum(tool_bytes) as tool_bytes,
        max(byte_offset::hugeint + frame_bytes) as end_of_frames
    from staging.chunks
    group by request_id
)
select r.request_id, r.api, f.* exclude (request_id), r.token_frame_count, r.comment_count, r.body_bytes
from framed as f
inner join staging.live_requests as r on f.request_id = r.request_id
where f.token_frames <> r.token_frame_count
    or f.reasoning_frames <> r.reasoning_frame_count
    or f.tool_frames <> r.tool_frame_count
    or f.comments <> r.comment_count
    or f.text_bytes <> r.text_bytes
    or f.reasoning_bytes <> r.reasoning_bytes
    or f.tool_bytes <> r.tool_bytes
    or f.end_of_frames > r.body_bytes;
