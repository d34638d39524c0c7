-- Monthly budgets of llm-usage.yaml: one row per budget.
create or replace table raw.budgets (
    name varchar not null,
    monthly_usd decimal(20, 12) not null,
    gateway varchar,
    provider varchar,
    model varchar,
    api varchar,
    project varchar,
    source varchar,
    user_label varchar
);
comment on table raw.budgets is 'Monthly budgets.';
comment on column raw.budgets.name is 'Name of the budget.';
comment on column raw.budgets.monthly_usd is 'What may be spent in a calendar month of the session''s time zone. [USD]';
comment on column raw.budgets.gateway is 'Counts requests of this gateway; NULL = any.';
comment on column raw.budgets.provider is 'Counts requests of this provider; NULL = any.';
comment on column raw.budgets.model is 'Counts requests of this model; NULL = any.';
comment on column raw.budgets.api is 'Counts requests of this api; NULL = any.';
comment on column raw.budgets.project is 'Counts requests of this project; NULL = any.';
comment on column raw.budgets.source is 'Counts requests of this source; NULL = any.';
comment on column raw.budgets.user_label is 'Counts requests of this user label; NULL = any.';
