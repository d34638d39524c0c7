-- Models as they are named, each with the one name that groups all spellings of it.
-- A table, not a view: there are few names, and cutting them to size takes longer than looking them up.
-- after: recordings
create or replace table staging.model_keys as
select model, staging.model_key(model) as model_key
from (select distinct coalesce(nullif(response_model, ''), nullif(request_model, '')) as model from raw.requests)
where model is not null;
comment on table staging.model_keys is 'Models as they are named, each with the one name that groups all spellings of it.';
comment on column staging.model_keys.model is 'Name as it was answered or asked for.';
comment on column staging.model_keys.model_key is 'One name for all its spellings: without path, vendor, date of release and routing.';
