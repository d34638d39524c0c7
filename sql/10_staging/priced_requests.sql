-- Requests beside what they may be charged by: the counts, the list price, the price of the route behind a gateway, and what is
-- charged but not in the counts. Where a provider charges other units than it counts (Cohere's billed_units), those are charged.
-- Columns that begin with _ are for working with: staging.requests says what they come to and leaves them out. They are plain
-- columns and no structs, which DuckDB plans 2.5 times as long.
-- after: live_requests
-- passes on: live_requests
create or replace view staging.priced_requests as
select
    r.*,
    p.price_source,
    p.price_provider,
    p.price_model,
    p.units_source,
    coalesce(p.is_date_assumed, false) as is_date_assumed,
    p.route_source,
    p.price_status as _list_status,
    p.price_reason as _list_reason,
    p.input_usd as _input_usd,
    p.cache_read_usd as _cache_read_usd,
    p.cache_write_usd as _cache_write_usd,
    p.cache_write_1h_usd as _cache_write_1h_usd,
    p.input_audio_usd as _input_audio_usd,
    p.input_image_usd as _input_image_usd,
    p.output_usd as _output_usd,
    p.reasoning_usd as _reasoning_usd,
    p.output_audio_usd as _output_audio_usd,
    p.output_image_usd as _output_image_usd,
    p.request_usd as _request_usd,
    p.web_search_usd as _web_search_usd,
    p.unit_prices as _unit_prices,
    p.unit_prices['cache_read_audio'] as _cache_read_audio_usd,
    p.unit_prices['cache_read_image'] as _cache_read_image_usd,
    p.route_input_usd as _route_input_usd,
    p.route_cache_read_usd as _route_cache_read_usd,
    p.route_cache_write_usd as _route_cache_write_usd,
    p.route_cache_write_1h_usd as _route_cache_write_1h_usd,
    p.route_input_audio_usd as _route_input_audio_usd,
    p.route_input_image_usd as _route_input_image_usd,
    p.route_output_usd as _route_output_usd,
    p.route_reasoning_usd as _route_reasoning_usd,
    p.route_output_audio_usd as _route_output_audio_usd,
    p.route_output_image_usd as _route_output_image_usd,
    p.route_request_usd as _route_request_usd,
    p.route_web_search_usd as _route_web_search_usd,
    coalesce(r.billed_input_tokens, r.input_tokens) as _input,
    if(r.billed_input_tokens is null, r.cache_read_tokens, null) as _cache_read,
    if(r.billed_input_tokens is null, r.cache_write_tokens, null) as _cache_write,
    if(r.billed_input_tokens is null, r.cache_write_1h_tokens, null) as _cache_write_1h,
    if(r.billed_input_tokens is null, r.input_audio_tokens, null) as _input_audio,
    if(r.billed_input_tokens is null, r.input_image_tokens, null) as _input_image,
    if(r.billed_input_tokens is null, r.cache_read_audio_tokens, null) as _cache_read_audio,
    if(r.billed_input_tokens is null, r.cache_read_image_tokens, null) as _cache_read_image,
    coalesce(r.billed_output_tokens, r.output_tokens) as _output,
    -- A part takes the place of its share of the output: of an output that is not known it could only take away.
    if(r.billed_output_tokens is null and r.output_tokens is not null, r.reasoning_tokens, null) as _reasoning,
    if(r.billed_output_tokens is null and r.output_tokens is not null, r.output_audio_tokens, null) as _output_audio,
    if(r.billed_output_tokens is null and r.output_tokens is not null, r.output_image_tokens, null) as _output_image,
    staging.web_searches(r.billed_units) as _searches,
    staging.units_cost(r.billed_units, p.unit_prices, p.web_search_usd, p.request_usd) as _units_cost,
    staging.unpriced_units(r.billed_units, p.unit_prices, p.web_search_usd, p.request_usd) as _unpriced_units,
    coalesce(len(r.billed_units) > 0 and len(_unpriced_units) = 0, false) as _is_every_unit_priced,
    -- Speech, transcription, pictures and ranking may be charged by the unit alone.
    r.operation_class <> 'generation' and _input is null and _output is null and _is_every_unit_priced as _is_by_unit,
    not _is_by_unit and (
        r.usage_source = 'partial'
        or (_output is null and r.operation_class not in ('embeddings', 'rerank')
            and (p.output_usd is not null or r.status in ('truncated', 'stream_error')))
        or (r.usage_source = 'last_cumulative' and r.status in ('truncated', 'stream_error'))
    ) or (_is_by_unit and coalesce(p.input_usd, 0) > 0) as _is_partial,
    coalesce(list_contains(r.usage_anomalies, 'hidden_output'), false) as _is_output_hidden,
    coalesce(list_contains(r.usage_anomalies, 'iterations_differ_from_total'), false) as _is_spent_outside,
    coalesce(len(r.billed_units) > coalesce(_searches, 0)::bool::int, false) and p.route_request_usd is null
    or (coalesce(_searches, 0) > 0 and p.route_web_search_usd is null and p.route_request_usd is null) as _is_unit_off_route
from staging.live_requests as r
left join raw.prices as p
    on r.gateway is not distinct from p.gateway
    and r.provider is not distinct from p.provider
    and r.server_address is not distinct from p.server_address
    and r.request_model is not distinct from p.request_model
    and r.response_model is not distinct from p.response_model
    and r.tier is not distinct from p.tier
    and r.speed is not distinct from p.speed
    and r.traffic is not distinct from p.traffic
    and r.inference_region is not distinct from p.inference_region
    and staging.usage_word(r.usage_json, 'search_context_size') is not distinct from p.search_context
    and (r.started_at is not null) = p.is_dated
    -- Undated requests have bounds only where the file's time is to stand for their own (`undated: file_time`).
    and (p.valid_from is null or coalesce(r.started_at, r.file_time) >= p.valid_from)
    and (p.valid_until is null or coalesce(r.started_at, r.file_time) < p.valid_until)
    -- The first day of 1970 was a Thursday, the week here begins with Monday.
    and coalesce(((epoch_us(coalesce(r.started_at, r.file_time)) + 259200000000) % 604800000000 + 604800000000) % 604800000000, 0) >= p.week_from_us
    and coalesce(((epoch_us(coalesce(r.started_at, r.file_time)) + 259200000000) % 604800000000 + 604800000000) % 604800000000, 0) < p.week_until_us
    and coalesce(r.billed_input_tokens, r.input_tokens, 0) > p.input_over
    and coalesce(r.billed_input_tokens, r.input_tokens, 0) <= p.input_upto;
comment on view staging.priced_requests is 'Requests beside what they may be charged by; staging.requests says what that comes to.';
comment on column staging.priced_requests.price_source is 'Whose price list it is and which release of it, or the line of prices.yaml.';
comment on column staging.priced_requests.price_provider is 'Provider in that list.';
comment on column staging.priced_requests.price_model is 'Model in that list.';
comment on column staging.priced_requests.units_source is 'Where the prices of units beside tokens come from that the list lacks.';
comment on column staging.priced_requests.is_date_assumed is 'The price is that of a date which was assumed, as the setting undated says.';
comment on column staging.priced_requests.route_source is 'Price list of the provider behind the gateway.';
