-- Requests as they stand: the live generation of each recording, inside --since and --until, with what can be said of each
-- without prices. Duplicates are still here and marked; marts count the rows where is_counted is true.
-- after: recordings, duplicates
create or replace view staging.live_requests as
select
    r.*,
    coalesce(nullif(r.response_model, ''), nullif(r.request_model, '')) as model,
    coalesce(nullif(r.service_tier, ''), nullif(r.service_tier_requested, '')) as tier,
    r.started_at::date as day,
    case lower(r.finish_reason)
        when 'stop' then 'stop'
        when 'end_turn' then 'stop'
        when 'stop_sequence' then 'stop'
        when 'completed' then 'stop'
        when 'complete' then 'stop'
        when 'finish' then 'stop'
        when 'finished' then 'stop'
        when 'eos' then 'stop'
        when 'eos_token' then 'stop'
        when 'endoftext' then 'stop'
        when 'stop_criteria_met' then 'stop'
        when 'reason_stop' then 'stop'
        when 'length' then 'length'
        when 'max_tokens' then 'length'
        when 'max_output_tokens' then 'length'
        when 'max_length' then 'length'
        when 'model_length' then 'length'
        when 'token_limit' then 'length'
        when 'limit' then 'length'
        when 'reason_max_len' then 'length'
        when 'model_context_window_exceeded' then 'length'
        when 'context_window_exceeded' then 'length'
        when 'tool_calls' then 'tool_calls'
        when 'tool_call' then 'tool_calls'
        when 'tool_use' then 'tool_calls'
        when 'function_call' then 'tool_calls'
        when 'requires_action' then 'tool_calls'
        when 'content_filter' then 'content_filter'
        when 'content_filtered' then 'content_filter'
        when 'guardrail_intervened' then 'content_filter'
        when 'refusal' then 'content_filter'
        when 'safety' then 'content_filter'
        when 'image_safety' then 'content_filter'
        when 'recitation' then 'content_filter'
        when 'image_recitation' then 'content_filter'
        when 'blocklist' then 'content_filter'
        when 'prohibited_content' then 'content_filter'
        when 'image_prohibited_content' then 'content_filter'
        when 'spii' then 'content_filter'
        when 'error_toxic' then 'content_filter'
        when 'error' then 'error'
        when 'failed' then 'error'
        when 'cancelled' then 'error'
        when 'canceled' then 'error'
        when 'user_cancel' then 'error'
        when 'timeout' then 'error'
        when 'time_limit' then 'error'
        when 'error_limit' then 'error'
        when 'malformed_function_call' then 'error'
        when 'malformed_tool_use' then 'error'
        when 'malformed_model_output' then 'error'
        when 'unexpected_tool_call' then 'error'
        when 'too_many_tool_calls' then 'error'
        when 'incomplete' then
            case lower(r.native_finish_reason)
                when 'max_output_tokens' then 'length'
                when 'max_tokens' then 'length'
                when 'length' then 'length'
                when 'content_filter' then 'content_filter'
                else 'other'
            end
        else if(r.finish_reason is null, null, 'other')
    end as finish_class,
    d.duplicate_of,
    d.duplicate_of is null or s.include_duplicates as is_counted,
    r.status <> 'http_error' or r.usage_source <> 'none' or r.cost_reported_usd is not null as is_billable,
    if(r.token_frame_count > 1 and r.output_tokens > 1, r.stream_span_ns / 1e6 / (r.output_tokens - 1), null) as tpot_ms,
    if(r.token_frame_count > 1 and r.output_tokens > 1 and r.stream_span_ns > 0,
        (r.output_tokens - 1) * 1e9 / r.stream_span_ns, null) as decode_tok_s,
    if(r.e2e_ns > 0, r.output_tokens * 1e9 / r.e2e_ns, null) as e2e_tok_s,
    if(r.server_decode_ns > 0, r.output_tokens * 1e9 / r.server_decode_ns, null) as server_tok_s,
    if(list_contains(s."by", 'gateway'), r.gateway, null) as by_gateway,
    if(list_contains(s."by", 'provider'), r.provider, null) as by_provider,
    if(list_contains(s."by", 'model'), model, null) as by_model,
    if(list_contains(s."by", 'api'), r.api, null) as by_api,
    if(list_contains(s."by", 'project'), r.project, null) as by_project,
    if(list_contains(s."by", 'source'), r.source, null) as by_source,
    if(list_contains(s."by", 'user_label'), r.user_label, null) as by_user_label,
    if(list_contains(s."by", 'day'), r.started_at::date, null) as by_day
