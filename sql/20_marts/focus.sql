-- Charges in the columns of FinOps FOCUS 1.2, one row per day, route, model, project and user.
-- Only what has a cost: report unpriced holds the rest, and x_UnpricedRequests counts it. Undated charges have no period.
-- show: ChargePeriodStart, ProviderName, PublisherName, SkuId, SubAccountId, BilledCost, ListCost, ConsumedQuantity, x_Requests, x_UnpricedRequests, x_CostReads
create or replace view marts.focus as
with
charges as (
    select
        day,
        gateway,
        provider,
        r.model_key as model,
        operation_class,
        project,
        user_label,
        count(*) as requests,
        count(*) filter (where is_billable and cost_usd is null) as unpriced,
        staging.cost_reads(
            count(*) filter (where is_billable), count(*) filter (where cost_basis in ('reported', 'computed')),
            count(*) filter (where cost_basis = 'lower_bound'), count(*) filter (where cost_basis = 'assumed_date')
        ) as reads,
        sum(cost_usd)::decimal(38, 12) as cost,
        sum(coalesce(cost_computed_usd, cost_lower_bound_usd))::decimal(38, 12) as list_cost,
        count(coalesce(cost_computed_usd, cost_lower_bound_usd)) as list_requests,
        count(cost_usd) as cost_requests,
        staging.total(input_tokens) as input_tokens,
        staging.total(output_tokens) as output_tokens
    from staging.requests as r
    group by all
    having count(cost_usd) > 0
)
select
    cost as "BilledCost",
    cost as "EffectiveCost",
    cost as "ContractedCost",
    if(list_requests = cost_requests, list_cost, null) as "ListCost",
    'USD' as "BillingCurrency",
    date_trunc('month', day)::timestamptz as "BillingPeriodStart",
    (date_trunc('month', day) + interval 1 month)::timestamptz as "BillingPeriodEnd",
    day::timestamptz as "ChargePeriodStart",
    (day + 1)::timestamptz as "ChargePeriodEnd",
    'Usage' as "ChargeCategory",
    null::varchar as "ChargeClass",
    'Tokens of ' || coalesce(model, 'an unknown model') as "ChargeDescription",
    'Usage-Based' as "ChargeFrequency",
    coalesce(input_tokens, 0)::hugeint + coalesce(output_tokens, 0) as "ConsumedQuantity",
    'Tokens' as "ConsumedUnit",
    coalesce(gateway, provider) as "InvoiceIssuerName",
    coalesce(gateway, provider) as "ProviderName",
    provider as "PublisherName",
    'AI and Machine Learning' as "ServiceCategory",
    'Generative AI' as "ServiceSubcategory",
    coalesce(gateway, provider, 'unknown') || ' inference' as "ServiceName",
    model as "SkuId",
    model as "ResourceId",
    model as "ResourceName",
    'Model' as "ResourceType",
    project as "SubAccountId",
    project as "SubAccountName",
    json_object('project', project, 'user_label', user_label) as "Tags",
    requests as "x_Requests",
    unpriced as "x_UnpricedRequests",
    reads as "x_CostReads",
    operation_class as "x_OperationClass",
    input_tokens as "x_InputTokens",
    output_tokens as "x_OutputTokens"
from charges
order by day, "ProviderName", model, operation_class, project, user_label;
comment on view marts.focus is 'Charges in the columns of FinOps FOCUS 1.2, one row per day, route, model, project and user. Only what has a cost: report unpriced holds the rest, and x_UnpricedRequests counts it. Undated charges have no period.';
comment on column marts.focus."BilledCost" is 'Known cost, lower bounds included. [USD]';
comment on column marts.focus."EffectiveCost" is 'As BilledCost: nothing is amortised. [USD]';
comment on column marts.focus."ContractedCost" is 'As BilledCost. [USD]';
comment on column marts.focus."ListCost" is 'By the price list; NULL where the list does not price every charge of the row. [USD]';
comment on column marts.focus."BillingCurrency" is 'Always USD.';
comment on column marts.focus."BillingPeriodStart" is 'First instant of the month, in the time zone of the session.';
comment on column marts.focus."BillingPeriodEnd" is 'First instant of the next month.';
comment on column marts.focus."ChargePeriodStart" is 'First instant of the day, in the time zone of the session.';
comment on column marts.focus."ChargePeriodEnd" is 'First instant of the next day.';
comment on column marts.focus."ChargeCategory" is 'Always Usage.';
comment on column marts.focus."ChargeClass" is 'NULL: no corrections.';
comment on column marts.focus."ChargeDescription" is 'What was charged.';
comment on column marts.focus."ChargeFrequency" is 'Always Usage-Based.';
comment on column marts.focus."ConsumedQuantity" is 'Input and output tokens as far as they are reported. [tokens]';
comment on column marts.focus."ConsumedUnit" is 'Always Tokens.';
comment on column marts.focus."InvoiceIssuerName" is 'Who sends the bill: the gateway, else the provider.';
comment on column marts.focus."ProviderName" is 'Who sells the service: the gateway, else the provider.';
comment on column marts.focus."PublisherName" is 'Who served the model.';
comment on column marts.focus."ServiceCategory" is 'Always AI and Machine Learning.';
comment on column marts.focus."ServiceSubcategory" is 'Always Generative AI.';
comment on column marts.focus."ServiceName" is 'Name of the service.';
comment on column marts.focus."SkuId" is 'Model.';
comment on column marts.focus."ResourceId" is 'Model.';
comment on column marts.focus."ResourceName" is 'Model.';
comment on column marts.focus."ResourceType" is 'Always Model.';
comment on column marts.focus."SubAccountId" is 'Project label.';
comment on column marts.focus."SubAccountName" is 'Project label.';
comment on column marts.focus."Tags" is 'Labels as a JSON object.';
comment on column marts.focus."x_Requests" is 'Requests behind the row.';
comment on column marts.focus."x_UnpricedRequests" is 'Of x_Requests, billable ones of whose cost nothing is known.';
comment on column marts.focus."x_CostReads" is 'How BilledCost must be read. One of: total, assumed, at least.';
comment on column marts.focus."x_OperationClass" is 'What was asked for: generation, embeddings, rerank, transcription, speech, image_generation.';
comment on column marts.focus."x_InputTokens" is 'Input tokens reported. [tokens]';
comment on column marts.focus."x_OutputTokens" is 'Output tokens reported. [tokens]';
