-- A token count that arithmetic can be done on: absent is none, and the absurd is held below a million million, where money
-- in decimal(38,24) cannot overflow (staging.requests gives no price to such a row).
create or replace macro staging.tokens(n) as least(coalesce(n, 0), 1000000000000);
