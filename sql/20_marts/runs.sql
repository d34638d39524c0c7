-- Runs of the ingest job that changed something, latest first.
-- show: run_id, started_at, duration_s, recordings_seen, recordings_new, recordings_changed, recordings_removed, recordings_rejected, request_rows, chunk_rows
create or replace view marts.runs as
select
    run_id,
    started_at,
    finished_at,
    epoch(finished_at - started_at) as duration_s,
    recordings_seen,
    recordings_new,
    recordings_changed,
    recordings_removed,
    recordings_rejected,
    request_rows,
    chunk_rows,
    bytes_read,
    program_version,
    prices_version
from raw.runs
order by started_at desc, run_id desc;
comment on view marts.runs is 'Runs of the ingest job that changed something, latest first.';
comment on column marts.runs.run_id is 'Identifier of the run; sorts by time.';
comment on column marts.runs.started_at is 'When the run began. [UTC]';
comment on column marts.runs.finished_at is 'When the run ended. [UTC]';
comment on column marts.runs.duration_s is 'How long it took. [s]';
comment on column marts.runs.recordings_seen is 'Files looked at.';
comment on column marts.runs.recordings_new is 'Files not known before.';
comment on column marts.runs.recordings_changed is 'Files whose content, or whose reader, had changed.';
comment on column marts.runs.recordings_removed is 'Recordings taken out by forget or --prune.';
comment on column marts.runs.recordings_rejected is 'Files that were rejected.';
comment on column marts.runs.request_rows is 'Rows written to requests.';
comment on column marts.runs.chunk_rows is 'Rows written to chunks.';
comment on column marts.runs.bytes_read is 'Bytes of recordings read. [bytes]';
comment on column marts.runs.program_version is 'Version of llm-usage.';
comment on column marts.runs.prices_version is 'Version of the price data.';
