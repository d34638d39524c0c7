-- Every exchange of every file is accounted for: exchanges are requests, ignored and rejected ones, each with its reason, and
-- the rows in requests and chunks are as many as the ledger says, each request of an exchange of its own.
with
requests as (
    select recording_id, generation, count(*) as n, count(distinct exchange_index) as places, max(exchange_index) as last_place
    from raw.requests
    group by all
),
chunks as (
    select recording_id, generation, count(*) as n from raw.chunks group by all
)
select
    l.recording_id, l.source, l.recording_path, l.exchanges, l.llm_requests, l.ignored_exchanges, l.rejected_exchanges,
    coalesce(r.n, 0) as request_rows, l.chunks, coalesce(c.n, 0) as chunk_rows
from staging.recordings as l
left join requests as r on l.recording_id = r.recording_id and l.generation = r.generation
left join chunks as c on l.recording_id = c.recording_id and l.generation = c.generation
where l.exchanges <> l.llm_requests::bigint + l.ignored_exchanges + l.rejected_exchanges
    or l.llm_requests <> coalesce(r.n, 0)
    or l.chunks <> coalesce(c.n, 0)
    or l.rejected_exchanges > coalesce(len(l.rejected_reasons), 0)
    or l.ignored_exchanges > coalesce(len(l.ignored_reasons), 0)
    or (l.outcome = 'rejected' and l.error is null and l.rejected_exchanges = 0)
    or r.places < r.n
    or r.last_place >= l.exchanges;
