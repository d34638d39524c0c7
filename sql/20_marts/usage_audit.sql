-- Which identities the reported usage keeps, per host and dialect: how totals add up and where reasoning is counted.
-- by: gateway, model, project, source, user_label, day
-- show: server_address, api, requests, usage_final_n, usage_partial_n, usage_none_n, total_n, total_is_sum_n, total_is_other_n, reasoning_included_n, reasoning_separate_n, cache_exceeds_input_n, anomalous_n
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
    count(*) filter (where usage_source = 'final') as usage_final_n,
    count(*) filter (where usage_source = 'last_cumulative') as usage_cumulative_n,
    count(*) filter (where usage_source = 'partial') as usage_partial_n,
    count(*) filter (where usage_source = 'none') as usage_none_n,
    count(*) filter (where total_tokens_reported is not null and input_tokens is not null and output_tokens is not null) as total_n,
    count(*) filter (where total_tokens_reported = input_tokens::hugeint + output_tokens) as total_is_sum_n,
    count(*) filter (where reasoning_tokens > 0 and total_tokens_reported = input_tokens::hugeint + output_tokens - reasoning_tokens)
        as total_lacks_reasoning_n,
    total_n - total_is_sum_n - total_lacks_reasoning_n as total_is_other_n,
    count(*) filter (where reasoning_tokens > 0) as reasoning_n,
    count(*) filter (where reasoning_accounting = 'included') as reasoning_included_n,
    count(*) filter (where reasoning_accounting = 'separate') as reasoning_separate_n,
    count(*) filter (where reasoning_accounting = 'ambiguous') as reasoning_ambiguous_n,
    count(*) filter (where cache_read_tokens > 0) as cache_read_n,
    count(*) filter (where coalesce(cache_read_tokens, 0)::hugeint + coalesce(cache_write_tokens, 0) > input_tokens) as cache_exceeds_input_n,
    count(*) filter (where billed_input_tokens <> input_tokens or billed_output_tokens <> output_tokens) as billed_differs_n,
    count(*) filter (where len(usage_anomalies) > 0) as anomalous_n
from staging.live_requests
where is_counted
group by all
order by requests desc, server_address, api;
comment on view marts.usage_audit is 'Which identities the reported usage keeps, per host and dialect: how totals add up and where reasoning is counted.';
comment on column marts.usage_audit.server_address is 'Host that was called; NULL = not recorded.';
comment on column marts.usage_audit.provider is 'Provider; NULL = not known.';
comment on column marts.usage_audit.api is 'Wire dialect.';
comment on column marts.usage_audit.gateway is 'Gateway, when split by it.';
comment on column marts.usage_audit.model is 'Model that answered, else the one asked for, when split by it.';
comment on column marts.usage_audit.project is 'Project label, when split by it.';
comment on column marts.usage_audit.source is 'Recordings root, when split by it.';
comment on column marts.usage_audit.user_label is 'User label, when split by it.';
comment on column marts.usage_audit.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.usage_audit.requests is 'Requests counted, every attempt one.';
comment on column marts.usage_audit.usage_final_n is 'Requests with a final usage.';
comment on column marts.usage_audit.usage_cumulative_n is 'Requests whose usage is the last of cumulative reports.';
comment on column marts.usage_audit.usage_partial_n is 'Requests whose usage is partial.';
comment on column marts.usage_audit.usage_none_n is 'Requests without usage.';
comment on column marts.usage_audit.total_n is 'Requests that report a total beside input and output: those that the next three split.';
comment on column marts.usage_audit.total_is_sum_n is 'Total equals input and output.';
comment on column marts.usage_audit.total_lacks_reasoning_n is 'Total equals input and output without reasoning.';
comment on column marts.usage_audit.total_is_other_n is 'Total equals neither.';
comment on column marts.usage_audit.reasoning_n is 'Requests that report reasoning tokens.';
comment on column marts.usage_audit.reasoning_included_n is 'Reasoning was counted inside the output figure.';
comment on column marts.usage_audit.reasoning_separate_n is 'Reasoning was counted beside it.';
comment on column marts.usage_audit.reasoning_ambiguous_n is 'It is not certain which.';
comment on column marts.usage_audit.cache_read_n is 'Requests that read from a cache.';
comment on column marts.usage_audit.cache_exceeds_input_n is 'Requests whose cache reads and writes exceed their input.';
comment on column marts.usage_audit.billed_differs_n is 'Requests that are charged for other counts than are reported.';
comment on column marts.usage_audit.anomalous_n is 'Requests whose usage breaks any invariant.';
