-- Requests as they stand: the live generation of each recording, inside --since and --until, with what can be said of each
-- without prices. Duplicates are still here and marked; marts count the rows where is_counted is true.
-- after: recordings, duplicates, model_keys
-- passes on: raw.requests
create or replace view staging.live_requests as
select
    r.*,
    coalesce(nullif(r.response_model, ''), nullif(r.request_model, '')) as model,
    -- Behind Hugging Face's colon stands the provider that was wished for.
    if(r.gateway = 'huggingface', split_part(k.model_key, ':', 1), k.model_key) as model_key,
    case
        when r.operation in ('embeddings', 'rerank', 'transcription', 'speech', 'image_generation') then r.operation
        else 'generation'
    end as operation_class,
    coalesce(nullif(r.service_tier, ''), nullif(r.service_tier_requested, '')) as tier,
    r.started_at::date as day,
    l.mtime as file_time,
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
    -- A gateway that answers from its own cache asks nobody; a plan or a provisioned capacity is paid for whether it is used or not.
    case
        when r.gateway_cache_hit then 'gateway_cache_hit'
        when r.traffic in ('subscription', 'provisioned') and r.cost_reported_usd is null then r.traffic
    end as not_charged_because,
    not_charged_because is null
    and (r.status <> 'http_error' or r.usage_source <> 'none' or r.cost_reported_usd is not null) as is_billable,
    if(r.token_frame_count > 1 and r.output_tokens > 1, r.stream_span_ns / 1e6 / (r.output_tokens - 1), null) as tpot_ms,
    if(r.token_frame_count > 1 and r.output_tokens > 1 and r.stream_span_ns > 0,
        (r.output_tokens - 1) * 1e9 / r.stream_span_ns, null) as decode_tok_s,
    if(r.e2e_ns > 0, r.output_tokens * 1e9 / r.e2e_ns, null) as e2e_tok_s,
    if(r.server_decode_ns > 0, r.output_tokens * 1e9 / r.server_decode_ns, null) as server_tok_s,
    if(list_contains(s."by", 'gateway'), r.gateway, null) as by_gateway,
    if(list_contains(s."by", 'provider'), r.provider, null) as by_provider,
    if(list_contains(s."by", 'model'), model_key, null) as by_model,
    if(list_contains(s."by", 'api'), r.api, null) as by_api,
    if(list_contains(s."by", 'project'), r.project, null) as by_project,
    if(list_contains(s."by", 'source'), r.source, null) as by_source,
    if(list_contains(s."by", 'user_label'), r.user_label, null) as by_user_label,
    if(list_contains(s."by", 'day'), r.started_at::date, null) as by_day
from raw.requests as r
inner join staging.recordings as l on r.recording_id = l.recording_id and r.generation = l.generation
cross join raw.settings as s
left join staging.duplicates as d on r.request_id = d.request_id
left join staging.model_keys as k on coalesce(nullif(r.response_model, ''), nullif(r.request_model, '')) = k.model
where (s.since is null or r.started_at >= s.since) and (s.until is null or r.started_at < s.until);
comment on view staging.live_requests is 'Requests as they stand, without prices; duplicates are marked. Counted are the rows where is_counted is true.';
comment on column staging.live_requests.model is 'Model that answered, else the one that was asked for.';
comment on column staging.live_requests.model_key is 'One name for all spellings of the model: without path, vendor, date of release and routing.';
comment on column staging.live_requests.operation_class is 'What was asked for. One of: generation (of text, in whatever dialect), embeddings, rerank, transcription, speech, image_generation.';
comment on column staging.live_requests.not_charged_because is 'Why the request itself costs nothing: gateway_cache_hit, subscription or provisioned; else NULL.';
comment on column staging.live_requests.tier is 'Service tier that served the request, else the one that was asked for.';
comment on column staging.live_requests.day is 'Day on which the request started, in the time zone of the session.';
comment on column staging.live_requests.file_time is 'When the file of the recording was last changed, by its file system. [UTC]';
comment on column staging.live_requests.finish_class is 'What finish_reason means over all dialects. One of: stop, length, tool_calls, content_filter, error, other.';
comment on column staging.live_requests.duplicate_of is 'The request that counts in place of this one, which tells the same response again; NULL when this one counts.';
comment on column staging.live_requests.is_counted is 'The row counts in marts: it is no duplicate, or duplicates are asked for.';
comment on column staging.live_requests.is_billable is 'The request may have been charged: all but HTTP errors that report neither usage nor cost, and what is not charged by itself.';
comment on column staging.live_requests.tpot_ms is 'Time per output token: stream span over output tokens less one. NULL below two tokens or two token-bearing frames. [ms]';
comment on column staging.live_requests.decode_tok_s is 'Output tokens less one over the stream span. NULL where the span is 0 or tpot_ms is NULL. [tokens/s]';
comment on column staging.live_requests.e2e_tok_s is 'Output tokens over the time from the request to the last token-bearing frame. [tokens/s]';
comment on column staging.live_requests.server_tok_s is 'Output tokens over the decoding time, by the server''s own account. [tokens/s]';
comment on column staging.live_requests.by_gateway is 'The gateway, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_provider is 'The provider, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_model is 'The model_key, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_api is 'The api, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_project is 'The project, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_source is 'The source, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_user_label is 'The user label, where the report is split by it; else NULL.';
comment on column staging.live_requests.by_day is 'The day, where the report is split by it; else NULL.';
