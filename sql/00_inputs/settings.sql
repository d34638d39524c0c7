-- What the report was asked for: exactly one row, written by llm_usage.query.views.
create or replace table raw.settings (
    since timestamptz,
    until timestamptz,
    "by" varchar[] not null,
    include_duplicates boolean not null,
    as_of timestamptz not null,
    stall_ms double not null
);
comment on table raw.settings is 'What the report was asked for: exactly one row.';
comment on column raw.settings.since is 'Requests that started at or after this instant are counted; NULL = all. With either bound, undated requests are left out.';
comment on column raw.settings.until is 'Requests that started before this instant are counted; NULL = all.';
comment on column raw.settings."by" is 'Dimensions to split every regroupable mart by: gateway, provider, model, api, project, source, user_label, day.';
comment on column raw.settings.include_duplicates is 'Count requests that were already seen in another recording, too.';
comment on column raw.settings.as_of is 'The instant that "now" means in budget and freshness.';
comment on column raw.settings.stall_ms is 'A gap between token-bearing frames longer than this is a stall.';
