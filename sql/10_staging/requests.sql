-- Requests with their cost: what was reported, what the price list says, and which of the two counts.
-- Money is worked out in decimal(38,24) and rounded once, half-even, at 1e-12. A list price is never put on a request whose usage
-- contradicts itself, and what is charged but not in the counts (a search without a price, a compaction, the rest of a cut stream)
-- makes it a lower bound.
-- after: priced_requests
-- passes on: live_requests, priced_requests
create or replace view staging.requests as
with
judged as (
    select
        *,
        case
            when _list_status is null then 'no_price_list'
            when _list_status <> 'priced' then _list_reason
            else staging.usage_fault(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image,
                _output, _reasoning, _output_audio, _output_image,
                _input_usd, _cache_read_usd, _cache_write_usd, _input_audio_usd, _input_image_usd,
                _output_usd, _reasoning_usd, _output_audio_usd, _output_image_usd
            )
        end as _fault,
        if(
            route_source is null, null, staging.usage_fault(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image,
                _output, _reasoning, _output_audio, _output_image,
                _route_input_usd, _route_cache_read_usd, _route_cache_write_usd, _route_input_audio_usd, _route_input_image_usd,
                _route_output_usd, _route_reasoning_usd, _route_output_audio_usd, _route_output_image_usd
            )
        ) as _route_fault,
        round_even(
            staging.input_cost(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image,
                _input_usd, _cache_read_usd, _cache_write_usd, _cache_write_1h_usd, _input_audio_usd, _input_image_usd
            ) + staging.output_cost(
                _output, _reasoning, _output_audio, _output_image,
                _output_usd, _reasoning_usd, _output_audio_usd, _output_image_usd
            ) + coalesce(_request_usd, 0) + staging.tokens(_searches) * coalesce(_web_search_usd, 0), 12
        ) as _by_list,
        round_even(
            staging.input_cost(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image,
                _route_input_usd, _route_cache_read_usd, _route_cache_write_usd, _route_cache_write_1h_usd,
                _route_input_audio_usd, _route_input_image_usd
            ) + staging.output_cost(
                _output, _reasoning, _output_audio, _output_image,
                _route_output_usd, _route_reasoning_usd, _route_output_audio_usd, _route_output_image_usd
            ) + coalesce(_route_request_usd, 0) + staging.tokens(_searches) * coalesce(_route_web_search_usd, 0), 12
        ) as _by_route
    from staging.priced_requests
),
listed as (
    select
        *,
        case when _list_status = 'priced' and _fault is null then _by_list when _list_status = 'free' and is_billable then 0 end
            as _list_cost,
        _fault is null and (_list_status = 'priced' or (_list_status = 'free' and is_billable)) as _is_listed,
        (_is_partial or _is_spent_outside or _is_search_unpriced) and _list_status = 'priced' as _is_bound,
        is_byok is true and upstream_cost_usd is null as _is_fee_only
    from judged
)
select
    columns(lambda name: not starts_with(name, '_')),
    _input as charged_input_tokens,
    _output as charged_output_tokens,
    _searches as web_searches,
    if(_list_status is null or (_list_status = 'priced' and _fault is not null), 'unpriced', _list_status) as price_status,
    _fault as price_reason,
    if(_is_bound, null, _list_cost) as cost_computed_usd,
    if(_is_bound, _list_cost, null) as cost_lower_bound_usd,
    if(
        _route_input_usd is not null and _route_output_usd is not null and _route_fault is null and _output is not null
        and not _is_partial and not _is_spent_outside and not _is_search_off_route,
        _by_route, null
    ) as cost_route_usd,
    _input_usd as unit_input_usd,
    _cache_read_usd as unit_cache_read_usd,
    _cache_write_usd as unit_cache_write_usd,
    _cache_write_1h_usd as unit_cache_write_1h_usd,
    _input_audio_usd as unit_input_audio_usd,
    _input_image_usd as unit_input_image_usd,
    _output_usd as unit_output_usd,
    _reasoning_usd as unit_reasoning_usd,
    _output_audio_usd as unit_output_audio_usd,
    _output_image_usd as unit_output_image_usd,
    _request_usd as unit_request_usd,
    _web_search_usd as unit_web_search_usd,
    case
        when cost_reported_usd is not null then if(_is_fee_only, 'lower_bound', 'reported')
        when _is_listed then if(_is_bound, 'lower_bound', 'computed')
    end as cost_basis,
    case
        when cost_reported_usd is not null then if(_is_fee_only, 'byok_bill_unknown', null)
        when not _is_listed or not _is_bound then null
        when _is_partial then 'output_incomplete'
        when _is_spent_outside then 'spend_outside_totals'
        else 'search_price_unknown'
    end as cost_bound_reason,
    coalesce(cost_reported_usd, _list_cost) as cost_usd
from listed;
comment on view staging.requests is 'Requests with their cost; duplicates are marked. Counted are the rows where is_counted is true.';
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
