-- Requests as OpenTelemetry client spans, with the attribute names of the GenAI semantic conventions.
-- A span has an end only where one was observed: time is never invented.
-- show: start_time, end_time, name, status_code, gen_ai.provider.name, gen_ai.response.model, gen_ai.usage.input_tokens, gen_ai.usage.output_tokens, error.type
create or replace view marts.otel_spans as
select
    md5(r.logical_request_id) as trace_id,
    left(md5(r.request_id), 16) as span_id,
    coalesce(r.operation, 'chat') || coalesce(' ' || r.request_model, '') as name,
    'CLIENT' as kind,
    r.started_at as start_time,
    r.started_at + to_microseconds(coalesce(r.duration_ns, r.e2e_ns) // 1000) as end_time,
    if(r.status = 'ok', 'UNSET', 'ERROR') as status_code,
    r.operation as "gen_ai.operation.name",
    r.provider as "gen_ai.provider.name",
    r.request_model as "gen_ai.request.model",
    r.max_tokens as "gen_ai.request.max_tokens",
    r.temperature as "gen_ai.request.temperature",
    r.is_stream as "gen_ai.request.stream",
    r.response_id as "gen_ai.response.id",
    r.response_model as "gen_ai.response.model",
    if(r.finish_reason is null, null, [r.finish_reason]) as "gen_ai.response.finish_reasons",
    r.first_chunk_ns / 1e9 as "gen_ai.response.time_to_first_chunk",
    r.input_tokens as "gen_ai.usage.input_tokens",
    r.output_tokens as "gen_ai.usage.output_tokens",
    r.cache_read_tokens as "gen_ai.usage.cache_read.input_tokens",
    r.cache_write_tokens as "gen_ai.usage.cache_creation.input_tokens",
    r.reasoning_tokens as "gen_ai.usage.reasoning.output_tokens",
    if(r.provider = 'openai', r.service_tier_requested, null) as "openai.request.service_tier",
    if(r.provider = 'openai', r.service_tier, null) as "openai.response.service_tier",
    regexp_replace(r.server_address, ':[0-9]+$', '') as "server.address",
    try_cast(regexp_extract(r.server_address, ':([0-9]+)$', 1) as integer) as "server.port",
    r.url_path as "url.path",
    r.http_status as "http.response.status_code",
    if(r.status = 'ok', null, coalesce(r.error_type, r.error_code, if(r.status = 'http_error', r.http_status::varchar, r.status))) as "error.type",
    r.timing_source,
    r.started_at_source,
    r.request_id
from staging.live_requests as r
where r.is_counted;
comment on view marts.otel_spans is 'Requests as OpenTelemetry client spans, with the attribute names of the GenAI semantic conventions. A span has an end only where one was observed: time is never invented.';
comment on column marts.otel_spans.trace_id is 'Made from the logical request: attempts at one request share a trace.';
comment on column marts.otel_spans.span_id is 'Made from the request.';
comment on column marts.otel_spans.name is 'Operation and model.';
comment on column marts.otel_spans.kind is 'Always CLIENT.';
comment on column marts.otel_spans.start_time is 'When the request was sent, or the nearest instant known; started_at_source says which. [UTC]';
comment on column marts.otel_spans.end_time is 'End of the response; NULL unless observed. [UTC]';
comment on column marts.otel_spans.status_code is 'UNSET or ERROR.';
comment on column marts.otel_spans."gen_ai.operation.name" is 'What was asked for.';
comment on column marts.otel_spans."gen_ai.provider.name" is 'Who served.';
comment on column marts.otel_spans."gen_ai.request.model" is 'Model asked for.';
comment on column marts.otel_spans."gen_ai.request.max_tokens" is 'Limit on output tokens. [tokens]';
comment on column marts.otel_spans."gen_ai.request.temperature" is 'Sampling temperature.';
comment on column marts.otel_spans."gen_ai.request.stream" is 'The response was a stream.';
comment on column marts.otel_spans."gen_ai.response.id" is 'Identifier of the response.';
comment on column marts.otel_spans."gen_ai.response.model" is 'Model that answered.';
comment on column marts.otel_spans."gen_ai.response.finish_reasons" is 'Finish reasons, verbatim.';
comment on column marts.otel_spans."gen_ai.response.time_to_first_chunk" is 'Request sent to first data frame; NULL unless observed. [s]';
comment on column marts.otel_spans."gen_ai.usage.input_tokens" is 'All input, cache included. [tokens]';
comment on column marts.otel_spans."gen_ai.usage.output_tokens" is 'All output, reasoning included. [tokens]';
comment on column marts.otel_spans."gen_ai.usage.cache_read.input_tokens" is 'Input read from a cache. [tokens]';
comment on column marts.otel_spans."gen_ai.usage.cache_creation.input_tokens" is 'Input written to a cache. [tokens]';
comment on column marts.otel_spans."gen_ai.usage.reasoning.output_tokens" is 'Output that is reasoning. [tokens]';
comment on column marts.otel_spans."openai.request.service_tier" is 'Service tier asked for, of OpenAI.';
comment on column marts.otel_spans."openai.response.service_tier" is 'Service tier that served, of OpenAI.';
comment on column marts.otel_spans."server.address" is 'Host that was called.';
comment on column marts.otel_spans."server.port" is 'Port, where it is not the default.';
comment on column marts.otel_spans."url.path" is 'Path that was called.';
comment on column marts.otel_spans."http.response.status_code" is 'HTTP status code.';
comment on column marts.otel_spans."error.type" is 'What went wrong; NULL when nothing did.';
comment on column marts.otel_spans.timing_source is 'The best clock of the recordings. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.otel_spans.started_at_source is 'Where start_time comes from.';
comment on column marts.otel_spans.request_id is 'The request.';
