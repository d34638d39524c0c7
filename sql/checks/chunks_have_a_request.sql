-- Every live frame belongs to a live request of its recording, and every request with frames has them from 0 on without holes.
with
framed as (
    select recording_id, request_id, count(*) as n, min(chunk_index) as first_index, max(chunk_index) as last_index
    from staging.chunks
    group by recording_id, request_id
)
select f.*, if(r.request_id is null, 'no such request', 'frames are missing') as broken
from framed as f
left join (
    from raw.requests semi join staging.recordings using (recording_id, generation)
) as r on f.request_id = r.request_id and f.recording_id = r.recording_id
where r.request_id is null or f.first_index <> 0 or f.last_index <> f.n - 1;
