-- A percentile of nanoseconds in ms, or NULL when there are fewer than `least` observations (1 / (1 - p) of them).
create or replace macro staging.quantile_ms(ns, p, least) as if(count(ns) >= least, quantile_cont(ns, p) / 1e6, null);
