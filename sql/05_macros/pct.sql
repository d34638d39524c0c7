-- A share in percent, cut off and not rounded, so that 100 means all; NULL of nothing.
create or replace macro staging.pct(part, whole) as if(whole > 0, floor(10000.0 * part / whole) / 100, null);
