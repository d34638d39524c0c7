-- Text of a recording for a plot or a page: what steers a terminal or is no character of XML becomes a visible �. Some
-- renderers end the whole program on an escape character in a name.
create or replace macro staging.plain(value) as regexp_replace(value, '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]', '�', 'g');
