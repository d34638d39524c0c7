-- A column with a closed set of values holds no other; the sets are those of ingest/llm_usage/model/tables.py, which a test holds.
select 'recordings' as in_table, 'outcome' as in_column, outcome as found, count(*) as n
from raw.recordings
where outcome not in ('ingested', 'ignored', 'rejected', 'removed')
group by all
union all
select 'requests' as in_table, 'started_at_source' as in_column, started_at_source as found, count(*) as n
from staging.live_requests
where started_at_source not in ('recorder', 'response_created', 'id_embedded', 'date_header', 'unknown')
group by all
union all
select 'requests' as in_table, 'status' as in_column, status as found, count(*) as n
from staging.live_requests
where status not in ('http_error', 'stream_error', 'unparseable', 'empty', 'truncated', 'ok')
group by all
union all
select 'requests' as in_table, 'usage_source' as in_column, usage_source as found, count(*) as n
from staging.live_requests
where usage_source not in ('final', 'last_cumulative', 'partial', 'none')
group by all
union all
select 'requests' as in_table, 'reasoning_accounting' as in_column, reasoning_accounting as found, count(*) as n
from staging.live_requests
where reasoning_accounting not in ('included', 'separate', 'none', 'ambiguous')
group by all
union all
select 'requests' as in_table, 'timing_source' as in_column, timing_source as found, count(*) as n
from staging.live_requests
where timing_source not in ('per_chunk', 'total', 'headers_only', 'server', 'none')
group by all
union all
select 'requests' as in_table, 'arrival_origin' as in_column, arrival_origin as found, count(*) as n
from staging.live_requests
where arrival_origin not in ('request', 'headers')
group by all
union all
select 'requests' as in_table, 'recording_kind' as in_column, recording_kind as found, count(*) as n
from staging.live_requests
where recording_kind not in ('wire', 'log')
group by all
union all
select 'requests' as in_table, 'traffic' as in_column, traffic as found, count(*) as n
from staging.live_requests
where traffic not in ('on_demand', 'flex', 'priority', 'batch', 'provisioned', 'subscription')
group by all
union all
select 'requests' as in_table, 'cost_reported_by' as in_column, cost_reported_by as found, count(*) as n
from staging.live_requests
where cost_reported_by not in ('provider', 'gateway', 'client')
group by all
union all
select 'chunks' as in_table, 'kind' as in_column, kind as found, count(*) as n
from staging.chunks
where kind not in ('malformed', 'error', 'done', 'comment', 'ping', 'tool_call', 'content', 'refusal', 'reasoning',
    'finish', 'usage', 'role', 'metadata', 'body')
group by all
union all
select 'chunks' as in_table, 'timing_source' as in_column, timing_source as found, count(*) as n
from staging.chunks
where timing_source not in ('per_chunk', 'total', 'headers_only', 'server', 'none')
group by all
union all
select 'requests' as in_table, 'finish_class' as in_column, finish_class as found, count(*) as n
from staging.live_requests
where finish_class not in ('stop', 'length', 'tool_calls', 'content_filter', 'error', 'other')
group by all
union all
select 'requests' as in_table, 'price_status' as in_column, price_status as found, count(*) as n
from staging.all_requests
where price_status not in ('priced', 'free', 'unpriced', 'undated', 'tier_unknown')
group by all
union all
select 'requests' as in_table, 'cost_basis' as in_column, cost_basis as found, count(*) as n
from staging.all_requests
where cost_basis not in ('not_charged', 'reported', 'computed', 'assumed_date', 'lower_bound')
group by all;
