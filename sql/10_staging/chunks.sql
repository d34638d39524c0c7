-- Frames as they stand: the live generation of each recording.
-- after: recordings
-- passes on: raw.chunks
create or replace view staging.chunks as
select c.*
from raw.chunks as c
semi join staging.recordings as l on c.recording_id = l.recording_id and c.generation = l.generation;
comment on view staging.chunks is 'Frames as they stand.';
