-- How a provider streams: tokens and bytes per frame, what the envelope costs, gaps and stalls.
-- A gap is between token-bearing frames; several frames in one network read have gaps of 0, and they count.
-- by: gateway, model, project, source, user_label, day
-- show: provider, api, timing_source, streams, frames, token_frames, tokens_per_frame, envelope_pct, itl_gaps, itl_p50_ms, itl_p99_ms, longest_gap_ms, joined_pct, stalls
create or replace view marts.chunk_profile as
with
frames as (
    select
        c.*,
        r.provider, r.api, r.output_tokens, r.token_frame_count, r.arrival_origin,
        r.by_gateway as gateway,
        r.by_model as model,
        r.by_project as project,
        r.by_source as source,
        r.by_user_label as user_label,
        r.by_day as day,
        s.stall_ms * 1e6 as stall_ns
    from staging.chunks as c
    inner join staging.live_requests as r on c.request_id = r.request_id
    cross join raw.settings as s
    where r.is_counted and r.is_stream and r.operation_class = 'generation'
)
select
    provider,
    api,
    gateway,
    model,
    project,
    source,
    user_label,
    day,
    timing_source,
    arrival_origin,
    count(*) filter (where chunk_index = 0) as streams,
    count(*) as frames,
    count(*) filter (where is_token_bearing) as token_frames,
    count(*) filter (where kind = 'comment') as comments,
    count(*) filter (where has_usage) as usage_frames,
    count(*) filter (where chunk_index = 0 and output_tokens is not null and token_frame_count > 0) as tokens_streams,
    sum(output_tokens) filter (where chunk_index = 0 and output_tokens is not null and token_frame_count > 0)
    / sum(token_frame_count) filter (where chunk_index = 0 and output_tokens is not null and token_frame_count > 0) as tokens_per_frame,
    staging.total(frame_bytes) as frame_bytes,
    sum(text_bytes::bigint + reasoning_bytes + tool_bytes)::bigint as payload_bytes,
    100 - staging.pct(sum(text_bytes::bigint + reasoning_bytes + tool_bytes), sum(frame_bytes)) as envelope_pct,
    count(gap_ns) as itl_gaps,
    staging.quantile_ms(gap_ns, 0.5, 2) as itl_p50_ms,
    staging.quantile_ms(gap_ns, 0.9, 10) as itl_p90_ms,
    staging.quantile_ms(gap_ns, 0.99, 100) as itl_p99_ms,
    max(gap_ns) / 1e6 as longest_gap_ms,
    staging.pct(count(*) filter (where gap_ns = 0), count(gap_ns)) as joined_pct,
    count(*) filter (where gap_ns > stall_ns) as stalls
from frames as f
group by all
order by count(*) desc, provider, api;
comment on view marts.chunk_profile is 'How a provider streams: tokens and bytes per frame, what the envelope costs, gaps and stalls. A gap is between token-bearing frames; several frames in one network read have gaps of 0, and they count.';
comment on column marts.chunk_profile.provider is 'Provider; NULL = not known.';
comment on column marts.chunk_profile.api is 'Wire dialect.';
comment on column marts.chunk_profile.gateway is 'Gateway, when split by it.';
comment on column marts.chunk_profile.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.chunk_profile.project is 'Project label, when split by it.';
comment on column marts.chunk_profile.source is 'Recordings root, when split by it.';
comment on column marts.chunk_profile.user_label is 'User label, when split by it.';
comment on column marts.chunk_profile.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.chunk_profile.timing_source is 'Clock of the frames. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.chunk_profile.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.chunk_profile.streams is 'Streams counted.';
comment on column marts.chunk_profile.frames is 'Frames of them, comments included.';
comment on column marts.chunk_profile.token_frames is 'Frames that bear tokens.';
comment on column marts.chunk_profile.comments is 'Comments and keep-alives.';
comment on column marts.chunk_profile.usage_frames is 'Frames that report usage.';
comment on column marts.chunk_profile.tokens_streams is 'Streams whose output tokens are known: those that tokens_per_frame stands on.';
comment on column marts.chunk_profile.tokens_per_frame is 'Output tokens over token-bearing frames. [ratio]';
comment on column marts.chunk_profile.frame_bytes is 'Bytes on the wire, content coding removed. [bytes]';
comment on column marts.chunk_profile.payload_bytes is 'Text, reasoning and tool-call arguments in them. [bytes]';
comment on column marts.chunk_profile.envelope_pct is 'Share of bytes that are not payload. [%]';
comment on column marts.chunk_profile.itl_gaps is 'Gaps observed.';
comment on column marts.chunk_profile.itl_p50_ms is 'Median gap; NULL below 2 gaps. [ms]';
comment on column marts.chunk_profile.itl_p90_ms is '90th percentile of the gaps; NULL below 10 gaps. [ms]';
comment on column marts.chunk_profile.itl_p99_ms is '99th percentile of the gaps; NULL below 100 gaps. [ms]';
comment on column marts.chunk_profile.longest_gap_ms is 'Longest gap. [ms]';
comment on column marts.chunk_profile.joined_pct is 'Share of gaps that are 0: frames that arrived in one read. [%]';
comment on column marts.chunk_profile.stalls is 'Gaps longer than stall_ms of the settings (1000 unless set).';
