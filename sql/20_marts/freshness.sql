-- How up to date the lake is, per recordings root: latest file, latest request, and what was rejected.
create or replace view marts.freshness as
with
files as (
    select
        source,
        count(*) as recordings,
        count(*) filter (where outcome = 'rejected') as rejected_recordings,
        sum(rejected_exchanges)::bigint as rejected_exchanges,
        sum(size_bytes)::bigint as size_bytes,
        max(mtime) as last_changed_at,
        max(ingested_at) as last_ingested_at,
        count(distinct parser_version) as parser_versions
    from staging.recordings
    group by source
),
calls as (
    select source, count(*) as requests, min(started_at) as first_request_at, max(started_at) as last_request_at
    from staging.live_requests
    group by source
)
select
    f.source,
    f.recordings,
    f.rejected_recordings,
    f.rejected_exchanges,
    coalesce(c.requests, 0) as requests,
    f.size_bytes,
    c.first_request_at,
    c.last_request_at,
    f.last_changed_at,
    f.last_ingested_at,
    epoch(s.as_of - f.last_ingested_at) / 3600 as since_ingest_h,
    epoch(s.as_of - c.last_request_at) / 3600 as since_request_h,
    f.parser_versions
from files as f
left join calls as c on f.source = c.source
cross join raw.settings as s
order by f.source;
comment on view marts.freshness is 'How up to date the lake is, per recordings root: latest file, latest request, and what was rejected.';
comment on column marts.freshness.source is 'Recordings root.';
comment on column marts.freshness.recordings is 'Files in the ledger.';
comment on column marts.freshness.rejected_recordings is 'Files that could not be read.';
comment on column marts.freshness.rejected_exchanges is 'Exchanges that could not be read.';
comment on column marts.freshness.requests is 'Requests of these files, duplicates included.';
comment on column marts.freshness.size_bytes is 'Size of the files. [bytes]';
comment on column marts.freshness.first_request_at is 'Start of the first request. [UTC]';
comment on column marts.freshness.last_request_at is 'Start of the last request. [UTC]';
comment on column marts.freshness.last_changed_at is 'When a file was last changed, by its file system. [UTC]';
comment on column marts.freshness.last_ingested_at is 'When a file was last read. [UTC]';
comment on column marts.freshness.since_ingest_h is 'Time since then. [h]';
comment on column marts.freshness.since_request_h is 'Time since the last request. [h]';
comment on column marts.freshness.parser_versions is 'Versions of the reader that these rows come from; more than one: read again.';
