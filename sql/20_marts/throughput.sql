-- Tokens per second by provider and model, on the clock named in each row.
-- A client speed needs arrival times of tokens: time to headers is never divided by.
-- by: gateway, api, project, source, user_label, day
-- show: provider, model, timing_source, tpot_requests, decode_p50_tok_s, tpot_p50_ms, requests, output_tokens, server_requests, server_p50_tok_s, conclusion
create or replace view marts.throughput as
with
emitted as (
    select request_id, (epoch_us(max(server_created_at)) - epoch_us(min(server_created_at))) / 1e6 as span_s
    from staging.chunks
    where server_created_at is not null and is_token_bearing
    group by request_id
),
timed as (
    select r.*, if(r.output_tokens > 1 and e.span_s > 0, (r.output_tokens - 1) / e.span_s, null) as emitted_tok_s
    from staging.live_requests as r
    left join emitted as e on r.request_id = e.request_id
    where r.is_counted and r.operation_class = 'generation'
),
grouped as (
    select
        provider,
        model_key as model,
        by_gateway as gateway,
        by_api as api,
        by_project as project,
        by_source as source,
        by_user_label as user_label,
        by_day as day,
        timing_source,
        arrival_origin,
        count(*) as requests,
        staging.total(output_tokens) as output_tokens,
        count(tpot_ms) as tpot_requests,
        if(tpot_requests >= 2, quantile_cont(tpot_ms, 0.5), null) as tpot_p50_ms,
        if(tpot_requests >= 10, quantile_cont(tpot_ms, 0.9), null) as tpot_p90_ms,
        count(decode_tok_s) as decode_requests,
        if(decode_requests >= 2, quantile_cont(decode_tok_s, 0.5), null) as decode_p50_tok_s,
        sum(output_tokens - 1) filter (where decode_tok_s is not null)
        / (sum(stream_span_ns) filter (where decode_tok_s is not null) / 1e9) as decode_pooled_tok_s,
        count(*) filter (where decode_tok_s is not null and reasoning_tokens > 0 and reasoning_frame_count = 0) as hidden_reasoning_requests,
        count(e2e_tok_s) as e2e_requests,
        if(e2e_requests >= 2, quantile_cont(e2e_tok_s, 0.5), null) as e2e_p50_tok_s,
        count(server_tok_s) as server_requests,
        if(server_requests >= 2, quantile_cont(server_tok_s, 0.5), null) as server_p50_tok_s,
        count(emitted_tok_s) as server_emitted_requests,
        if(server_emitted_requests >= 2, quantile_cont(emitted_tok_s, 0.5), null) as server_emitted_p50_tok_s
    from timed
    group by all
)
select
    *,
    case
        when decode_requests > 0 then 'client speed observed'
        when timing_source = 'per_chunk' then 'arrivals recorded, but no stream has two tokens that arrive apart'
        when timing_source = 'total' then 'no client speed: only the total duration is known'
        when timing_source = 'headers_only' then 'no client speed: the clock stops at the headers'
        when server_requests > 0 or server_emitted_requests > 0 then 'server speed only'
        else 'no client speed: no time was recorded'
    end as conclusion
from grouped
order by provider nulls last, model nulls last, timing_source, arrival_origin;
comment on view marts.throughput is 'Tokens per second by provider and model, on the clock named in each row. A client speed needs arrival times of tokens: time to headers is never divided by.';
comment on column marts.throughput.provider is 'Provider; NULL = not known.';
comment on column marts.throughput.model is 'Model that answered, else the one asked for, under one name for all its spellings; NULL = not known.';
comment on column marts.throughput.gateway is 'Gateway, when split by it.';
comment on column marts.throughput.api is 'Wire dialect, when split by it.';
comment on column marts.throughput.project is 'Project label, when split by it.';
comment on column marts.throughput.source is 'Recordings root, when split by it.';
comment on column marts.throughput.user_label is 'User label, when split by it.';
comment on column marts.throughput.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.throughput.timing_source is 'The best clock of the recordings. One of: per_chunk, total, headers_only, server, none.';
comment on column marts.throughput.arrival_origin is 'What arrival times count from: request or headers; NULL = there are none.';
comment on column marts.throughput.requests is 'Requests counted, every attempt one.';
comment on column marts.throughput.output_tokens is 'Output tokens reported, reasoning included. [tokens]';
comment on column marts.throughput.tpot_requests is 'Requests whose time per output token was observed.';
comment on column marts.throughput.tpot_p50_ms is 'Median time per output token; NULL below 2 requests. [ms]';
comment on column marts.throughput.tpot_p90_ms is '90th percentile of time per output token; NULL below 10 requests. [ms]';
comment on column marts.throughput.decode_requests is 'Requests whose decoding speed was observed.';
comment on column marts.throughput.decode_p50_tok_s is 'Median decoding speed of a request; NULL below 2 requests. [tokens/s]';
comment on column marts.throughput.decode_pooled_tok_s is 'All tokens after the first over all stream spans. [tokens/s]';
comment on column marts.throughput.hidden_reasoning_requests is 'Of decode_requests, requests with reasoning that was not streamed: their tokens came before the first frame, so their speed reads too high.';
comment on column marts.throughput.e2e_requests is 'Requests whose end-to-end time was observed.';
comment on column marts.throughput.e2e_p50_tok_s is 'Median of output tokens over end-to-end time; NULL below 2 requests. [tokens/s]';
comment on column marts.throughput.server_requests is 'Requests whose server states its decoding time.';
comment on column marts.throughput.server_p50_tok_s is 'Median speed by the server''s own account; NULL below 2 requests. [tokens/s]';
comment on column marts.throughput.server_emitted_requests is 'Requests whose server stamps its frames (Ollama, watsonx): a second account of the same server.';
comment on column marts.throughput.server_emitted_p50_tok_s is 'Median of output tokens less one over the time between the stamps of the first and the last token-bearing frame; NULL below 2 requests. [tokens/s]';
comment on column marts.throughput.conclusion is 'What may be concluded about client speed.';
