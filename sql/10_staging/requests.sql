-- Requests with their cost: what was reported, what the price list says, and which of the two counts.
-- Money is worked out in decimal(38,24) and rounded once, half-even, at 1e-12. Where a provider charges other units than it
-- counts (Cohere's billed_units), those are charged. A list price is never put on a request whose usage contradicts itself,
-- and what is charged but not in the counts (a search without a price, a compaction, the rest of a cut stream) makes it a lower bound.
-- after: live_requests
create or replace view staging.requests as
with
matched as (
    select
        r.*,
        p.* exclude (
            gateway, provider, server_address, request_model, response_model, tier, search_context,
            is_dated, valid_from, valid_until, week_from_us, week_until_us, input_over, input_upto, unit_prices, units_source, is_date_assumed, speed, traffic, inference_region
        ),
        coalesce(r.billed_input_tokens, r.input_tokens) as charged_input_tokens,
        coalesce(r.billed_output_tokens, r.output_tokens) as charged_output_tokens,
        if(r.billed_input_tokens is null, r.cache_read_tokens, null) as c_read,
        if(r.billed_input_tokens is null, r.cache_write_tokens, null) as c_write,
        if(r.billed_input_tokens is null, r.cache_write_1h_tokens, null) as c_write_1h,
        if(r.billed_input_tokens is null, r.input_audio_tokens, null) as c_in_audio,
        if(r.billed_input_tokens is null, r.input_image_tokens, null) as c_in_image,
        -- A part takes the place of its share of the output: of an output that is not known it could only take away.
        if(r.billed_output_tokens is null and r.output_tokens is not null, r.reasoning_tokens, null) as c_reasoning,
        if(r.billed_output_tokens is null and r.output_tokens is not null, r.output_audio_tokens, null) as c_out_audio,
        if(r.billed_output_tokens is null and r.output_tokens is not null, r.output_image_tokens, null) as c_out_image,
        staging.web_searches(r.usage_json) as web_searches,
        r.usage_source = 'partial'
        or (charged_output_tokens is null and (p.output_usd is not null or r.status in ('truncated', 'stream_error')))
        or (r.usage_source = 'last_cumulative' and r.status in ('truncated', 'stream_error')) as is_partial,
        coalesce(list_contains(r.usage_anomalies, 'iterations_differ_from_total'), false) as is_spent_outside,
        -- A list that charges for each request (Perplexity) has its searches in that.
        coalesce(web_searches > 0 and p.web_search_usd is null and p.request_usd is null, false) as is_search_unpriced,
        coalesce(web_searches > 0 and p.route_web_search_usd is null and p.route_request_usd is null, false) as is_search_off_route
    from staging.live_requests as r
    left join raw.prices as p
        on r.gateway is not distinct from p.gateway
        and r.provider is not distinct from p.provider
        and r.server_address is not distinct from p.server_address
        and r.request_model is not distinct from p.request_model
        and r.response_model is not distinct from p.response_model
        and r.tier is not distinct from p.tier
        and if(contains(r.usage_json, 'search_context_size'), json_extract_string(r.usage_json, '$.search_context_size'), null)
        is not distinct from p.search_context
        and (r.started_at is not null) = p.is_dated
        and (p.valid_from is null or r.started_at >= p.valid_from)
        and (p.valid_until is null or r.started_at < p.valid_until)
        -- The first day of 1970 was a Thursday, the week here begins with Monday.
        and coalesce(((epoch_us(r.started_at) + 259200000000) % 604800000000 + 604800000000) % 604800000000, 0) >= p.week_from_us
        and coalesce(((epoch_us(r.started_at) + 259200000000) % 604800000000 + 604800000000) % 604800000000, 0) < p.week_until_us
        and coalesce(r.billed_input_tokens, r.input_tokens, 0) > p.input_over
        and coalesce(r.billed_input_tokens, r.input_tokens, 0) <= p.input_upto
),
judged as (
    select
        *,
        case
            when price_status is null then 'no_price_list'
            when price_status <> 'priced' then price_reason
            else staging.usage_fault(
                charged_input_tokens, c_read, c_write, c_write_1h, c_in_audio, c_in_image,
                charged_output_tokens, c_reasoning, c_out_audio, c_out_image,
                input_usd, cache_read_usd, cache_write_usd, input_audio_usd, input_image_usd,
                output_usd, reasoning_usd, output_audio_usd, output_image_usd
            )
        end as reason,
        if(
            route_source is null, null, staging.usage_fault(
                charged_input_tokens, c_read, c_write, c_write_1h, c_in_audio, c_in_image,
                charged_output_tokens, c_reasoning, c_out_audio, c_out_image,
                route_input_usd, route_cache_read_usd, route_cache_write_usd, route_input_audio_usd, route_input_image_usd,
                route_output_usd, route_reasoning_usd, route_output_audio_usd, route_output_image_usd
            )
        ) as route_fault,
        round_even(
            staging.input_cost(
                charged_input_tokens, c_read, c_write, c_write_1h, c_in_audio, c_in_image,
                input_usd, cache_read_usd, cache_write_usd, cache_write_1h_usd, input_audio_usd, input_image_usd
            ) + staging.output_cost(
                charged_output_tokens, c_reasoning, c_out_audio, c_out_image,
                output_usd, reasoning_usd, output_audio_usd, output_image_usd
            ) + coalesce(request_usd, 0) + staging.tokens(web_searches) * coalesce(web_search_usd, 0), 12
        ) as by_list_usd,
        round_even(
            staging.input_cost(
                charged_input_tokens, c_read, c_write, c_write_1h, c_in_audio, c_in_image,
                route_input_usd, route_cache_read_usd, route_cache_write_usd, route_cache_write_1h_usd,
                route_input_audio_usd, route_input_image_usd
            ) + staging.output_cost(
                charged_output_tokens, c_reasoning, c_out_audio, c_out_image,
                route_output_usd, route_reasoning_usd, route_output_audio_usd, route_output_image_usd
            ) + coalesce(route_request_usd, 0) + staging.tokens(web_searches) * coalesce(route_web_search_usd, 0), 12
        ) as by_route_usd
    from matched
),
listed as (
    select
        * exclude (price_status, price_reason),
        if(price_status is null or (price_status = 'priced' and reason is not null), 'unpriced', price_status) as price_status,
        reason as price_reason,
        case when price_status = 'priced' and reason is null then by_list_usd when price_status = 'free' and is_billable then 0 end
            as list_usd,
        reason is null and (price_status = 'priced' or (price_status = 'free' and is_billable)) as is_listed,
        (is_partial or is_spent_outside or is_search_unpriced) and price_status = 'priced' as is_bound,
        is_byok is true and upstream_cost_usd is null as is_fee_only
    from judged
)
select
    * exclude (
        c_read, c_write, c_write_1h, c_in_audio, c_in_image, c_reasoning, c_out_audio, c_out_image,
        reason, route_fault, by_list_usd, by_route_usd, list_usd, is_listed, is_bound, is_fee_only,
        is_partial, is_spent_outside, is_search_unpriced, is_search_off_route,
        input_usd, cache_read_usd, cache_write_usd, cache_write_1h_usd, input_audio_usd, input_image_usd,
        output_usd, reasoning_usd, output_audio_usd, output_image_usd, request_usd, web_search_usd,
        route_input_usd, route_cache_read_usd, route_cache_write_usd, route_cache_write_1h_usd,
        route_input_audio_usd, route_input_image_usd, route_output_usd, route_reasoning_usd,
        route_output_audio_usd, route_output_image_usd, route_request_usd, route_web_search_usd
    ),
    if(is_bound, null, list_usd) as cost_computed_usd,
    if(is_bound, list_usd, null) as cost_lower_bound_usd,
    if(
        route_input_usd is not null and route_output_usd is not null and route_fault is null and charged_output_tokens is not null
        and not is_partial and not is_spent_outside and not is_search_off_route,
        by_route_usd, null
    ) as cost_route_usd,
    input_usd as unit_input_usd,
    cache_read_usd as unit_cache_read_usd,
    cache_write_usd as unit_cache_write_usd,
    cache_write_1h_usd as unit_cache_write_1h_usd,
    input_audio_usd as unit_input_audio_usd,
    input_image_usd as unit_input_image_usd,
    output_usd as unit_output_usd,
    reasoning_usd as unit_reasoning_usd,
    output_audio_usd as unit_output_audio_usd,
    output_image_usd as unit_output_image_usd,
    request_usd as unit_request_usd,
    web_search_usd as unit_web_search_usd,
    case
        when cost_reported_usd is not null then if(is_fee_only, 'lower_bound', 'reported')
        when is_listed then if(is_bound, 'lower_bound', 'computed')
    end as cost_basis,
    case
        when cost_reported_usd is not null then if(is_fee_only, 'byok_bill_unknown', null)
        when not is_listed or not is_bound then null
        when is_partial then 'output_incomplete'
        when is_spent_outside then 'spend_outside_totals'
        else 'search_price_unknown'
    end as cost_bound_reason,
    coalesce(cost_reported_usd, list_usd) as cost_usd
from listed;
comment on view staging.requests is 'Requests with their cost; duplicates are marked. Counted are the rows where is_counted is true.';
comment on column staging.requests.recording_id is 'Hash of source and recording_path; the same in recordings, requests and chunks.';
comment on column staging.requests.generation is 'Which ingest of the recording wrote this row; the ledger names the live one.';
comment on column staging.requests.request_id is 'Hash of recording_id and exchange_index.';
comment on column staging.requests.source is 'Name of the recordings root: its absolute path or URI unless it was named.';
comment on column staging.requests.recording_path is 'Path of the file below its source, with / between the parts.';
comment on column staging.requests.recording_sha256 is 'SHA-256 of the file as it was read.';
comment on column staging.requests.recording_format is 'How the file was saved: go_vcr, vcrpy, ruby_vcr, har, llm_recorder, raw_sse and so on.';
comment on column staging.requests.exchange_index is '0-based position in the file, counting every exchange in it, LLM call or not.';
comment on column staging.requests.logical_request_id is 'Same for all attempts at one request: same method, URL and body within a recording.';
comment on column staging.requests.attempt is '1 for the first attempt; a further attempt follows only a failed one.';
comment on column staging.requests.started_at is 'When the request was sent, or the nearest instant that is known; started_at_source says which. [UTC]';
comment on column staging.requests.started_at_source is 'Where started_at comes from. One of: recorder, response_created, id_embedded, date_header, unknown.';
comment on column staging.requests.server_address is 'Host that was called, with its port where it is not the default.';
comment on column staging.requests.url_path is 'Path that was called, without query string.';
comment on column staging.requests.api is 'Wire dialect of the response: openai_chat, anthropic_messages, gemini and so on, or other.';
comment on column staging.requests.api_inner is 'The dialect inside an envelope, where api names one (Bedrock InvokeModel).';
comment on column staging.requests.operation is 'OpenTelemetry gen_ai.operation.name: chat, text_completion, generate_content and so on.';
comment on column staging.requests.gateway is 'Service that routed the call to the provider; NULL when none is known.';
comment on column staging.requests.provider is 'Who served the call, as an OpenTelemetry gen_ai.provider.name where there is one.';
comment on column staging.requests.provider_raw is 'Who served the call, as the gateway spells it.';
comment on column staging.requests.request_model is 'Model that was asked for, verbatim.';
comment on column staging.requests.response_model is 'Model that answered, verbatim.';
comment on column staging.requests.is_stream is 'The response body really was a stream.';
comment on column staging.requests.max_tokens is 'Limit on output tokens that was asked for. [tokens]';
comment on column staging.requests.temperature is 'Sampling temperature that was asked for.';
comment on column staging.requests.tool_count is 'Tools offered in the request.';
comment on column staging.requests.message_count is 'Messages, contents or input items in the request, the system prompt not counted.';
comment on column staging.requests.request_bytes is 'Size of the request body as recorded, content coding removed. [bytes]';
comment on column staging.requests.prompt_sha256 is 'Hash of messages, system, tools and input, not of model or sampling: one prompt, many models.';
comment on column staging.requests.service_tier_requested is 'Service tier asked for, verbatim.';
comment on column staging.requests.service_tier is 'Service tier that the response says served the call, verbatim.';
comment on column staging.requests.response_id is 'Identifier that the response gives itself.';
comment on column staging.requests.project is 'Attribution label from the configured rules.';
comment on column staging.requests.user_label is 'Attribution label from the configured rules.';
comment on column staging.requests.http_status is 'HTTP status code.';
comment on column staging.requests.status is 'The first that applies. One of: http_error, stream_error, unparseable, empty, truncated, ok.';
comment on column staging.requests.error_type is 'Error type or class as the provider names it.';
comment on column staging.requests.error_code is 'Error code as the provider sends it.';
comment on column staging.requests.terminator is 'What ended the stream: done, message_stop, response.completed, eof and so on.';
comment on column staging.requests.finish_reason is 'The dialect''s own value, verbatim: last non-empty one.';
comment on column staging.requests.native_finish_reason is 'The upstream''s value where a gateway names one beside its own.';
comment on column staging.requests.input_tokens is 'All input, including cache reads, cache writes and tool-use prompt. [tokens]';
comment on column staging.requests.cache_read_tokens is 'Subset of input that was read from a cache. [tokens]';
comment on column staging.requests.cache_write_tokens is 'Subset of input that was written to a cache. [tokens]';
comment on column staging.requests.cache_write_1h_tokens is 'Subset of cache_write_tokens that is kept for one hour. [tokens]';
comment on column staging.requests.output_tokens is 'All output, including reasoning. [tokens]';
comment on column staging.requests.reasoning_tokens is 'Subset of output that is reasoning. [tokens]';
comment on column staging.requests.input_audio_tokens is 'Subset of input that is audio. [tokens]';
comment on column staging.requests.input_image_tokens is 'Subset of input that is images. [tokens]';
comment on column staging.requests.output_audio_tokens is 'Subset of output that is audio. [tokens]';
comment on column staging.requests.output_image_tokens is 'Subset of output that is images. [tokens]';
comment on column staging.requests.billed_input_tokens is 'Input that is charged, where the provider bills other units than it counts. [tokens]';
comment on column staging.requests.billed_output_tokens is 'Output that is charged, where the provider bills other units than it counts. [tokens]';
comment on column staging.requests.total_tokens_reported is 'The provider''s own total, kept for audit. [tokens]';
comment on column staging.requests.usage_source is 'How complete the usage is. One of: final, last_cumulative, partial, none.';
comment on column staging.requests.reasoning_accounting is 'Whether the provider counts reasoning inside its output figure. One of: included, separate, none, ambiguous.';
comment on column staging.requests.usage_json is 'The raw usage object as canonical JSON, keys sorted, numbers as sent.';
comment on column staging.requests.usage_anomalies is 'Codes of the invariants that this usage breaks.';
comment on column staging.requests.cost_reported_usd is 'What the response itself says was charged. [USD]';
comment on column staging.requests.cost_reported_input_usd is 'Input share of the reported charge, where it is given. [USD]';
comment on column staging.requests.cost_reported_output_usd is 'Output share of the reported charge, where it is given. [USD]';
comment on column staging.requests.is_byok is 'The gateway says that the caller''s own provider key was used.';
comment on column staging.requests.upstream_cost_usd is 'What the gateway says the upstream provider charged. [USD]';
comment on column staging.requests.timing_source is 'The best clock that this recording has. One of: per_chunk, total, headers_only, server, none.';
comment on column staging.requests.arrival_origin is 'What arrived_ns counts from. One of: request, headers.';
comment on column staging.requests.headers_ns is 'Request sent to response headers complete. [ns]';
comment on column staging.requests.first_chunk_ns is 'Request sent to first data frame. [ns]';
comment on column staging.requests.ttft_ns is 'Request sent to first token-bearing frame, reasoning counted. [ns]';
comment on column staging.requests.first_output_ns is 'Request sent to first visible token-bearing frame, reasoning not counted. [ns]';
comment on column staging.requests.e2e_ns is 'Request sent to last token-bearing frame. [ns]';
comment on column staging.requests.duration_ns is 'Request sent to end of the response body. [ns]';
comment on column staging.requests.stream_span_ns is 'First to last token-bearing frame: e2e minus TTFT, known also where neither is. [ns]';
comment on column staging.requests.after_headers_ttft_ns is 'Response headers to first token-bearing frame: a lower bound of TTFT. [ns]';
comment on column staging.requests.after_headers_e2e_ns is 'Response headers to last token-bearing frame: a lower bound of e2e. [ns]';
comment on column staging.requests.server_queue_ns is 'Time in the queue, by the server''s own account. [ns]';
comment on column staging.requests.server_prefill_ns is 'Time on the prompt, by the server''s own account. [ns]';
comment on column staging.requests.server_decode_ns is 'Time on the completion, by the server''s own account. [ns]';
comment on column staging.requests.server_ttft_ns is 'Time to the first token or byte, by the server''s own account. [ns]';
comment on column staging.requests.server_total_ns is 'Time on the whole request, by the server''s own account. [ns]';
comment on column staging.requests.frame_count is 'Data frames, the [DONE] marker included, comments not; a JSON body is one.';
comment on column staging.requests.comment_count is 'Comments and bare keep-alives between the frames.';
comment on column staging.requests.token_frame_count is 'Token-bearing frames.';
comment on column staging.requests.reasoning_frame_count is 'Frames that carry reasoning.';
comment on column staging.requests.tool_frame_count is 'Frames that carry a tool call''s name or arguments.';
comment on column staging.requests.malformed_frame_count is 'Frames that could not be read.';
comment on column staging.requests.body_bytes is 'Response body, content coding removed. [bytes]';
comment on column staging.requests.text_bytes is 'Visible text in it, as UTF-8. [bytes]';
comment on column staging.requests.reasoning_bytes is 'Reasoning text in it, as UTF-8. [bytes]';
comment on column staging.requests.tool_bytes is 'Tool-call names and arguments in it, as UTF-8. [bytes]';
comment on column staging.requests.body_sha256 is 'SHA-256 of the response body, content coding removed.';
comment on column staging.requests.model is 'Model that answered, else the one that was asked for.';
comment on column staging.requests.tier is 'Service tier that served the request, else the one that was asked for.';
comment on column staging.requests.day is 'Day on which the request started, in the time zone of the session.';
comment on column staging.requests.finish_class is 'What finish_reason means over all dialects. One of: stop, length, tool_calls, content_filter, error, other.';
comment on column staging.requests.duplicate_of is 'The request that counts in place of this one, which was seen again in another recording; NULL when this one counts.';
comment on column staging.requests.is_counted is 'The row counts in marts: it is no duplicate, or duplicates are asked for.';
comment on column staging.requests.is_billable is 'The request may have been charged: all but those HTTP errors that report neither usage nor cost.';
comment on column staging.requests.tpot_ms is 'Time per output token: stream span over output tokens less one. NULL below two tokens or two token-bearing frames. [ms]';
comment on column staging.requests.decode_tok_s is 'Output tokens less one over the stream span. NULL where the span is 0 or tpot_ms is NULL. [tokens/s]';
comment on column staging.requests.e2e_tok_s is 'Output tokens over the time from the request to the last token-bearing frame. [tokens/s]';
comment on column staging.requests.server_tok_s is 'Output tokens over the decoding time, by the server''s own account. [tokens/s]';
comment on column staging.requests.by_gateway is 'The gateway, where the report is split by it; else NULL.';
comment on column staging.requests.by_provider is 'The provider, where the report is split by it; else NULL.';
comment on column staging.requests.by_model is 'The model, where the report is split by it; else NULL.';
comment on column staging.requests.by_api is 'The api, where the report is split by it; else NULL.';
comment on column staging.requests.by_project is 'The project, where the report is split by it; else NULL.';
comment on column staging.requests.by_source is 'The source, where the report is split by it; else NULL.';
comment on column staging.requests.by_user_label is 'The user label, where the report is split by it; else NULL.';
comment on column staging.requests.by_day is 'The day, where the report is split by it; else NULL.';
comment on column staging.requests.price_source is 'Whose price list it is and which release of it, or the line of prices.yaml.';
comment on column staging.requests.price_provider is 'Provider in that list.';
comment on column staging.requests.price_model is 'Model in that list.';
comment on column staging.requests.route_source is 'Price list of the provider behind the gateway.';
comment on column staging.requests.web_searches is 'Searches that the usage counts beside tokens and that are charged apart; NULL where it says nothing of them.';
comment on column staging.requests.charged_input_tokens is 'Input that is charged: billed_input_tokens where the provider bills other units, else input_tokens. [tokens]';
comment on column staging.requests.charged_output_tokens is 'Output that is charged: billed_output_tokens where the provider bills other units, else output_tokens. [tokens]';
comment on column staging.requests.price_status is 'Whether a price is known. One of: priced, free, unpriced, undated, tier_unknown.';
comment on column staging.requests.price_reason is 'Why there is no computed cost: no_price_list, unknown_provider, unknown_model, no_price_listed, no_token_price, undated, tier_unknown, no_usage, count_out_of_range, no_input_price, no_output_price, subset_exceeds_total or overlap_unknown.';
comment on column staging.requests.cost_computed_usd is 'Tokens, and searches, times list price, where both are known in full; 0 where the price is free. [USD]';
comment on column staging.requests.cost_lower_bound_usd is 'What the request cost at least: tokens known so far times list price; cost_bound_reason says what is missing. [USD]';
comment on column staging.requests.cost_route_usd is 'Tokens times the list price of the provider behind the gateway. [USD]';
comment on column staging.requests.unit_input_usd is 'List price: input. [USD per token]';
comment on column staging.requests.unit_cache_read_usd is 'List price: input read from a cache; NULL = charged as input. [USD per token]';
comment on column staging.requests.unit_cache_write_usd is 'List price: input written to a cache; NULL = charged as input. [USD per token]';
comment on column staging.requests.unit_cache_write_1h_usd is 'List price: input written to a cache for an hour; NULL = charged as any cache write. [USD per token]';
comment on column staging.requests.unit_input_audio_usd is 'List price: audio input; NULL = charged as input. [USD per token]';
comment on column staging.requests.unit_input_image_usd is 'List price: image input; NULL = charged as input. [USD per token]';
comment on column staging.requests.unit_output_usd is 'List price: output. [USD per token]';
comment on column staging.requests.unit_reasoning_usd is 'List price: reasoning; NULL = charged as output. [USD per token]';
comment on column staging.requests.unit_output_audio_usd is 'List price: audio output; NULL = charged as output. [USD per token]';
comment on column staging.requests.unit_output_image_usd is 'List price: image output; NULL = charged as output. [USD per token]';
comment on column staging.requests.unit_request_usd is 'List price: each request, whatever its size. [USD]';
comment on column staging.requests.unit_web_search_usd is 'List price: each search. [USD]';
comment on column staging.requests.cost_basis is 'Where cost_usd comes from, the first that applies. One of: reported, computed, lower_bound; NULL = cost unknown.';
comment on column staging.requests.cost_bound_reason is 'Why cost_usd is only a lower bound: output_incomplete, search_price_unknown, spend_outside_totals or byok_bill_unknown; else NULL.';
comment on column staging.requests.cost_usd is 'What the request cost: reported, else computed, else a lower bound; cost_basis says which. NULL = unknown. [USD]';