from raw.requests as r
semi join staging.recordings as l on r.recording_id = l.recording_id and r.generation = l.generation
cross join raw.settings as s
left join staging.duplicates as d on r.request_id = d.request_id
where (s.since is null or r.started_at >= s.since) and (s.until is null or r.started_at < s.until);
comment on view staging.live_requests is 'Requests as they stand, without prices; duplicates are marked. Counted are the rows where is_counted is true.';
comment on column staging.live_requests.recording_id is 'Hash of source and recording_path; the same in recordings, requests and chunks.';
comment on column staging.live_requests.generation is 'Which ingest of the recording wrote this row; the ledger names the live one.';
comment on column staging.live_requests.request_id is 'Hash of recording_id and exchange_index.';
comment on column staging.live_requests.source is 'Name of the recordings root: its absolute path or URI unless it was named.';
comment on column staging.live_requests.recording_path is 'Path of the file below its source, with / between the parts.';
comment on column staging.live_requests.recording_sha256 is 'SHA-256 of the file as it was read.';
comment on column staging.live_requests.recording_format is 'How the file was saved: go_vcr, vcrpy, ruby_vcr, har, llm_recorder, raw_sse and so on.';
comment on column staging.live_requests.exchange_index is '0-based position in the file, counting every exchange in it, LLM call or not.';
comment on column staging.live_requests.logical_request_id is 'Same for all attempts at one request: same method, URL and body within a recording.';
comment on column staging.live_requests.attempt is '1 for the first attempt; a further attempt follows only a failed one.';
comment on column staging.live_requests.started_at is 'When the request was sent, or the nearest instant that is known; started_at_source says which. [UTC]';
comment on column staging.live_requests.started_at_source is 'Where started_at comes from. One of: recorder, response_created, id_embedded, date_header, unknown.';
comment on column staging.live_requests.server_address is 'Host that was called, with its port where it is not the default.';
comment on column staging.live_requests.url_path is 'Path that was called, without query string.';
comment on column staging.live_requests.api is 'Wire dialect of the response: openai_chat, anthropic_messages, gemini and so on, or other.';
comment on column staging.live_requests.api_inner is 'The dialect inside an envelope, where api names one (Bedrock InvokeModel).';
comment on column staging.live_requests.operation is 'OpenTelemetry gen_ai.operation.name: chat, text_completion, generate_content and so on.';
comment on column staging.live_requests.gateway is 'Service that routed the call to the provider; NULL when none is known.';
comment on column staging.live_requests.provider is 'Who served the call, as an OpenTelemetry gen_ai.provider.name where there is one.';
comment on column staging.live_requests.provider_raw is 'Who served the call, as the gateway spells it.';
comment on column staging.live_requests.request_model is 'Model that was asked for, verbatim.';
comment on column staging.live_requests.response_model is 'Model that answered, verbatim.';
comment on column staging.live_requests.is_stream is 'The response body really was a stream.';
comment on column staging.live_requests.max_tokens is 'Limit on output tokens that was asked for. [tokens]';
comment on column staging.live_requests.temperature is 'Sampling temperature that was asked for.';
comment on column staging.live_requests.tool_count is 'Tools offered in the request.';
comment on column staging.live_requests.message_count is 'Messages, contents or input items in the request, the system prompt not counted.';
comment on column staging.live_requests.request_bytes is 'Size of the request body as recorded, content coding removed. [bytes]';
comment on column staging.live_requests.prompt_sha256 is 'Hash of messages, system, tools and input, not of model or sampling: one prompt, many models.';
comment on column staging.live_requests.service_tier_requested is 'Service tier asked for, verbatim.';
comment on column staging.live_requests.service_tier is 'Service tier that the response says served the call, verbatim.';
comment on column staging.live_requests.response_id is 'Identifier that the response gives itself.';
comment on column staging.live_requests.project is 'Attribution label from the configured rules.';
comment on column staging.live_requests.user_label is 'Attribution label from the configured rules.';
comment on column staging.live_requests.http_status is 'HTTP status code.';
comment on column staging.live_requests.status is 'The first that applies. One of: http_error, stream_error, unparseable, empty, truncated, ok.';
comment on column staging.live_requests.error_type is 'Error type or class as the provider names it.';
comment on column staging.live_requests.error_code is 'Error code as the provider sends it.';
comment on column staging.live_requests.terminator is 'What ended the stream: done, message_stop, response.completed, eof and so on.';
comment on column staging.live_requests.finish_reason is 'The dialect''s own value, verbatim: last non-empty one.';
comment on column staging.live_requests.native_finish_reason is 'The upstream''s value where a gateway names one beside its own.';
comment on column staging.live_requests.input_tokens is 'All input, including cache reads, cache writes and tool-use prompt. [tokens]';
comment on column staging.live_requests.cache_read_tokens is 'Subset of input that was read from a cache. [tokens]';
comment on column staging.live_requests.cache_write_tokens is 'Subset of input that was written to a cache. [tokens]';
comment on column staging.live_requests.cache_write_1h_tokens is 'Subset of cache_write_tokens that is kept for one hour. [tokens]';
comment on column staging.live_requests.output_tokens is 'All output, including reasoning. [tokens]';
comment on column staging.live_requests.reasoning_tokens is 'Subset of output that is reasoning. [tokens]';
comment on column staging.live_requests.input_audio_tokens is 'Subset of input that is audio. [tokens]';
comment on column staging.live_requests.input_image_tokens is 'Subset of input that is images. [tokens]';
comment on column staging.live_requests.output_audio_tokens is 'Subset of output that is audio. [tokens]';
comment on column staging.live_requests.output_image_tokens is 'Subset of output that is images. [tokens]';
comment on column staging.live_requests.billed_input_tokens is 'Input that is charged, where the provider bills other units than it counts. [tokens]';
comment on column staging.live_requests.billed_output_tokens is 'Output that is charged, where the provider bills other units than it counts. [tokens]';
comment on column staging.live_requests.total_tokens_reported is 'The provider''s own total, kept for audit. [tokens]';
comment on column staging.live_requests.usage_source is 'How complete the usage is. One of: final, last_cumulative, partial, none.';
comment on column staging.live_requests.reasoning_accounting is 'Whether the provider counts reasoning inside its output figure. One of: included, separate, none, ambiguous.';
comment on column staging.live_requests.usage_json is 'The raw usage object as canonical JSON, keys sorted, numbers as sent.';
comment on column staging.live_requests.usage_anomalies is 'Codes of the invariants that this usage breaks.';
comment on column staging.live_requests.cost_reported_usd is 'What the response itself says was charged. [USD]';
comment on column staging.live_requests.cost_reported_input_usd is 'Input share of the reported charge, where it is given. [USD]';
comment on column staging.live_requests.cost_reported_output_usd is 'Output share of the reported charge, where it is given. [USD]';
comment on column staging.live_requests.is_byok is 'The gateway says that the caller''s own provider key was used.';
comment on column staging.live_requests.upstream_cost_usd is 'What the gateway says the upstream provider charged. [USD]';
comment on column staging.live_requests.timing_source is 'The best clock that this recording has. One of: per_chunk, total, headers_only, server, none.';
comment on column staging.live_requests.arrival_origin is 'What arrived_ns counts from. One of: request, headers.';
comment on column staging.live_requests.headers_ns is 'Request sent to response headers complete. [ns]';
comment on column staging.live_requests.first_chunk_ns is 'Request sent to first data frame. [ns]';
comment on column staging.live_requests.ttft_ns is 'Request sent to first token-bearing frame, reasoning counted. [ns]';
comment on column staging.live_requests.first_output_ns is 'Request sent to first visible token-bearing frame, reasoning not counted. [ns]';
comment on column staging.live_requests.e2e_ns is 'Request sent to last token-bearing frame. [ns]';
comment on column staging.live_requests.duration_ns is 'Request sent to end of the response body. [ns]';
comment on column staging.live_requests.stream_span_ns is 'First to last token-bearing frame: e2e minus TTFT, known also where neither is. [ns]';
comment on column staging.live_requests.after_headers_ttft_ns is 'Response headers to first token-bearing frame: a lower bound of TTFT. [ns]';
comment on column staging.live_requests.after_headers_e2e_ns is 'Response headers to last token-bearing frame: a lower bound of e2e. [ns]';
comment on column staging.live_requests.server_queue_ns is 'Time in the queue, by the server''s own account. [ns]';
comment on column staging.live_requests.server_prefill_ns is 'Time on the prompt, by the server''s own account. [ns]';
comment on column staging.live_requests.server_decode_ns is 'Time on the completion, by the server''s own account. [ns]';
comment on column staging.live_requests.server_ttft_ns is 'Time to the first token or byte, by the server''s own account. [ns]';
comment on column staging.live_requests.server_total_ns is 'Time on the whole request, by the server''s own account. [ns]';
comment on column staging.live_requests.frame_count is 'Data frames, the [DONE] marker included, comments not; a JSON body is one.';
comment on column staging.live_requests.comment_count is 'Comments and bare keep-alives between the frames.';
comment on column staging.live_requests.token_frame_count is 'Token-bearing frames.';
comment on column staging.live_requests.reasoning_frame_count is 'Frames that carry reasoning.';
comment on column staging.live_requests.tool_frame_count is 'Frames that carry a tool call''s name or arguments.';
comment on column staging.live_requests.malformed_frame_count is 'Frames that could not be read.';
comment on column staging.live_requests.body_bytes is 'Response body, content coding removed. [bytes]';
comment on column staging.live_requests.text_bytes is 'Visible text in it, as UTF-8. [bytes]';
comment on column staging.live_requests.reasoning_bytes is 'Reasoning text in it, as UTF-8. [bytes]';
comment on column staging.live_requests.tool_bytes is 'Tool-call names and arguments in it, as UTF-8. [bytes]';
comment on column staging.live_requests.body_sha256 is 'SHA-256 of the response body, content coding removed.';
comment on column staging.live_requests.model is 'Model that answered, else the one that was asked for.';
comment on column staging.live_requests.tier is 'Service tier that served the request, else the one that was asked for.';
comment on column staging.live_requests.day is 'Day on which the request started, in the time zone of the session.';
comment on column staging.live_requests.finish_class is 'What finish_reason means over all dialects. One of: stop, length, tool_calls, content_filter, error, other.';
comment on column staging.live_requests.duplicate_of is 'The request that counts in place of this one, which was seen again in another recording; NULL when this one counts.';
comment on column staging.live_requests.is_counted is 'The row counts in marts: it is no duplicate, or duplicates are asked for.';
comment on column staging.live_requests.is_billable is 'The request may have been charged: all but those HTTP errors that report neither usage nor cost.';
comment on column staging.live_requests.tpot_ms is 'Time per output token: stream span over output tokens less one. NULL below two tokens or two token-bearing frames. [ms]';
comment on column staging.live_requests.decode_tok_s is 'Output tokens less one over the stream span. NULL where the span is 0 or tpot_ms is NULL. [tokens/s]';
comment on column staging.live_requests.e2e_tok_s is 'Output tokens over the time from the request to the last token-bearing frame. [tokens/s]';
comment on column staging.live_requests.server_tok_s is 'Output tokens over the decoding time, by the server''s own account. [tokens/s]';
comment on column staging.live_requests.by_gateway is 'The gateway, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_provider is 'The provider, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_model is 'The model, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_api is 'The api, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_project is 'The project, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_source is 'The source, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_user_label is 'The user label, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_day is 'The day, where the report is split by it; else NULL.';
