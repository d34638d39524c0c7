-- A prompt that was sent again, against the time before: cost, tokens, frames, provider, model, finish reason.
-- Requests of one prompt (same messages, system, tools and input) in the order of time; undated ones cannot be ordered and are left out.
-- show: started_at, model, cost_usd, before_cost_usd, more_usd, input_tokens, before_input_tokens, output_tokens, before_output_tokens, before_model
create or replace view marts.recording_diff as
with
again as (
    select
        prompt_sha256,
        request_id,
        started_at,
        coalesce(response_model, request_model) as model,
        provider,
        status,
        finish_reason,
        input_tokens,
        output_tokens,
        cost_usd,
        frame_count,
        lag(request_id) over w as before_request_id,
        lag(started_at) over w as before_started_at,
        lag(coalesce(response_model, request_model)) over w as before_model,
        lag(provider) over w as before_provider,
        lag(status) over w as before_status,
        lag(finish_reason) over w as before_finish_reason,
        lag(input_tokens) over w as before_input_tokens,
        lag(output_tokens) over w as before_output_tokens,
        lag(cost_usd) over w as before_cost_usd,
        lag(frame_count) over w as before_frame_count
    from staging.requests
    where prompt_sha256 is not null and started_at is not null
    window w as (partition by prompt_sha256 order by started_at, request_id)
)
select
    *,
    cost_usd - before_cost_usd as more_usd
from again
where before_request_id is not null
order by started_at, request_id;
comment on view marts.recording_diff is 'A prompt that was sent again, against the time before it: cost, tokens, frames, provider, model, finish reason.';
comment on column marts.recording_diff.prompt_sha256 is 'Hash of the prompt: messages, system, tools and input.';
comment on column marts.recording_diff.request_id is 'The later request.';
comment on column marts.recording_diff.started_at is 'When it was sent. [UTC]';
comment on column marts.recording_diff.model is 'Model that answered, else the one asked for.';
comment on column marts.recording_diff.provider is 'Who served it.';
comment on column marts.recording_diff.status is 'How it ended.';
comment on column marts.recording_diff.finish_reason is 'Why it ended, verbatim.';
comment on column marts.recording_diff.input_tokens is 'Its input. [tokens]';
comment on column marts.recording_diff.output_tokens is 'Its output. [tokens]';
comment on column marts.recording_diff.cost_usd is 'What it cost. [USD]';
comment on column marts.recording_diff.frame_count is 'Data frames of its response.';
comment on column marts.recording_diff.before_request_id is 'The request of the same prompt before it.';
comment on column marts.recording_diff.before_started_at is 'When that one was sent. [UTC]';
comment on column marts.recording_diff.before_model is 'Model of that one.';
comment on column marts.recording_diff.before_provider is 'Who served that one.';
comment on column marts.recording_diff.before_status is 'How that one ended.';
comment on column marts.recording_diff.before_finish_reason is 'Why that one ended.';
comment on column marts.recording_diff.before_input_tokens is 'Input of that one. [tokens]';
comment on column marts.recording_diff.before_output_tokens is 'Output of that one. [tokens]';
comment on column marts.recording_diff.before_cost_usd is 'What that one cost. [USD]';
comment on column marts.recording_diff.before_frame_count is 'Data frames of that one.';
comment on column marts.recording_diff.more_usd is 'cost_usd less before_cost_usd; NULL unless both are known. [USD]';
