-- Whether a rule of the configuration (a budget, a service level) covers a request: every dimension that it names has to match.
create or replace macro staging.selects(rule, r_gateway, r_provider, r_model, r_model_key, r_api, r_project, r_source, r_user_label) as
    (rule.gateway is null or rule.gateway = r_gateway)
    and (rule.provider is null or rule.provider = r_provider)
    and (rule.model is null or rule.model = r_model or rule.model = r_model_key)
    and (rule.api is null or rule.api = r_api)
    and (rule.project is null or rule.project = r_project)
    and (rule.source is null or rule.source = r_source)
    and (rule.user_label is null or rule.user_label = r_user_label);
