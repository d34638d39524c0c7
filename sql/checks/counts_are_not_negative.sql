-- No count of tokens and no amount of money is below 0.
select request_id, input_tokens, output_tokens, cost_reported_usd, upstream_cost_usd
from staging.live_requests
where least(
        input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
        input_audio_tokens, input_image_tokens, output_audio_tokens, output_image_tokens, billed_input_tokens,
        billed_output_tokens, total_tokens_reported
    ) < 0
    or least(cost_reported_usd, cost_reported_input_usd, cost_reported_output_usd, upstream_cost_usd) < 0;
