-- Responses that were recorded more than once, each with the one that counts: a stream and the same response fetched by its id later,
-- a stream in one file and the body in another, the polls of a background response, copies of a recording.
-- Two requests are one response when id and host agree, and creation, model, tokens and reported cost as far as both have them; at
-- least the creation or the tokens have to be known of both, else the bodies have to be the same. A mock server that repeats an id with
-- other tokens gives other responses. The one that counts knows all that the other knows: what agrees with two that differ
-- stays by itself. Of those that know as much, the one with a final usage, a reported cost, the better clock counts, then the
-- smallest (source, recording_path, exchange_index). The same exchange of identical files is one, too, also without an id.
-- A table, not a view: every mart asks it, and finding the answer reads the longest columns of the lake.
-- after: recordings
create or replace table staging.duplicates as
with
seen_twice as (
    select hash(response_id) as sieve
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
    select
        request_id, recording_id, generation, source, recording_path, recording_sha256, exchange_index, body_sha256, response_id,
        server_address, response_created_at, response_model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
        reasoning_tokens, cost_reported_usd, usage_source, status, timing_source, is_stream
    from raw.requests
),
candidates as (
    from facts where response_id is not null and hash(response_id) in (from seen_twice)
    union all
    from facts where recording_id in (from copied_files) and (response_id is null or hash(response_id) not in (from seen_twice))
),
live as (
    select c.*,
        {'source': c.source, 'path': c.recording_path, 'index': c.exchange_index, 'request_id': c.request_id} as place,
        staging.model_key(nullif(response_model, '')) as answered,
        response_created_at is not null as has_created,
        input_tokens is not null and output_tokens is not null as has_usage,
        {
            'facts': (server_address is null)::int + (response_created_at is null)::int + (answered is null)::int
            + (input_tokens is null)::int + (output_tokens is null)::int,
            'usage': usage_source <> 'final',
            'status': status <> 'ok',
            'cost': cost_reported_usd is null,
            'clock': list_position(['per_chunk', 'total', 'headers_only', 'server', 'none'], timing_source),
            'stream': is_stream is not true,
            'place': place
        } as worth
    from candidates as c
    semi join staging.recordings as l on c.recording_id = l.recording_id and c.generation = l.generation
),
-- What agrees in everything is one at once, however often an id was used.
told as (
    select *,
        if(
            response_id is null, null, min(worth) over (
                partition by
                    response_id, server_address, response_created_at, answered, input_tokens, output_tokens, cache_read_tokens,
                    cache_write_tokens, reasoning_tokens, cost_reported_usd, if(has_created or has_usage, null, body_sha256)
            )
        ) as best
    from live
),
alike as (
    from told
    where worth = best
),
covered as (
    select a.best as best, b.best as of_best
    from alike as a
    inner join alike as b
        on a.response_id = b.response_id
        and a.best < b.best
        and ((a.has_created and b.has_created) or (a.has_usage and b.has_usage))
        and (a.server_address = b.server_address
            or (b.server_address is null and (a.server_address is null or (a.has_created and b.has_created and b.has_usage))))
        and (b.response_created_at is null or a.response_created_at = b.response_created_at)
        and (b.answered is null or a.answered = b.answered)
        and (b.input_tokens is null or a.input_tokens = b.input_tokens)
        and (b.output_tokens is null or a.output_tokens = b.output_tokens)
        and coalesce(a.cache_read_tokens = b.cache_read_tokens, true)
        and coalesce(a.cache_write_tokens = b.cache_write_tokens, true)
        and coalesce(a.reasoning_tokens = b.reasoning_tokens, true)
        and coalesce(a.cost_reported_usd = b.cost_reported_usd, true)
),
told_again as (
    select of_best as best, min(best) as leader
    from covered
    where best not in (select of_best from covered)
    group by of_best
    having count(*) = 1
),
leaders as (
    select
        l.request_id,
        l.place,
        coalesce(t.leader, l.best).place as of_response,
        min(l.place) over (partition by l.recording_sha256, l.exchange_index) as of_file
    from told as l
    left join told_again as t on l.best = t.best
)
select request_id, coalesce(of_response, of_file).request_id as duplicate_of
from leaders
where coalesce(of_response, of_file) <> place;
comment on table staging.duplicates is 'Responses that were recorded more than once, each with the one that counts.';
comment on column staging.duplicates.request_id is 'The request that is told again.';
comment on column staging.duplicates.duplicate_of is 'The request that counts in its place.';
