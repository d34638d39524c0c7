-- A word that the usage names beside its counts and on which the price depends: speed, inference_geo, search_context_size.
create or replace macro staging.usage_word(usage_json, name) as
    if(contains(usage_json, name), nullif(json_extract_string(usage_json, '$.' || name), ''), null);
