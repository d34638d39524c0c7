-- The words of a model's name in alphabetical order, to compare names: without path, vendor and region in front (openai/,
-- us.anthropic.), without routing or revision behind (:nitro, -v1:0), and without regard to case and punctuation.
create or replace macro staging.model_words(name) as
    list_sort(list_distinct(list_filter(
        string_split_regex(
            regexp_replace(
                regexp_replace(
                    regexp_replace(regexp_replace(lower(name), '^.*/', ''), '(-v[0-9]+)?:[^:]*$', ''),
                    '^([a-z-]+\.)+(.*)-v[0-9]+$', '\2'
                ),
                '^([a-z-]+\.)+([a-z])', '\2'
            ),
            '[^a-z0-9]+'
        ), lambda word: word <> ''
    )));
