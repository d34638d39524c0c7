-- How requests and streams ended, by provider and dialect, with the tokens and the spend at risk in those that did not end well.
-- by: gateway, model, project, source, user_label, day
-- show: provider, requests, streams, ok_pct, http_error_requests, http_429_requests, stream_error_requests, truncated_requests, empty_requests, output_tokens_at_risk, spend_at_risk_usd, most_frequent_error
create or replace view marts.stream_health as
select
    provider,
    api,
    by_gateway as gateway,
    by_model as model,
    by_project as project,
    by_source as source,
    by_user_label as user_label,
    by_day as day,
    count(*) as requests,
    count(*) filter (where is_stream) as streams,
    count(*) filter (where status = 'ok') as ok_requests,
    staging.pct(ok_requests, requests) as ok_pct,
    count(*) filter (where status = 'http_error') as http_error_requests,
    count(*) filter (where http_status = 429) as http_429_requests,
    count(*) filter (where status = 'stream_error') as stream_error_requests,
    count(*) filter (where status = 'truncated') as truncated_requests,
    count(*) filter (where status = 'empty') as empty_requests,
    count(*) filter (where status = 'unparseable') as unparseable_requests,
    count(*) filter (where finish_class = 'length') as length_requests,
    count(*) filter (where finish_class = 'content_filter') as content_filter_requests,
    sum(malformed_frame_count)::bigint as malformed_frames,
    sum(comment_count)::bigint as comments,
    staging.total(if(status <> 'ok', output_tokens, null)) as output_tokens_at_risk,
    sum(cost_usd) filter (where status <> 'ok')::decimal(38, 12) as spend_at_risk_usd,
    count(*) filter (where status <> 'ok' and is_billable and cost_basis is distinct from 'reported'
        and cost_basis is distinct from 'computed') as spend_unknown_requests,
    mode(coalesce(error_code, error_type, http_status::varchar) order by coalesce(error_code, error_type, http_status::varchar))
        filter (where status in ('http_error', 'stream_error'))
        as most_frequent_error
from staging.requests as r
where operation_class = 'generation'
group by all
order by requests desc, provider, api;
comment on view marts.stream_health is 'How requests and streams ended, by provider and dialect, with the tokens and the spend at risk in those that did not end well.';
comment on column marts.stream_health.provider is 'Provider; NULL = not known.';
comment on column marts.stream_health.api is 'Wire dialect.';
comment on column marts.stream_health.gateway is 'Gateway, when split by it.';
comment on column marts.stream_health.model is 'Model that answered, else the one asked for, under one name for all its spellings, when split by it.';
comment on column marts.stream_health.project is 'Project label, when split by it.';
comment on column marts.stream_health.source is 'Recordings root, when split by it.';
comment on column marts.stream_health.user_label is 'User label, when split by it.';
comment on column marts.stream_health.day is 'Day in the time zone of the session, when split by it.';
comment on column marts.stream_health.requests is 'Requests counted, every attempt one.';
comment on column marts.stream_health.streams is 'Requests whose response body really was a stream.';
comment on column marts.stream_health.ok_requests is 'Requests that ended well.';
comment on column marts.stream_health.ok_pct is 'ok_requests of requests. [%]';
comment on column marts.stream_health.http_error_requests is 'Requests answered by an HTTP error.';
comment on column marts.stream_health.http_429_requests is 'Part of http_error_requests that was refused for too many requests.';
comment on column marts.stream_health.stream_error_requests is 'Requests whose 200 response carries an error.';
comment on column marts.stream_health.truncated_requests is 'Streams that stop without finish reason or terminator.';
comment on column marts.stream_health.empty_requests is 'Successful responses without a message.';
comment on column marts.stream_health.unparseable_requests is 'Responses that could not be read.';
comment on column marts.stream_health.length_requests is 'Requests that ended because a token limit was reached.';
comment on column marts.stream_health.content_filter_requests is 'Requests that a filter or a refusal ended.';
comment on column marts.stream_health.malformed_frames is 'Frames that could not be read.';
comment on column marts.stream_health.comments is 'Comments and keep-alives.';
comment on column marts.stream_health.output_tokens_at_risk is 'Output tokens reported by requests that did not end well. [tokens]';
comment on column marts.stream_health.spend_at_risk_usd is 'Known spend on requests that did not end well, lower bounds included. [USD]';
comment on column marts.stream_health.spend_unknown_requests is 'Billable requests that did not end well and whose cost is not known in full.';
comment on column marts.stream_health.most_frequent_error is 'The error code, type or HTTP status seen most among failed requests; of equals the first in the alphabet.';
