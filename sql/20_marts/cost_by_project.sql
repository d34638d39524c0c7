-- Spend, tokens and coverage per project and user label.
-- by: gateway, provider, model, api, source, day
-- show: project, requests, cost_reads, cost_usd, coverage_pct, unpriced_requests, input_tokens, cache_read_tokens, output_tokens
create or replace view marts.cost_by_project as
select * from (
    select * exclude (spend), unnest(spend)
    from (
        select
            project,
            user_label,
            by_gateway as gateway,
            by_provider as provider,
            by_model as model,
            by_api as api,
            by_source as source,
            by_day as day,
            operation_class,
            staging.spend(
                is_billable, cost_basis, cost_usd, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens
            ) as spend
        from staging.requests as r
        group by all
    )
)
order by cost_usd desc nulls last, project, user_label;
comment on view marts.cost_by_project is 'Spend, tokens and coverage per project and user label.';
comment on column marts.cost_by_project.project is 'Project label; NULL = not known.';
comment on column marts.cost_by_project.user_label is 'User label; NULL = not known.';
comment on column marts.cost_by_project.gateway is 'Gateway, when split by it.';
comment on column marts.cost_by_project.provider is 'Provider, when split by it.';
comment on column marts.cost_by_project.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.cost_by_project.api is 'Wire dialect, when split by it.';
comment on column marts.cost_by_project.source is 'Recordings root, when split by it.';
comment on column marts.cost_by_project.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.cost_by_project.operation_class is 'What was asked for. One of: generation, embeddings, rerank, transcription, speech, image_generation.';
comment on column marts.cost_by_project.requests is 'Requests counted, every attempt one.';
comment on column marts.cost_by_project.billable_requests is 'Requests that may have been charged: all but HTTP errors that report neither usage nor cost, and those that are not charged by themselves.';
comment on column marts.cost_by_project.costed_requests is 'Requests whose cost is known in full, reported or computed.';
comment on column marts.cost_by_project.assumed_date_requests is 'Requests priced by the list at a date that was assumed, as the setting undated says.';
comment on column marts.cost_by_project.lower_bound_requests is 'Requests of which is only known what they cost at least (truncated streams).';
comment on column marts.cost_by_project.unpriced_requests is 'Billable requests of whose cost nothing is known; report unpriced says why.';
comment on column marts.cost_by_project.not_charged_requests is 'Requests that are not charged by themselves: answered by a gateway from its cache (0 USD), or paid for by a plan or a provisioned capacity.';
comment on column marts.cost_by_project.coverage_pct is 'Costed of billable requests. [%]';
comment on column marts.cost_by_project.cost_reads is 'How cost_usd must be read. One of: total, assumed (dates were), at least, unknown, nothing charged.';
comment on column marts.cost_by_project.cost_usd is 'Sum of all costs that are known, lower bounds included. [USD]';
comment on column marts.cost_by_project.reported_usd is 'Part of cost_usd that responses report. [USD]';
comment on column marts.cost_by_project.computed_usd is 'Part of cost_usd that is worked out from price lists. [USD]';
comment on column marts.cost_by_project.assumed_date_usd is 'Part of cost_usd that is worked out from price lists at a date that was assumed. [USD]';
comment on column marts.cost_by_project.lower_bound_usd is 'Part of cost_usd that is a lower bound. [USD]';
comment on column marts.cost_by_project.usage_requests is 'Requests with both token counts: those that the token sums below stand on in full.';
comment on column marts.cost_by_project.input_tokens is 'Input tokens reported, cache included. [tokens]';
comment on column marts.cost_by_project.cache_read_tokens is 'Part of input_tokens that was read from a cache. [tokens]';
comment on column marts.cost_by_project.output_tokens is 'Output tokens reported, reasoning included. [tokens]';
comment on column marts.cost_by_project.reasoning_tokens is 'Part of output_tokens that is reasoning. [tokens]';
