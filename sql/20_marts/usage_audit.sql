-- Which identities the reported usage keeps, per host and dialect: how totals add up and where reasoning is counted.
-- by: gateway, model, project, source, user_label, day
-- show: server_address, api, requests, usage_final_requests, usage_partial_requests, usage_none_requests, total_requests, total_is_sum_requests, total_is_other_requests, reasoning_included_requests, reasoning_separate_requests, cache_exceeds_input_requests, anomalous_requests
create or replace view marts.usage_audit as
select
    server_address,
    provider,
    api,
    by_gateway as gateway,
    by_model as model,
    by_project as project,
    by_source as source,
    by_user_label as user_label,
    by_day as day,
    count(*) as requests,
    count(*) filter (where usage_source = 'final') as usage_final_requests,
    count(*) filter (where usage_source = 'last_cumulative') as usage_cumulative_requests,
    count(*) filter (where usage_source = 'partial') as usage_partial_requests,
    count(*) filter (where usage_source = 'none') as usage_none_requests,
    count(*) filter (where total_tokens_reported is not null and input_tokens is not null and output_tokens is not null) as total_requests,
    count(*) filter (where total_tokens_reported = input_tokens::hugeint + output_tokens) as total_is_sum_requests,
    count(*) filter (where reasoning_tokens > 0 and total_tokens_reported = input_tokens::hugeint + output_tokens - reasoning_tokens)
        as total_lacks_reasoning_requests,
    total_requests - total_is_sum_requests - total_lacks_reasoning_requests as total_is_other_requests,
    count(*) filter (where reasoning_tokens > 0) as reasoning_requests,
    count(*) filter (where reasoning_accounting = 'included') as reasoning_included_requests,
    count(*) filter (where reasoning_accounting = 'separate') as reasoning_separate_requests,
    count(*) filter (where reasoning_accounting = 'ambiguous') as reasoning_ambiguous_requests,
    count(*) filter (where cache_read_tokens > 0) as cache_read_requests,
    count(*) filter (where coalesce(cache_read_tokens, 0)::hugeint + coalesce(cache_write_tokens, 0) > input_tokens) as cache_exceeds_input_requests,
    count(*) filter (where billed_input_tokens <> input_tokens or billed_output_tokens <> output_tokens) as billed_differs_requests,
    count(*) filter (where len(usage_anomalies) > 0) as anomalous_requests
from staging.live_requests
where is_counted
group by all
order by requests desc, server_address, api;
comment on view marts.usage_audit is 'Which identities the reported usage keeps, per host and dialect: how totals add up and where reasoning is counted.';
comment on column marts.usage_audit.server_address is 'Host that was called; NULL = not recorded.';
comment on column marts.usage_audit.provider is 'Provider; NULL = not known.';
comment on column marts.usage_audit.api is 'Wire dialect.';
comment on column marts.usage_audit.gateway is 'Gateway, when split by it.';
comment on column marts.usage_audit.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.usage_audit.project is 'Project label, when split by it.';
comment on column marts.usage_audit.source is 'Recordings root, when split by it.';
comment on column marts.usage_audit.user_label is 'User label, when split by it.';
comment on column marts.usage_audit.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.usage_audit.requests is 'Requests counted, every attempt one.';
comment on column marts.usage_audit.usage_final_requests is 'Requests with a final usage.';
comment on column marts.usage_audit.usage_cumulative_requests is 'Requests whose usage is the last of cumulative reports.';
comment on column marts.usage_audit.usage_partial_requests is 'Requests whose usage is partial.';
comment on column marts.usage_audit.usage_none_requests is 'Requests without usage.';
comment on column marts.usage_audit.total_requests is 'Requests that report a total beside input and output: those that the next three split.';
comment on column marts.usage_audit.total_is_sum_requests is 'Total equals input and output.';
comment on column marts.usage_audit.total_lacks_reasoning_requests is 'Total equals input and output without reasoning.';
comment on column marts.usage_audit.total_is_other_requests is 'Total equals neither.';
comment on column marts.usage_audit.reasoning_requests is 'Requests that report reasoning tokens.';
comment on column marts.usage_audit.reasoning_included_requests is 'Reasoning was counted inside the output figure.';
comment on column marts.usage_audit.reasoning_separate_requests is 'Reasoning was counted beside it.';
comment on column marts.usage_audit.reasoning_ambiguous_requests is 'It is not certain which.';
comment on column marts.usage_audit.cache_read_requests is 'Requests that read from a cache.';
comment on column marts.usage_audit.cache_exceeds_input_requests is 'Requests whose cache reads and writes exceed their input.';
comment on column marts.usage_audit.billed_differs_requests is 'Requests that are charged for other counts than are reported.';
comment on column marts.usage_audit.anomalous_requests is 'Requests whose usage breaks any invariant.';
