-- The sum of token counts or bytes: NULL where nothing is known. A sum beyond 64 bits can only come from absurd input; it is
-- NULL, too, so that one bad row cannot stop a report.
create or replace macro staging.total(n) as try_cast(sum(n) as bigint);
