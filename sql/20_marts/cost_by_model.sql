-- Spend, tokens and coverage per model.
-- by: gateway, provider, api, project, source, user_label, day
-- show: model, requests, cost_reads, cost_usd, coverage_pct, unpriced_requests, input_tokens, cache_read_tokens, output_tokens
create or replace view marts.cost_by_model as
select * from (
    select * exclude (spend), unnest(spend)
    from (
        select
            r.model_key as model,
            by_gateway as gateway,
            by_provider as provider,
            by_api as api,
            by_project as project,
            by_source as source,
            by_user_label as user_label,
            by_day as day,
            operation_class,
            string_agg(distinct r.model, ', ' order by r.model) as spellings,
            staging.spend(
                is_billable, cost_basis, cost_usd, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens
            ) as spend
        from staging.requests as r
        group by all
    )
)
order by cost_usd desc nulls last, model;
comment on view marts.cost_by_model is 'Spend, tokens and coverage per model.';
comment on column marts.cost_by_model.model is 'Model that answered, else the one asked for, under one name for all its spellings; NULL = not known.';
comment on column marts.cost_by_model.gateway is 'Gateway, when split by it.';
comment on column marts.cost_by_model.provider is 'Provider, when split by it.';
comment on column marts.cost_by_model.api is 'Wire dialect, when split by it.';
comment on column marts.cost_by_model.project is 'Project label, when split by it.';
comment on column marts.cost_by_model.source is 'Recordings root, when split by it.';
comment on column marts.cost_by_model.user_label is 'User label, when split by it.';
comment on column marts.cost_by_model.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.cost_by_model.operation_class is 'What was asked for. One of: generation, embeddings, rerank, transcription, speech, image_generation.';
comment on column marts.cost_by_model.spellings is 'The names under which it was answered or asked for.';
comment on column marts.cost_by_model.requests is 'Requests counted, every attempt one.';
comment on column marts.cost_by_model.billable_requests is 'Requests that may have been charged: all but HTTP errors that report neither usage nor cost, and those that are not charged by themselves.';
comment on column marts.cost_by_model.costed_requests is 'Requests whose cost is known in full, reported or computed.';
comment on column marts.cost_by_model.assumed_date_requests is 'Requests priced by the list at a date that was assumed, as the setting undated says.';
comment on column marts.cost_by_model.lower_bound_requests is 'Requests of which is only known what they cost at least (truncated streams).';
comment on column marts.cost_by_model.unpriced_requests is 'Billable requests of whose cost nothing is known; report unpriced says why.';
comment on column marts.cost_by_model.not_charged_requests is 'Requests that are not charged by themselves: answered by a gateway from its cache (0 USD), or paid for by a plan or a provisioned capacity.';
comment on column marts.cost_by_model.coverage_pct is 'Costed of billable requests. [%]';
comment on column marts.cost_by_model.cost_reads is 'How cost_usd must be read. One of: total, assumed (dates were), at least, unknown, nothing charged.';
comment on column marts.cost_by_model.cost_usd is 'Sum of all costs that are known, lower bounds included. [USD]';
comment on column marts.cost_by_model.reported_usd is 'Part of cost_usd that responses report. [USD]';
comment on column marts.cost_by_model.computed_usd is 'Part of cost_usd that is worked out from price lists. [USD]';
comment on column marts.cost_by_model.assumed_date_usd is 'Part of cost_usd that is worked out from price lists at a date that was assumed. [USD]';
comment on column marts.cost_by_model.lower_bound_usd is 'Part of cost_usd that is a lower bound. [USD]';
comment on column marts.cost_by_model.usage_requests is 'Requests with both token counts: those that the token sums below stand on in full.';
comment on column marts.cost_by_model.input_tokens is 'Input tokens reported, cache included. [tokens]';
comment on column marts.cost_by_model.cache_read_tokens is 'Part of input_tokens that was read from a cache. [tokens]';
comment on column marts.cost_by_model.output_tokens is 'Output tokens reported, reasoning included. [tokens]';
comment on column marts.cost_by_model.reasoning_tokens is 'Part of output_tokens that is reasoning. [tokens]';
