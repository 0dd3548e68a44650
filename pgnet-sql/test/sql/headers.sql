-- Headers are a JSON object. An array sends a line for each member, null none, "" suppresses a header of libcurl's own.
begin;
select net.http_get('http://127.0.0.1/', headers := '{"Accept": ["text/html", "text/plain"], "User-Agent": "me", "Expect": "", "X-None": null, "X-Number": 1}');
select jsonb_pretty(headers) from net.http_request_queue;
rollback;

-- The same, as a server received it.
select net.http_get(
    current_setting('test.server') || '/headers',
    headers := '{"X-A": ["b", "c"], "X-None": null, "X-Number": 1.5, "X-Bool": false, "Accept": ""}') as id \gset
select (response).body from net.http_collect_response(:id, async := false);

-- A line end or a NUL would start a header of its own.
select net.http_get('http://127.0.0.1/', headers := '{"X-A": "b\r\nX-C: d"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"X-A": ["b", "c\nX-D: e"]}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"X-A\r\nX-B": "c"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"X-A": "b\u0000c"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"": "b"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '["X-A: b"]');
\echo :SQLSTATE

-- A name is a token; servers read others in different ways.
select net.http_get('http://127.0.0.1/', headers := '{"Authorization ": "t"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"X-A": "1", " Authorization": "t"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"Authorization:": "t"}');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '{"X-Größe": null}');
\echo :SQLSTATE
insert into net.http_request_queue (method, url, headers) values ('GET', 'http://127.0.0.1/', '{"X Custom": "t"}');
\echo :SQLSTATE
create function pg_temp.is_name(name text) returns boolean language plpgsql as $$
begin
    perform net.http_get('http://127.0.0.1/', headers := jsonb_build_object(name, ''));
    return true;
exception when invalid_parameter_value then
    return false;
end $$;
begin;
select string_agg(chr(n), '' order by n) as names from generate_series(1, 300) n where pg_temp.is_name(chr(n));
rollback;

-- What is too long to be sent.
select net.http_get('http://127.0.0.1/', headers := jsonb_build_object('X-A', repeat('x', 1100000)));
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := jsonb_build_object(repeat('X', 1100), (select jsonb_agg(n) from generate_series(1, 1000) n)));
\echo :SQLSTATE
