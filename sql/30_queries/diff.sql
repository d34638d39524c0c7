-- Two sets of recordings, `old` and `new`, matched by prompt: the same messages, system, tools and input, whatever the model.
-- Several requests of one prompt are paired in the order of path and exchange; what has no partner, or no recorded prompt,
-- stands alone.
with
numbered as (
    select
        source,
        prompt_sha256,
        row_number() over (partition by source, prompt_sha256 order by recording_path, exchange_index) as nth,
        recording_path,
        exchange_index,
        coalesce(response_model, request_model) as model,
        provider,
        status,
        finish_reason,
        input_tokens,
        output_tokens,
        reasoning_tokens,
        cost_usd,
        cost_basis,
        frame_count
    from staging.all_requests
    where source in ('old', 'new')
)
select
    case when n.source is null then 'only old' when o.source is null then 'only new' else 'both' end as found,
    coalesce(n.recording_path, o.recording_path) as recording_path,
    coalesce(n.exchange_index, o.exchange_index) as exchange_index,
    o.model as old_model,
    n.model as new_model,
    o.provider as old_provider,
    n.provider as new_provider,
    o.status as old_status,
    n.status as new_status,
    o.finish_reason as old_finish_reason,
    n.finish_reason as new_finish_reason,
    o.input_tokens as old_input_tokens,
    n.input_tokens as new_input_tokens,
    o.output_tokens as old_output_tokens,
    n.output_tokens as new_output_tokens,
    o.cost_usd as old_cost_usd,
    n.cost_usd as new_cost_usd,
    n.cost_usd - o.cost_usd as more_usd,
    o.cost_basis as old_cost_basis,
    n.cost_basis as new_cost_basis,
    o.frame_count as old_frames,
    n.frame_count as new_frames
from (select * from numbered where source = 'old') as o
full join (select * from numbered where source = 'new') as n
    on o.prompt_sha256 = n.prompt_sha256 and o.nth = n.nth
order by found, recording_path, exchange_index;
