-- Requests that were already seen in another recording, each with the one that counts.
-- Two requests are one when body and response id agree, or when they are the same exchange of identical files; the smallest
-- (source, recording_path, exchange_index) counts. A hash is the cheap sieve: what shares one is then compared in full.
-- A table, not a view: every mart asks it, and finding the answer reads the longest columns of the lake.
-- after: recordings
create or replace table staging.duplicates as
with
seen_twice as (
    select hash(body_sha256, response_id) as sieve
    from raw.requests
    where response_id is not null
    group by sieve
    having count(*) > 1
),
copied_files as (
    select recording_id
    from staging.recordings
    qualify count(*) over (partition by recording_sha256) > 1 and recording_sha256 is not null
),
facts as not materialized (
    select request_id, recording_id, generation, source, recording_path, recording_sha256, exchange_index, body_sha256, response_id
    from raw.requests
),
candidates as (
    from facts where response_id is not null and hash(body_sha256, response_id) in (from seen_twice)
    union all
    from facts where recording_id in (from copied_files)
),
leaders as (
    select c.request_id,
        {'source': c.source, 'path': c.recording_path, 'index': c.exchange_index, 'request_id': c.request_id} as place,
        min(place) over (partition by c.recording_sha256, c.exchange_index) as of_file,
        if(c.response_id is null, place, min(place) over (partition by c.body_sha256, c.response_id)) as of_response
    from candidates as c
    semi join staging.recordings as l on c.recording_id = l.recording_id and c.generation = l.generation
)
select distinct request_id, least(of_file, of_response).request_id as duplicate_of
from leaders
where least(of_file, of_response) < place;
comment on table staging.duplicates is 'Requests that were already seen in another recording, each with the one that counts.';
comment on column staging.duplicates.request_id is 'The request that is seen again.';
comment on column staging.duplicates.duplicate_of is 'The request that counts in its place.';
