-- How a sum of cost must be read, given the requests that may have been charged and those whose cost is known in full or in part.
create or replace macro staging.cost_reads(billable, costed, bounded) as
    case
        when billable = 0 then 'nothing charged'
        when costed = billable then 'total'
        when costed + bounded = 0 then 'unknown'
        else 'at least'
    end;
