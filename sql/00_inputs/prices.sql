-- The price dimension: unit prices by route, model, service tier, time and size of the input, resolved by llm_usage.pricing.resolve
-- once per combination that occurs in raw.requests. For every request exactly one row matches.
create or replace table raw.prices (
    gateway varchar,
    provider varchar,
    server_address varchar,
    request_model varchar,
    response_model varchar,
    tier varchar,
    speed varchar,
    traffic varchar,
    inference_region varchar,
    search_context varchar,
    is_dated boolean not null,
    is_date_assumed boolean not null,
    valid_from timestamptz,
    valid_until timestamptz,
    week_from_us bigint not null,
    week_until_us bigint not null,
    input_over bigint not null,
    input_upto bigint not null,
    price_status varchar not null,
    price_reason varchar,
    price_source varchar,
    price_provider varchar,
    price_model varchar,
    input_usd decimal(38, 24),
    cache_read_usd decimal(38, 24),
    cache_write_usd decimal(38, 24),
    cache_write_1h_usd decimal(38, 24),
    input_audio_usd decimal(38, 24),
    input_image_usd decimal(38, 24),
    output_usd decimal(38, 24),
    reasoning_usd decimal(38, 24),
    output_audio_usd decimal(38, 24),
    output_image_usd decimal(38, 24),
    request_usd decimal(38, 24),
    web_search_usd decimal(38, 24),
    unit_prices map(varchar, decimal(38, 24)),
    units_source varchar,
    route_source varchar,
    route_input_usd decimal(38, 24),
    route_cache_read_usd decimal(38, 24),
    route_cache_write_usd decimal(38, 24),
    route_cache_write_1h_usd decimal(38, 24),
    route_input_audio_usd decimal(38, 24),
    route_input_image_usd decimal(38, 24),
    route_output_usd decimal(38, 24),
    route_reasoning_usd decimal(38, 24),
    route_output_audio_usd decimal(38, 24),
    route_output_image_usd decimal(38, 24),
    route_request_usd decimal(38, 24),
    route_web_search_usd decimal(38, 24)
);
comment on table raw.prices is 'Unit prices by route, model, service tier, time and size of the input; for every request exactly one row matches.';
comment on column raw.prices.gateway is 'As in requests.';
comment on column raw.prices.provider is 'As in requests.';
comment on column raw.prices.server_address is 'As in requests.';
comment on column raw.prices.request_model is 'As in requests.';
comment on column raw.prices.response_model is 'As in requests.';
comment on column raw.prices.tier is 'Service tier that served the request, else the one that was asked for; as in staging.live_requests.';
comment on column raw.prices.speed is 'As in requests.';
comment on column raw.prices.traffic is 'As in requests.';
comment on column raw.prices.inference_region is 'As in requests.';
comment on column raw.prices.search_context is 'Size of the search context that the usage names (Perplexity), on which its fee depends.';
comment on column raw.prices.is_dated is 'True: for requests with a start time, within the bounds below. False: for undated requests.';
comment on column raw.prices.is_date_assumed is 'The price is that of a date which was assumed, as the setting undated says.';
comment on column raw.prices.valid_from is 'The price holds from this instant; NULL = always.';
comment on column raw.prices.valid_until is 'The price holds before this instant; NULL = still.';
comment on column raw.prices.week_from_us is 'Microsecond of the UTC week, Monday first, from which the price holds.';
comment on column raw.prices.week_until_us is 'Microsecond of the UTC week, Monday first, before which the price holds.';
comment on column raw.prices.input_over is 'The price holds for inputs of more than this many tokens; -1 = from nothing. [tokens]';
comment on column raw.prices.input_upto is 'The price holds for inputs of at most this many tokens. [tokens]';
comment on column raw.prices.price_status is 'One of: priced, free, unpriced, undated, tier_unknown.';
comment on column raw.prices.price_reason is 'Why there is no price.';
comment on column raw.prices.price_source is 'Whose list it is and which release of it, or the line of prices.yaml.';
comment on column raw.prices.price_provider is 'Provider in that list.';
comment on column raw.prices.price_model is 'Model in that list.';
comment on column raw.prices.input_usd is 'Input. [USD per token]';
comment on column raw.prices.cache_read_usd is 'Input read from a cache; NULL = charged as input. [USD per token]';
comment on column raw.prices.cache_write_usd is 'Input written to a cache; NULL = charged as input. [USD per token]';
comment on column raw.prices.cache_write_1h_usd is 'Input written to a cache for an hour; NULL = charged as any cache write. [USD per token]';
comment on column raw.prices.input_audio_usd is 'Audio input; NULL = charged as input. [USD per token]';
comment on column raw.prices.input_image_usd is 'Image input; NULL = charged as input. [USD per token]';
comment on column raw.prices.output_usd is 'Output. [USD per token]';
comment on column raw.prices.reasoning_usd is 'Reasoning; NULL = charged as output. [USD per token]';
comment on column raw.prices.output_audio_usd is 'Audio output; NULL = charged as output. [USD per token]';
comment on column raw.prices.output_image_usd is 'Image output; NULL = charged as output. [USD per token]';
comment on column raw.prices.request_usd is 'Each request, whatever its size. [USD]';
comment on column raw.prices.web_search_usd is 'Each search that the usage counts. [USD]';
comment on column raw.prices.unit_prices is 'Each of other units that billed_units names, searches among them. [USD]';
comment on column raw.prices.units_source is 'Where prices of units come from that the list lacks.';
comment on column raw.prices.route_source is 'List of the provider behind the gateway; NULL without a gateway or where that list lacks the model.';
comment on column raw.prices.route_input_usd is 'Input, by the list of the provider behind the gateway. [USD per token]';
comment on column raw.prices.route_cache_read_usd is 'Input read from a cache, by that list. [USD per token]';
comment on column raw.prices.route_cache_write_usd is 'Input written to a cache, by that list. [USD per token]';
comment on column raw.prices.route_cache_write_1h_usd is 'Input written to a cache for an hour, by that list. [USD per token]';
comment on column raw.prices.route_input_audio_usd is 'Audio input, by that list. [USD per token]';
comment on column raw.prices.route_input_image_usd is 'Image input, by that list. [USD per token]';
comment on column raw.prices.route_output_usd is 'Output, by that list. [USD per token]';
comment on column raw.prices.route_reasoning_usd is 'Reasoning, by that list. [USD per token]';
comment on column raw.prices.route_output_audio_usd is 'Audio output, by that list. [USD per token]';
comment on column raw.prices.route_output_image_usd is 'Image output, by that list. [USD per token]';
comment on column raw.prices.route_request_usd is 'Each request, by that list. [USD]';
comment on column raw.prices.route_web_search_usd is 'Each search, by that list. [USD]';
