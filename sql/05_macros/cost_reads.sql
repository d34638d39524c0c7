-- How a sum of cost must be read, given the requests that may have been charged, those whose cost is known in full or in part, and
-- those priced at a date that was assumed.
create or replace macro staging.cost_reads(billable, costed, bounded, assumed) as
    case
        when billable = 0 then 'nothing charged'
        when costed = billable then 'total'
        when costed + assumed = billable then 'assumed'
        when costed + bounded + assumed = 0 then 'unknown'
        else 'at least'
    end;
