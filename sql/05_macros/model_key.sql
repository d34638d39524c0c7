-- One name for all spellings of a model; NULL for none. Cut off: path and vendor in front (openai/, us.anthropic.,
-- accounts/fireworks/models/), the date of a release (-20251001, -2024-07-18, @20251001), Bedrock's revision (-v1:0) and wishes for
-- routing behind a colon (:nitro). Dots and dashes between digits are one (claude-haiku-4.5). Kept is what makes another model:
-- -mini, -latest (an alias that moves is not its present meaning), Mistral's -2411, sizes, and what stands behind Ollama's colon (:1b).
-- What has signs that no model's name has is no spelling of one, and stays as it is.
create or replace macro staging.model_key(name) as
    if(regexp_matches(name, '[^\w\s./:@+~-]'), nullif(trim(name), ''),
    nullif(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(lower(trim(name)), '^.*/', ''),
                    '^(?:[^.]*\.)*?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|stability|google|moonshot)\.(.+?)(?:-v\d+(?::\d+)?(?::\w+)?)?$',
                    '\1'
                ), ':(nitro|online|exacto|floor|free|thinking|extended|beta|0)$', ''
            ), '[-@]20\d{2}(-\d{2}-\d{2}|\d{4})($|[-:])', '\2', 'g'
        ), '(\d)\.(\d)', '\1-\2', 'g'), '(\d)\.(\d)', '\1-\2', 'g'), '^\s+$', ''), ''));
