-- What totals miss: requests that may have been charged and whose cost is unknown, or known only as a lower bound, and why.
-- by: api, project, source, user_label, day
-- show: reason, provider, model, requests, cost_reads, input_tokens, output_tokens, lower_bound_usd, gateway, tier, remedy
create or replace view marts.unpriced as
select
    if(cost_usd is null, 'unknown', 'at least') as cost_reads,
    price_status,
    if(cost_usd is null, price_reason, cost_bound_reason) as reason,
    gateway,
    provider,
    model,
    tier,
    operation_class,
    cost_currency as currency,
    by_api as api,
    by_project as project,
    by_source as source,
    by_user_label as user_label,
    by_day as day,
    count(*) as requests,
    staging.total(input_tokens) as input_tokens,
    staging.total(output_tokens) as output_tokens,
    sum(cost_usd)::decimal(38, 12) as lower_bound_usd,
    sum(cost_other)::decimal(38, 12) as cost_other,
    string_agg(distinct array_to_string(unpriced_units, ', '), ', ' order by array_to_string(unpriced_units, ', ')) filter (where len(unpriced_units) > 0)
        as unpriced_units,
    case reason
        when 'output_incomplete' then 'The output is not known in full: what is known is charged at least.'
        when 'output_hidden' then 'The total exceeds input and output: hidden output (thinking) is charged, and its count is not told apart.'
        when 'search_price_unknown' then 'Searches are charged beside tokens, and no list has a price for them: give `web_search:` in prices.yaml.'
        when 'unit_price_unknown' then 'Units beside tokens are charged (column unpriced_units), and no list has a price for them: give it under `units:` in prices.yaml.'
        when 'other_currency' then 'The charge is known in another currency (columns cost_other, currency) and is in no sum of USD.'
        when 'speed_unknown' then 'The list has no price for this speed at that time: give one under `speed:` in prices.yaml.'
        when 'traffic_unknown' then 'The list has no price for this kind of traffic at that time: give one under `traffic:` in prices.yaml.'
        when 'region_unknown' then 'The list has no price for this region of inference at that time: give one under `region:` in prices.yaml.'
        when 'spend_outside_totals' then 'The usage names rounds that its totals leave out (a compaction, an advisor): they are charged on top.'
        when 'byok_bill_unknown' then 'Your own key was used and the provider''s bill is not reported: only the gateway''s fee is known.'
        when 'unknown_provider' then 'Give the price under `server:` or `provider:` in prices.yaml.'
        when 'unknown_model' then 'Give the price under `model:` in prices.yaml, name a further list under `price_lists:`, or use a newer genai-prices.'
        when 'no_price_listed' then 'The list knows the model but no price of it: give one in prices.yaml.'
        when 'alias_moved' then 'The name means another model since a known date, and no source says which price it has: give one in prices.yaml.'
        when 'alias_ended' then 'The name was switched off before that date: who answered under it, and at what price, is not known. Give one in prices.yaml.'
        when 'price_changed_unseen' then 'The price changed about that date, and no source says what it was: give one in prices.yaml.'
        when 'no_token_price' then 'The list charges by something other than tokens, and how much of it was used is not told or has no price.'
        when 'tier_unknown' then 'The list has no price for this service tier at that time: give one under `tier:` in prices.yaml.'
        when 'undated' then 'No start is known, and the price has changed over time. `undated: latest` or `file_time` in llm-usage.yaml assumes a date; an entry without dates in prices.yaml prices such requests.'
        when 'no_usage' then 'The response reports no tokens. Ask for them (stream_options.include_usage) when recording.'
        when 'subset_exceeds_total' then 'The usage contradicts itself: more cached or reasoning tokens than there are in all.'
        when 'overlap_unknown' then 'Cached and audio or image tokens overlap: the usage does not say how much, or the list has no price for that part.'
        when 'no_input_price' then 'The list has no price for input: give one in prices.yaml.'
        when 'no_output_price' then 'The list has no price for output: give one in prices.yaml.'
        when 'count_out_of_range' then 'A token count is beyond all reason.'
        when 'no_price_list' then 'No price list was given to this connection.'
    end as remedy
from staging.requests as r
where is_billable and (cost_usd is null or cost_basis = 'lower_bound')
group by all
order by requests desc, reason, gateway, provider, model;
comment on view marts.unpriced is 'What totals miss: requests that may have been charged and whose cost is unknown, or known only as a lower bound, and why.';
comment on column marts.unpriced.cost_reads is 'What is known of the cost. One of: unknown, at least.';
comment on column marts.unpriced.price_status is 'Whether a price is known. One of: priced, free, unpriced, undated, tier_unknown.';
comment on column marts.unpriced.reason is 'Why the cost is not known in full.';
comment on column marts.unpriced.gateway is 'Gateway; NULL = called directly, or not known.';
comment on column marts.unpriced.provider is 'Provider; NULL = not known.';
comment on column marts.unpriced.model is 'Model that answered, else the one asked for; NULL = not known.';
comment on column marts.unpriced.tier is 'Service tier that served the requests, else the one that was asked for.';
comment on column marts.unpriced.operation_class is 'What was asked for. One of: generation, embeddings, rerank, transcription, speech, image_generation.';
comment on column marts.unpriced.currency is 'Currency of cost_other, where the response says what was charged and not in USD.';
comment on column marts.unpriced.api is 'Wire dialect, when split by it.';
comment on column marts.unpriced.project is 'Project label, when split by it.';
comment on column marts.unpriced.source is 'Recordings root, when split by it.';
comment on column marts.unpriced.user_label is 'User label, when split by it.';
comment on column marts.unpriced.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.unpriced.requests is 'Requests counted, every attempt one.';
comment on column marts.unpriced.input_tokens is 'Input tokens reported. [tokens]';
comment on column marts.unpriced.output_tokens is 'Output tokens reported. [tokens]';
comment on column marts.unpriced.lower_bound_usd is 'What these requests cost at least; NULL = nothing is known. [USD]';
comment on column marts.unpriced.cost_other is 'What responses say was charged in that currency; never part of a sum of USD. [currency]';
comment on column marts.unpriced.unpriced_units is 'Units beside tokens that are charged and have no price.';
comment on column marts.unpriced.remedy is 'What can be done about it.';
