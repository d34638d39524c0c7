-- One model over its routes: price, reliability and speed of each gateway and provider that served it.
-- by: api, project, source, user_label, day
-- show: model_key, gateway, provider, requests, ok_pct, http_429_pct, cost_requests, blended_usd_per_mtok, output_pct, ttft_requests, ttft_p50_ms, decode_p50_tok_s, headers_p50_ms, timing_sources
create or replace view marts.provider_compare as
with
keyed as (
    select
        *,
        cost_basis in ('reported', 'computed') and input_tokens is not null and output_tokens is not null as is_whole
    from staging.requests
    where operation_class = 'generation'
),
compared as (
    select
        model_key,
        gateway,
        provider,
        by_api as api,
        by_project as project,
        by_source as source,
        by_user_label as user_label,
        by_day as day,
        count(*) as requests,
        count(*) filter (where status = 'ok') as ok_requests,
        staging.pct(ok_requests, requests) as ok_pct,
        staging.pct(count(*) filter (where http_status = 429), requests) as http_429_pct,
        count(*) filter (where is_whole) as cost_requests,
        1e6 * sum(cost_usd) filter (where is_whole)
        / nullif(sum(input_tokens::hugeint + output_tokens) filter (where is_whole), 0) as blended_usd_per_mtok,
        staging.pct(sum(output_tokens) filter (where is_whole),
            sum(input_tokens::hugeint + output_tokens) filter (where is_whole)) as output_pct,
        count(ttft_ns) as ttft_requests,
        staging.quantile_ms(ttft_ns, 0.5, 2) as ttft_p50_ms,
        staging.quantile_ms(ttft_ns, 0.9, 10) as ttft_p90_ms,
        count(decode_tok_s) as decode_requests,
        if(decode_requests >= 2, quantile_cont(decode_tok_s, 0.5), null) as decode_p50_tok_s,
        count(headers_ns) as headers_requests,
        staging.quantile_ms(headers_ns, 0.5, 2) as headers_p50_ms,
        concat_ws(
            ', ',
            if(count(*) filter (where timing_source = 'per_chunk') > 0, 'per_chunk', null),
            if(count(*) filter (where timing_source = 'total') > 0, 'total', null),
            if(count(*) filter (where timing_source = 'headers_only') > 0, 'headers_only', null),
            if(count(*) filter (where timing_source = 'server') > 0, 'server', null),
            if(count(*) filter (where timing_source = 'none') > 0, 'none', null)
        ) as timing_sources
    from keyed as r
    group by all
)
select *, count(*) over (partition by model_key)::bigint as routes
from compared
where model_key is not null
order by routes desc, model_key, requests desc, gateway, provider;
comment on view marts.provider_compare is 'One model over its routes: price, reliability and speed of each gateway and provider that served it.';
comment on column marts.provider_compare.model_key is 'Model without vendor, path and routing suffix, in lower case.';
comment on column marts.provider_compare.gateway is 'Gateway; NULL = called directly, or not known.';
comment on column marts.provider_compare.provider is 'Provider; NULL = not known.';
comment on column marts.provider_compare.api is 'Wire dialect, when split by it.';
comment on column marts.provider_compare.project is 'Project label, when split by it.';
comment on column marts.provider_compare.source is 'Recordings root, when split by it.';
comment on column marts.provider_compare.user_label is 'User label, when split by it.';
comment on column marts.provider_compare.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.provider_compare.requests is 'Requests counted, every attempt one.';
comment on column marts.provider_compare.ok_requests is 'Requests that ended well.';
comment on column marts.provider_compare.ok_pct is 'ok_requests of requests. [%]';
comment on column marts.provider_compare.http_429_pct is 'Share of requests refused for too many requests. [%]';
comment on column marts.provider_compare.cost_requests is 'Requests with a full cost and both token counts: those that blended_usd_per_mtok stands on.';
comment on column marts.provider_compare.blended_usd_per_mtok is 'Cost over all tokens. [USD per million tokens]';
comment on column marts.provider_compare.output_pct is 'Share of output in those tokens; blended prices compare only at like shares. [%]';
comment on column marts.provider_compare.ttft_requests is 'Requests whose time to first token was observed by the client.';
comment on column marts.provider_compare.ttft_p50_ms is 'Median time to first token; NULL below 2 requests. [ms]';
comment on column marts.provider_compare.ttft_p90_ms is '90th percentile of time to first token; NULL below 10 requests. [ms]';
comment on column marts.provider_compare.decode_requests is 'Requests whose decoding speed was observed by the client.';
comment on column marts.provider_compare.decode_p50_tok_s is 'Median decoding speed; NULL below 2 requests. [tokens/s]';
comment on column marts.provider_compare.headers_requests is 'Requests whose time to headers was observed.';
comment on column marts.provider_compare.headers_p50_ms is 'Median time to headers, a lower bound of time to first token; NULL below 2 requests. [ms]';
comment on column marts.provider_compare.timing_sources is 'Clocks of these requests.';
comment on column marts.provider_compare.routes is 'Rows of this model.';
