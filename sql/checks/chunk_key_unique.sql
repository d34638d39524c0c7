-- A frame has one live row.
select request_id, chunk_index, count(*) as n
from staging.chunks
group by request_id, chunk_index
having count(*) > 1;
