-- The ledger as it stands: the live row of every recording that is not removed.
create or replace view staging.recordings as
select * exclude (place)
from (
    select *, row_number() over (partition by recording_id order by revision desc, generation desc) as place
    from raw.recordings
)
where place = 1 and outcome <> 'removed';
comment on view staging.recordings is 'The ledger as it stands: one row per recording that is not removed.';
comment on column staging.recordings.recording_id is 'Hash of source and recording_path; the same in recordings, requests and chunks.';
comment on column staging.recordings.source is 'Name of the recordings root: its absolute path or URI unless it was named.';
comment on column staging.recordings.recording_path is 'Path of the file below its source, with / between the parts.';
comment on column staging.recordings.recording_sha256 is 'SHA-256 of the file as it was read; NULL when it could not be.';
comment on column staging.recordings.size_bytes is 'Size of the file. [bytes]';
comment on column staging.recordings.mtime is 'When the file was last changed, by its file system. [UTC]';
comment on column staging.recordings.recording_format is 'How the file was saved: go_vcr, vcrpy, ruby_vcr, har, llm_recorder, raw_sse and so on.';
comment on column staging.recordings.parser_version is 'Version of the reading code; another one reads the file again.';
comment on column staging.recordings.generation is 'The live generation of this recording''s rows.';
comment on column staging.recordings.revision is 'Counts the ingests of this recording; the highest is the live row of the ledger.';
comment on column staging.recordings.outcome is 'What became of the file. One of: ingested, ignored, rejected, removed.';
comment on column staging.recordings.exchanges is 'Exchanges in the file: llm_requests + ignored_exchanges + rejected_exchanges.';
comment on column staging.recordings.llm_requests is 'Exchanges that became a row in requests.';
comment on column staging.recordings.chunks is 'Rows in chunks.';
comment on column staging.recordings.ignored_exchanges is 'Exchanges that are no LLM call, left out on purpose.';
comment on column staging.recordings.ignored_reasons is 'Why, one entry per ignored exchange: its index and the reason.';
comment on column staging.recordings.rejected_exchanges is 'Exchanges that could not be read.';
comment on column staging.recordings.rejected_reasons is 'Why, one entry per rejected exchange: place, thing, remedy.';
comment on column staging.recordings.error is 'Why the file was rejected, or where reading it stopped: place, thing, remedy.';
comment on column staging.recordings.run_id is 'The run that wrote this row.';
comment on column staging.recordings.ingested_at is 'When that was. [UTC]';
