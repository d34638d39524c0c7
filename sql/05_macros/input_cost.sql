-- What the input costs, in exact decimals: each subset is charged at its own price in place of its parent's, where it has one.
-- Total x price + subset x (own price - parent's price) is the same sum as pricing parent minus subsets, without intermediate leaves.
-- What is audio (or an image) and cached is in two subsets: where that has a price of its own, it takes the place of what both gave.
-- after: tokens
create or replace macro staging.input_cost(
    input, cache_read, cache_write, cache_write_1h, audio, image, cached_audio, cached_image,
    p_input, p_cache_read, p_cache_write, p_cache_write_1h, p_audio, p_image, p_cached_audio, p_cached_image
) as
    staging.tokens(input) * coalesce(p_input, 0)
    + staging.tokens(cache_read) * (coalesce(p_cache_read, p_input, 0) - coalesce(p_input, 0))
    + staging.tokens(cache_write) * (coalesce(p_cache_write, p_input, 0) - coalesce(p_input, 0))
    + staging.tokens(cache_write_1h)
    * (coalesce(p_cache_write_1h, p_cache_write, p_input, 0) - coalesce(p_cache_write, p_input, 0))
    + staging.tokens(audio) * (coalesce(p_audio, p_input, 0) - coalesce(p_input, 0))
    + staging.tokens(image) * (coalesce(p_image, p_input, 0) - coalesce(p_input, 0))
    + staging.tokens(cached_audio)
    * coalesce(p_cached_audio - coalesce(p_cache_read, p_input, 0) - coalesce(p_audio, p_input, 0) + coalesce(p_input, 0), 0)
    + staging.tokens(cached_image)
    * coalesce(p_cached_image - coalesce(p_cache_read, p_input, 0) - coalesce(p_image, p_input, 0) + coalesce(p_input, 0), 0);
