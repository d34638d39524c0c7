-- A usage that contradicts itself says so: every broken invariant has a code in usage_anomalies.
with
judged as (
    select
        *,
        coalesce(cache_read_tokens, 0)::hugeint + coalesce(cache_write_tokens, 0) > input_tokens as has_too_much_cache,
        coalesce(cache_write_1h_tokens, 0) > coalesce(cache_write_tokens, 0) as has_too_much_1h,
        reasoning_tokens > output_tokens as has_too_much_reasoning,
        input_audio_tokens > input_tokens or input_image_tokens > input_tokens or output_audio_tokens > output_tokens
        or output_image_tokens > output_tokens as has_too_much_media
    from staging.live_requests
)
select
    request_id, api, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
    input_audio_tokens, input_image_tokens, output_audio_tokens, output_image_tokens, usage_anomalies
from judged
where (has_too_much_cache or has_too_much_1h or has_too_much_reasoning or has_too_much_media)
    and coalesce(len(usage_anomalies), 0) = 0;
