-- What is missing, broken or doubled in these recordings, and what that means for the reports.
create or replace view marts.data_quality as
with
findings as (
    select unnest([
        {'area': 'requests', 'finding': 'duplicates', 'n': count(*) filter (where not is_counted), 'of_all': count(*),
            'meaning': 'The same response is told elsewhere, too; left out of every report.'},
        {'area': 'requests', 'finding': 'undated', 'n': count(*) filter (where started_at is null), 'of_all': count(*),
            'meaning': 'No start is known: left out under --since and --until, and not priced by a list.'},
        {'area': 'requests', 'finding': 'unknown dialect', 'n': count(*) filter (where api = 'other'), 'of_all': count(*),
            'meaning': 'Nobody claims the payload: tokens are not known.'},
        {'area': 'requests', 'finding': 'unknown provider', 'n': count(*) filter (where provider is null), 'of_all': count(*),
            'meaning': 'Who served is not known: no list price applies unless the model names its maker.'},
        {'area': 'requests', 'finding': 'unknown model', 'n': count(*) filter (where model is null), 'of_all': count(*),
            'meaning': 'Neither asked nor answered model is known.'},
        {'area': 'requests', 'finding': 'no usage', 'n': count(*) filter (where usage_source = 'none' and is_billable), 'of_all': count(*),
            'meaning': 'The response reports no token counts.'},
        {'area': 'requests', 'finding': 'partial usage', 'n': count(*) filter (where usage_source = 'partial'), 'of_all': count(*),
            'meaning': 'The stream ended before its final usage: counts are what was known by then.'},
        {'area': 'requests', 'finding': 'truncated', 'n': count(*) filter (where status = 'truncated'), 'of_all': count(*),
            'meaning': 'The stream stops without finish reason or terminator.'},
        {'area': 'requests', 'finding': 'error inside a response', 'n': count(*) filter (where status = 'stream_error'), 'of_all': count(*),
            'meaning': 'A successful response carries an error.'},
        {'area': 'requests', 'finding': 'HTTP error', 'n': count(*) filter (where status = 'http_error'), 'of_all': count(*),
            'meaning': 'The provider refused or failed.'},
        {'area': 'requests', 'finding': 'empty response', 'n': count(*) filter (where status = 'empty'), 'of_all': count(*),
            'meaning': 'A successful response without a message.'},
        {'area': 'requests', 'finding': 'unparseable response', 'n': count(*) filter (where status = 'unparseable'), 'of_all': count(*),
            'meaning': 'The body is not what its dialect sends.'},
        {'area': 'requests', 'finding': 'malformed frames', 'n': count(*) filter (where malformed_frame_count > 0), 'of_all': count(*),
            'meaning': 'At least one frame could not be read.'},
        {'area': 'requests', 'finding': 'unknown finish reason', 'n': count(*) filter (where finish_class = 'other'), 'of_all': count(*),
            'meaning': 'The finish reason is not one that is known here.'},
        {'area': 'requests', 'finding': 'cost unknown', 'n': count(*) filter (where is_billable and cost_usd is null), 'of_all': count(*),
            'meaning': 'Spend that no total contains; report unpriced says why.'},
        {'area': 'requests', 'finding': 'cost is a lower bound', 'n': count(*) filter (where cost_basis = 'lower_bound'), 'of_all': count(*),
            'meaning': 'Totals say at least.'},
        {'area': 'requests', 'finding': 'date assumed', 'n': count(*) filter (where cost_basis = 'assumed_date'), 'of_all': count(*),
            'meaning': 'Priced by the list at a date that was assumed, as the setting undated says.'},
        {'area': 'requests', 'finding': 'not charged', 'n': count(*) filter (where cost_basis = 'not_charged'), 'of_all': count(*),
            'meaning': 'Answered by a gateway from its cache, or paid for by a plan or a provisioned capacity: apart from spend.'},
        {'area': 'requests', 'finding': 'charged in another currency', 'n': count(*) filter (where cost_other is not null), 'of_all': count(*),
            'meaning': 'The response says so, in columns cost_other and cost_currency; in no sum of USD.'},
        {'area': 'requests', 'finding': 'unknown service tier', 'n': count(*) filter (where price_status = 'tier_unknown'), 'of_all': count(*),
            'meaning': 'The price list has no such tier for this model at that time: not priced at the full price.'},
        {'area': 'requests', 'finding': 'no time recorded', 'n': count(*) filter (where timing_source in ('none', 'server')), 'of_all': count(*),
            'meaning': 'No client clock: nothing about latency may be concluded.'}
    ]) as f
    from staging.all_requests
    union all
    select unnest([
        {'area': 'recordings', 'finding': 'rejected recordings', 'n': count(*) filter (where outcome = 'rejected'), 'of_all': count(*),
            'meaning': 'The file could not be read; column error of recordings says why.'},
        {'area': 'recordings', 'finding': 'ignored recordings', 'n': count(*) filter (where outcome = 'ignored'), 'of_all': count(*),
            'meaning': 'The file holds nothing to ingest, on purpose.'},
        {'area': 'recordings', 'finding': 'rejected exchanges', 'n': coalesce(sum(rejected_exchanges), 0)::bigint,
            'of_all': coalesce(sum(exchanges), 0)::bigint,
            'meaning': 'The exchange could not be read; column rejected_reasons of recordings says why.'},
        {'area': 'recordings', 'finding': 'ignored exchanges', 'n': coalesce(sum(ignored_exchanges), 0)::bigint,
            'of_all': coalesce(sum(exchanges), 0)::bigint,
            'meaning': 'The exchange is no LLM call; column ignored_reasons of recordings says which.'}
    ]) as f
    from staging.recordings
),
anomalies as (
    select code, count(*) as n
    from (select unnest(usage_anomalies) as code from staging.live_requests)
    group by code
)
select f.area as area, f.finding as finding, f.n as n, f.of_all as of_all, staging.pct(f.n, f.of_all) as pct, f.meaning as meaning
from findings
where f.n > 0
union all
select 'usage', a.code, a.n, t.n, staging.pct(a.n, t.n),
    'The reported usage contradicts itself; the raw object is in column usage_json of requests.'
from anomalies as a, (select count(*) as n from staging.live_requests) as t
order by area, n desc, finding;
comment on view marts.data_quality is 'What is missing, broken or doubled in these recordings, and what that means for the reports.';
comment on column marts.data_quality.area is 'What the finding is about: recordings, requests or usage.';
comment on column marts.data_quality.finding is 'What was found; under usage the code of the anomaly.';
comment on column marts.data_quality.n is 'How many.';
comment on column marts.data_quality.of_all is 'Of how many; requests that are duplicates included.';
comment on column marts.data_quality.pct is 'n of of_all. [%]';
comment on column marts.data_quality.meaning is 'What it means.';
