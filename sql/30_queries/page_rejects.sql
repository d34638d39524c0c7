-- What could not be read: a row for each file or exchange that was rejected, with place, thing and remedy.
select recording_path, 'file' as what, error as reason
from staging.recordings
where outcome = 'rejected'
union all
select recording_path, 'exchange' as what, unnest(rejected_reasons) as reason
from staging.recordings
where outcome <> 'rejected' and len(rejected_reasons) > 0
union all
select recording_path, 'rest of a file' as what, error as reason
from staging.recordings
where outcome <> 'rejected' and error is not null
order by what desc, recording_path, reason;
