-- What the output costs, in exact decimals; the rule of staging.input_cost.
-- after: tokens
create or replace macro staging.output_cost(
    output, reasoning, audio, image, p_output, p_reasoning, p_audio, p_image
) as
    staging.tokens(output) * coalesce(p_output, 0)
    + staging.tokens(reasoning) * (coalesce(p_reasoning, p_output, 0) - coalesce(p_output, 0))
    + staging.tokens(audio) * (coalesce(p_audio, p_output, 0) - coalesce(p_output, 0))
    + staging.tokens(image) * (coalesce(p_image, p_output, 0) - coalesce(p_output, 0));
