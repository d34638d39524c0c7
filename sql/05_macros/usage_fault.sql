-- Why a list price cannot be put on a usage, or NULL: counts that are missing, absurd or contradict each other, and prices that
-- are missing. A subset matters only where it has a price of its own. Prices: NULL = charged as the parent. What is cached and
-- audio (or an image) stands in two subsets: it has to be known how much that is, and to have a price.
create or replace macro staging.usage_fault(
    input, cache_read, cache_write, cache_write_1h, in_audio, in_image, cached_audio, cached_image,
    output, reasoning, out_audio, out_image,
    p_input, p_cache_read, p_cache_write, p_in_audio, p_in_image, p_cached_audio, p_cached_image,
    p_output, p_reasoning, p_out_audio, p_out_image
) as
    case
        when input is null then 'no_usage'
        when greatest(
            input, output, cache_read, cache_write, cache_write_1h, in_audio, in_image, reasoning, out_audio, out_image
        ) > 1000000000000 then 'count_out_of_range'
        when p_input is null and input > 0 then 'no_input_price'
        when p_output is null and output > 0 then 'no_output_price'
        when if(p_cache_read is null, 0, coalesce(cache_read, 0)) + if(p_cache_write is null, 0, coalesce(cache_write, 0))
            + if(p_in_audio is null, 0, coalesce(in_audio, 0)) + if(p_in_image is null, 0, coalesce(in_image, 0))
            - if(p_cache_read is null or p_in_audio is null, 0, coalesce(cached_audio, 0))
            - if(p_cache_read is null or p_in_image is null, 0, coalesce(cached_image, 0)) > input
            or (cached_audio > 0 and cached_audio > least(coalesce(cache_read, 0), coalesce(in_audio, 0)))
            or (cached_image > 0 and cached_image > least(coalesce(cache_read, 0), coalesce(in_image, 0)))
            or (p_cache_write is not null and cache_write_1h > coalesce(cache_write, 0))
            or if(p_reasoning is null, 0, coalesce(reasoning, 0)) + if(p_out_audio is null, 0, coalesce(out_audio, 0))
            + if(p_out_image is null, 0, coalesce(out_image, 0)) > output
            then 'subset_exceeds_total'
        when (p_cache_read is not null and cache_read > 0 and p_in_audio is not null and in_audio > 0
                and (cached_audio is null or (cached_audio > 0 and p_cached_audio is null)))
            or (p_cache_read is not null and cache_read > 0 and p_in_image is not null and in_image > 0
                and (cached_image is null or (cached_image > 0 and p_cached_image is null)))
            or (p_cache_write is not null and cache_write > 0
                and ((p_in_audio is not null and in_audio > 0) or (p_in_image is not null and in_image > 0)))
            or (p_reasoning is not null and reasoning > 0
                and ((p_out_audio is not null and out_audio > 0) or (p_out_image is not null and out_image > 0)))
            then 'overlap_unknown'
    end;
