-- Requests with their cost: what was reported, what the price list says, and which of the two counts.
-- Money is worked out in decimal(38,24) and rounded once, half-even, at 1e-12. A list price is never put on a request whose usage
-- contradicts itself, and what is charged but not in the counts (a search without a price, a compaction, the rest of a cut stream)
-- makes it a lower bound.
-- after: priced_requests
-- passes on: live_requests, priced_requests
create or replace view staging.all_requests as
with
judged as (
    select
        *,
        case
            -- The response says what was charged, and not in USD: a price list would give another charge.
            when cost_reported_usd is null and cost_other is not null then 'other_currency'
            when _list_status is null then 'no_price_list'
            when _list_status <> 'priced' then _list_reason
            when _is_by_unit then null
            else staging.usage_fault(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image, _cache_read_audio,
                _cache_read_image, _output, _reasoning, _output_audio, _output_image,
                _input_usd, _cache_read_usd, _cache_write_usd, _input_audio_usd, _input_image_usd,
                _cache_read_audio_usd, _cache_read_image_usd,
                _output_usd, _reasoning_usd, _output_audio_usd, _output_image_usd
            )
        end as _fault,
        if(
            route_source is null, null, staging.usage_fault(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image, _cache_read_audio,
                _cache_read_image, _output, _reasoning, _output_audio, _output_image,
                _route_input_usd, _route_cache_read_usd, _route_cache_write_usd, _route_input_audio_usd, _route_input_image_usd, null, null,
                _route_output_usd, _route_reasoning_usd, _route_output_audio_usd, _route_output_image_usd
            )
        ) as _route_fault,
        round_even(
            staging.input_cost(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image, _cache_read_audio, _cache_read_image,
                _input_usd, _cache_read_usd, _cache_write_usd, _cache_write_1h_usd, _input_audio_usd, _input_image_usd,
                _cache_read_audio_usd, _cache_read_image_usd
            ) + staging.output_cost(
                _output, _reasoning, _output_audio, _output_image,
                _output_usd, _reasoning_usd, _output_audio_usd, _output_image_usd
            ) + coalesce(_request_usd, 0) + _units_cost, 12
        ) as _by_list,
        round_even(
            staging.input_cost(
                _input, _cache_read, _cache_write, _cache_write_1h, _input_audio, _input_image, null, null,
                _route_input_usd, _route_cache_read_usd, _route_cache_write_usd, _route_cache_write_1h_usd,
                _route_input_audio_usd, _route_input_image_usd, null, null
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
        case when _fault is not null then null when _list_status = 'priced' then _by_list when _list_status = 'free' and is_billable then 0 end
            as _list_cost,
        _fault is null and (_list_status = 'priced' or (_list_status = 'free' and is_billable)) as _is_listed,
        (_is_partial or _is_output_hidden or _is_spent_outside or len(_unpriced_units) > 0) and _list_status = 'priced' as _is_bound,
        is_byok is true and upstream_cost_usd is null as _is_fee_only
    from judged
)
select
    columns(lambda name: not starts_with(name, '_')),
    _input as charged_input_tokens,
    _output as charged_output_tokens,
    _searches as web_searches,
    _unpriced_units as unpriced_units,
    if(_list_status is null or (_list_status in ('priced', 'free') and _fault is not null), 'unpriced', _list_status) as price_status,
    _fault as price_reason,
    if(_is_bound, null, _list_cost) as cost_computed_usd,
    if(_is_bound, _list_cost, null) as cost_lower_bound_usd,
    if(
        _route_input_usd is not null and _route_output_usd is not null and _route_fault is null and _output is not null
        and not _is_partial and not _is_output_hidden and not _is_spent_outside and not _is_unit_off_route,
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
    _cache_read_audio_usd as unit_cache_read_audio_usd,
    _cache_read_image_usd as unit_cache_read_image_usd,
    _unit_prices as unit_prices,
    case
        when not_charged_because is not null then 'not_charged'
        when cost_reported_usd is not null then if(_is_fee_only, 'lower_bound', 'reported')
        when _is_listed then if(_is_bound, 'lower_bound', if(is_date_assumed, 'assumed_date', 'computed'))
    end as cost_basis,
    case
        when not_charged_because is not null then null
        when cost_reported_usd is not null then if(_is_fee_only, 'byok_bill_unknown', null)
        when not _is_listed or not _is_bound then null
        when _is_partial then 'output_incomplete'
        when _is_output_hidden then 'output_hidden'
        when _is_spent_outside then 'spend_outside_totals'
        when list_contains(_unpriced_units, 'web_search') then 'search_price_unknown'
        else 'unit_price_unknown'
    end as cost_bound_reason,
    case
        when not_charged_because = 'gateway_cache_hit' then 0
        when not_charged_because is null then coalesce(cost_reported_usd, _list_cost)
    end::decimal(38, 12) as cost_usd
from listed;
comment on view staging.all_requests is 'Every request with its cost, repeats of the same response included and marked; the view requests holds those that count.';
comment on column staging.all_requests.web_searches is 'Searches that are charged apart from tokens, of billed_units; NULL where nothing is said of them.';
comment on column staging.all_requests.charged_input_tokens is 'Input that is charged: billed_input_tokens where the provider bills other units, else input_tokens. [tokens]';
comment on column staging.all_requests.charged_output_tokens is 'Output that is charged: billed_output_tokens where the provider bills other units, else output_tokens. [tokens]';
comment on column staging.all_requests.unpriced_units is 'Units of billed_units that are charged and for which no list has a price; none is the empty list.';
comment on column staging.all_requests.price_status is 'Whether a price is known. One of: priced, free, unpriced, undated, tier_unknown.';
comment on column staging.all_requests.price_reason is 'Why there is no computed cost: no_price_list, unknown_provider, unknown_model, alias_moved, alias_ended, price_changed_unseen, no_price_listed, no_token_price, speed_unknown, traffic_unknown, region_unknown, undated, tier_unknown, no_usage, count_out_of_range, no_input_price, no_output_price, subset_exceeds_total, overlap_unknown, or other_currency: the response says what was charged, and not in USD.';
comment on column staging.all_requests.cost_computed_usd is 'Tokens, and units beside them, times list price, where both are known in full; 0 where the price is free. [USD]';
comment on column staging.all_requests.cost_lower_bound_usd is 'What the request cost at least: tokens known so far times list price; cost_bound_reason says what is missing. [USD]';
comment on column staging.all_requests.cost_route_usd is 'Tokens times the list price of the provider behind the gateway. [USD]';
comment on column staging.all_requests.unit_input_usd is 'List price: input. [USD per token]';
comment on column staging.all_requests.unit_cache_read_usd is 'List price: input read from a cache; NULL = charged as input. [USD per token]';
comment on column staging.all_requests.unit_cache_write_usd is 'List price: input written to a cache; NULL = charged as input. [USD per token]';
comment on column staging.all_requests.unit_cache_write_1h_usd is 'List price: input written to a cache for an hour; NULL = charged as any cache write. [USD per token]';
comment on column staging.all_requests.unit_input_audio_usd is 'List price: audio input; NULL = charged as input. [USD per token]';
comment on column staging.all_requests.unit_input_image_usd is 'List price: image input; NULL = charged as input. [USD per token]';
comment on column staging.all_requests.unit_output_usd is 'List price: output. [USD per token]';
comment on column staging.all_requests.unit_reasoning_usd is 'List price: reasoning; NULL = charged as output. [USD per token]';
comment on column staging.all_requests.unit_output_audio_usd is 'List price: audio output; NULL = charged as output. [USD per token]';
comment on column staging.all_requests.unit_output_image_usd is 'List price: image output; NULL = charged as output. [USD per token]';
comment on column staging.all_requests.unit_request_usd is 'List price: each request, whatever its size. [USD]';
comment on column staging.all_requests.unit_web_search_usd is 'List price: each search. [USD]';
comment on column staging.all_requests.unit_cache_read_audio_usd is 'List price: audio input read from a cache; NULL = the list has none. [USD per token]';
comment on column staging.all_requests.unit_cache_read_image_usd is 'List price: image input read from a cache; NULL = the list has none. [USD per token]';
comment on column staging.all_requests.unit_prices is 'List prices of units beside tokens, searches among them, as billed_units names them. [USD]';
comment on column staging.all_requests.cost_basis is 'Where cost_usd comes from, the first that applies. One of: not_charged, reported, computed, assumed_date (by the list, at a date that was assumed), lower_bound; NULL = cost unknown.';
comment on column staging.all_requests.cost_bound_reason is 'Why cost_usd is only a lower bound: output_incomplete, output_hidden, spend_outside_totals, search_price_unknown, unit_price_unknown or byok_bill_unknown; else NULL.';
comment on column staging.all_requests.cost_usd is 'What the request cost: reported, else computed, else a lower bound; cost_basis says which. 0 where a gateway answered from its own cache. NULL = unknown, or paid for by a plan or a provisioned capacity. [USD]';
