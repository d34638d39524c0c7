-- Usage that is not there has no counts, and usage that is there has one.
select request_id, usage_source, input_tokens, output_tokens, total_tokens_reported
from staging.live_requests
where (usage_source = 'none' and coalesce(input_tokens, output_tokens, cache_read_tokens, reasoning_tokens) is not null)
    or (usage_source = 'final' and usage_json is null and input_tokens is null and output_tokens is null);
