-- One row per frame of a stream: when it came, what it carried, how much had come by then.
-- Ask for one request: from chunk_timeline where request_id = '…'.
-- show: request_id, chunk_index, kind, arrived_ms, gap_ms, is_stall, frame_bytes, payload_bytes_so_far, token_frames_so_far, cum_output_tokens, finish_reason
create or replace view marts.chunk_timeline as
select
    c.request_id,
    c.chunk_index,
    c.kind,
    c.is_token_bearing,
    c.timing_source,
    r.arrival_origin,
    c.arrived_ns / 1e6 as arrived_ms,
    c.gap_ns / 1e6 as gap_ms,
    c.gap_ns > s.stall_ms * 1e6 as is_stall,
    c.server_created_at,
    c.byte_offset,
    c.frame_bytes,
    c.text_bytes,
    c.reasoning_bytes,
    c.tool_bytes,
    (sum(c.text_bytes::bigint + c.reasoning_bytes + c.tool_bytes) over stream)::bigint as payload_bytes_so_far,
    (sum(c.is_token_bearing::integer) over stream)::bigint as token_frames_so_far,
    c.cum_input_tokens,
    c.cum_output_tokens,
    c.delta_output_tokens,
    c.cost_usd,
    c.finish_reason
from staging.chunks as c
inner join staging.live_requests as r on c.request_id = r.request_id
cross join raw.settings as s
where r.operation_class = 'generation'
window stream as (partition by c.request_id order by c.chunk_index rows unbounded preceding)
order by c.request_id, c.chunk_index;
comment on view marts.chunk_timeline is 'One row per frame of a stream: when it came, what it carried, how much had come by then. Ask for one request: from chunk_timeline where request_id = ''…''.';
comment on column marts.chunk_timeline.request_id is 'The request.';
comment on column marts.chunk_timeline.chunk_index is '0-based position of the frame in the body.';
comment on column marts.chunk_timeline.kind is 'What the frame carries.';
comment on column marts.chunk_timeline.is_token_bearing is 'The frame bears tokens.';
comment on column marts.chunk_timeline.timing_source is 'Clock of the row. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.chunk_timeline.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.chunk_timeline.arrived_ms is 'When the frame arrived, from arrival_origin. [ms]';
comment on column marts.chunk_timeline.gap_ms is 'Time since the token-bearing frame before. [ms]';
comment on column marts.chunk_timeline.is_stall is 'The gap is longer than stall_ms of the settings.';
comment on column marts.chunk_timeline.server_created_at is 'When the server says it made the frame. [UTC]';
comment on column marts.chunk_timeline.byte_offset is 'Where the frame starts in the body. [bytes]';
comment on column marts.chunk_timeline.frame_bytes is 'Size of the frame. [bytes]';
comment on column marts.chunk_timeline.text_bytes is 'Visible text in it. [bytes]';
comment on column marts.chunk_timeline.reasoning_bytes is 'Reasoning in it. [bytes]';
comment on column marts.chunk_timeline.tool_bytes is 'Tool-call names and arguments in it. [bytes]';
comment on column marts.chunk_timeline.payload_bytes_so_far is 'Text, reasoning and tool bytes up to and including this frame. [bytes]';
comment on column marts.chunk_timeline.token_frames_so_far is 'Token-bearing frames up to and including this one.';
comment on column marts.chunk_timeline.cum_input_tokens is 'Input so far, as this frame reports it. [tokens]';
comment on column marts.chunk_timeline.cum_output_tokens is 'Output so far, as this frame reports it. [tokens]';
comment on column marts.chunk_timeline.delta_output_tokens is 'Output since the report before. [tokens]';
comment on column marts.chunk_timeline.cost_usd is 'Charge that this frame reports. [USD]';
comment on column marts.chunk_timeline.finish_reason is 'Finish reason in this frame.';
