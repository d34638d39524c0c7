-- What a duplicate names is live, counts itself, and comes first.
select d.request_id, d.duplicate_of, l.duplicate_of as of_that
from staging.duplicates as d
left join (from raw.requests semi join staging.recordings using (recording_id, generation)) as r on d.duplicate_of = r.request_id
left join staging.duplicates as l on d.duplicate_of = l.request_id
where r.request_id is null or l.request_id is not null;
