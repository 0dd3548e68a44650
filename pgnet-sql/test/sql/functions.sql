-- The functions, as \df shows them. Those with _ are not for users.
\pset format unaligned
\pset fieldsep ' | '
\df net.http_*
\df net.request
\df net.await
\df net.cancel
\df net.wake
\df net.w*_*
\df net.check*
\df net._http*
\df net._await_response
\df net._urlencode_string
\df net._encode*
select oid::regprocedure, provolatile, proparallel, prosecdef from pg_proc
    where pronamespace = 'net'::regnamespace and proname !~ '^_' order by oid::regprocedure::text;
-- Types and views.
\dT net.*
\d net.http_response
\d net.http_response_result
\d net.stats
-- Everything has a comment.
select count(*) from pg_proc where pronamespace = 'net'::regnamespace and obj_description(oid, 'pg_proc') is null;
select count(*) from pg_class where relnamespace = 'net'::regnamespace and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null;
select attrelid::regclass, attname from pg_attribute join pg_class c on c.oid = attrelid
    where relnamespace = 'net'::regnamespace and relkind in ('r', 'v') and attnum > 0 and col_description(attrelid, attnum) is null;
