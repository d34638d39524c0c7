-- What a request says of its frames is what its frames say: each is a frame or a comment, and a body that is no stream is one.
with
framed as (
    select
        request_id,
        count(*) as frames,
        count(*) filter (where kind = 'body') as bodies,
        count(*) filter (where kind = 'malformed') as malformed_frames,
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
select r.request_id, r.api, f.* exclude (request_id), r.frame_count, r.token_frame_count, r.comment_count, r.body_bytes
from staging.live_requests as r
left join framed as f on r.request_id = f.request_id
where coalesce(f.frames, 0) <> r.frame_count::bigint + r.comment_count
    or (r.is_stream and f.bodies > 0 and f.frames > 1) -- a log may say of a whole answer that it was streamed
    or (not r.is_stream and f.frames > 1)
    or f.malformed_frames <> r.malformed_frame_count
    or f.token_frames <> r.token_frame_count
    or f.reasoning_frames <> r.reasoning_frame_count
    or f.tool_frames <> r.tool_frame_count
    or f.comments <> r.comment_count
    or f.text_bytes <> r.text_bytes
    or f.reasoning_bytes <> r.reasoning_bytes
    or f.tool_bytes <> r.tool_bytes
    or f.end_of_frames > r.body_bytes;
