-- Frames as they stand: the live generation of each recording.
-- after: recordings
create or replace view staging.chunks as
select c.*
from raw.chunks as c
semi join staging.recordings as l on c.recording_id = l.recording_id and c.generation = l.generation;
comment on view staging.chunks is 'Frames as they stand.';
comment on column staging.chunks.recording_id is 'Hash of source and recording_path; the same in recordings, requests and chunks.';
comment on column staging.chunks.generation is 'Which ingest of the recording wrote this row; the ledger names the live one.';
comment on column staging.chunks.request_id is 'Hash of recording_id and exchange_index.';
comment on column staging.chunks.chunk_index is '0-based position of the frame in the body.';
comment on column staging.chunks.event_name is 'Name of the event, where the framing has one.';
comment on column staging.chunks.event_id is 'Identifier of the event, where the framing has one.';
comment on column staging.chunks.kind is 'What the frame carries: the first that applies. One of: malformed, error, done, comment, ping, tool_call, content, refusal, reasoning, finish, usage, role, metadata, body.';
comment on column staging.chunks.is_token_bearing is 'The frame carries text, reasoning, refusal, a tool call''s name or arguments, audio or an image.';
comment on column staging.chunks.choice_index is 'Which choice the frame belongs to; NULL for frames of none or of several.';
comment on column staging.chunks.byte_offset is 'Where the frame starts in the response body, content coding removed. [bytes]';
comment on column staging.chunks.frame_bytes is 'Size of the frame, its terminator included. [bytes]';
comment on column staging.chunks.data_bytes is 'Size of the payload. [bytes]';
comment on column staging.chunks.arrived_ns is 'When the network read that completed the frame arrived, from arrival_origin. [ns]';
comment on column staging.chunks.gap_ns is 'Time since the token-bearing frame before; NULL on the first and on frames that bear no tokens. [ns]';
comment on column staging.chunks.timing_source is 'The clock of this row. One of: per_chunk, total, headers_only, server, none.';
comment on column staging.chunks.server_created_at is 'When the server says it made the frame. [UTC]';
comment on column staging.chunks.text_bytes is 'Visible text in the frame, as UTF-8. [bytes]';
comment on column staging.chunks.text_chars is 'Visible text in the frame, in Unicode code points. [characters]';
comment on column staging.chunks.reasoning_bytes is 'Reasoning text in the frame, as UTF-8. [bytes]';
comment on column staging.chunks.tool_bytes is 'Tool-call names and arguments in the frame, as UTF-8. [bytes]';
comment on column staging.chunks.has_usage is 'The frame reports usage.';
comment on column staging.chunks.cum_input_tokens is 'Input so far, as this frame reports it. [tokens]';
comment on column staging.chunks.cum_output_tokens is 'Output so far, as this frame reports it. [tokens]';
comment on column staging.chunks.delta_output_tokens is 'Output since the report before, where the provider reports while it streams. [tokens]';
comment on column staging.chunks.cost_usd is 'Charge that this frame reports. [USD]';
comment on column staging.chunks.finish_reason is 'Finish reason in this frame.';
comment on column staging.chunks.text is 'The visible text itself; NULL unless ingested with --keep-text.';
