-- Service levels of llm-usage.yaml: one row per bound. A request has to keep every bound that selects it.
create or replace table raw.slo (
    name varchar not null,
    metric varchar not null,
    at_most_ms double not null,
    gateway varchar,
    provider varchar,
    model varchar,
    api varchar,
    project varchar,
    source varchar,
    user_label varchar
);
comment on table raw.slo is 'Service levels: one row per bound; a request has to keep every bound that selects it.';
comment on column raw.slo.name is 'Name of the service level; goodput is stated per name.';
comment on column raw.slo.metric is 'One of: ttft, tpot, e2e.';
comment on column raw.slo.at_most_ms is 'The metric may take at most this long. [ms]';
comment on column raw.slo.gateway is 'Selects requests of this gateway; NULL = any.';
comment on column raw.slo.provider is 'Selects requests of this provider; NULL = any.';
comment on column raw.slo.model is 'Selects requests of this model; NULL = any.';
comment on column raw.slo.api is 'Selects requests of this api; NULL = any.';
comment on column raw.slo.project is 'Selects requests of this project; NULL = any.';
comment on column raw.slo.source is 'Selects requests of this source; NULL = any.';
comment on column raw.slo.user_label is 'Selects requests of this user label; NULL = any.';
