-- The ledger as it stands: the live row of every recording that is not removed.
-- passes on: raw.recordings
create or replace view staging.recordings as
select * exclude (place)
from (
    select *, row_number() over (partition by recording_id order by revision desc, generation desc) as place
    from raw.recordings
)
where place = 1 and outcome <> 'removed';
comment on view staging.recordings is 'The ledger as it stands: one row per recording that is not removed.';
