-- The frames of stream $request_id at about $points moments: bytes of content so far, and what arrived.
-- A long stream is thinned out evenly; the last frame of each stretch stands for it, so sums are those of the whole stream.
with
frames as (
    select
        chunk_index,
        arrived_ns,
        is_token_bearing,
        gap_ns,
        if(reasoning_bytes > 0, 'reasoning', if(tool_bytes > 0, 'tool call', if(is_token_bearing, 'content', 'other'))) as what,
        sum(text_bytes + reasoning_bytes + tool_bytes) over (order by chunk_index) as content_bytes,
        ntile($points) over (order by chunk_index) as stretch
    from staging.chunks
    where request_id = $request_id and arrived_ns is not null
)
select
    max(chunk_index) as chunk_index,
    arg_max(arrived_ns, chunk_index) / 1e6 as arrived_ms,
    arg_max(what, chunk_index) as what,
    max(content_bytes)::bigint as content_bytes,
    max(gap_ns) / 1e6 as longest_gap_ms,
    count(*) as frames
from frames
group by stretch
order by chunk_index;
