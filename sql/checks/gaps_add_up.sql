-- Gaps between token-bearing frames are not negative, stand only on such frames, and add up to the span of the stream.
with
gaps as (
    select
        request_id,
        sum(gap_ns) as gaps_ns,
        count(*) filter (where gap_ns < 0) as negative,
        count(*) filter (where gap_ns is not null and not is_token_bearing) as misplaced
    from staging.chunks
    group by request_id
)
select r.request_id, g.gaps_ns, r.stream_span_ns, g.negative, g.misplaced
from gaps as g
inner join staging.live_requests as r on g.request_id = r.request_id
where g.negative > 0
    or g.misplaced > 0
    or (r.stream_span_ns is not null and coalesce(g.gaps_ns, 0) <> r.stream_span_ns)
    or (r.stream_span_ns is null and g.gaps_ns is not null);
