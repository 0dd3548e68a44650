-- net.http_request(method, url, body, params, headers, timeout_milliseconds): any method; a body of jsonb, text or bytea.
begin;
select net.http_request('head', 'http://127.0.0.1/');
select net.http_request('PUT', 'http://127.0.0.1/', '{"a": 1}'::jsonb);
select net.http_request('patch', 'http://127.0.0.1/', 'Grüße'::text, '{"p": 1}');
select net.http_request('Post', 'http://127.0.0.1/', '\x00ff'::bytea, timeout_milliseconds := 10);
select net.http_request('PROPFIND', 'http://127.0.0.1/', headers := '{"Depth": "1"}');
select net.http_request('PUT', 'http://127.0.0.1/', 'a,b'::text, headers := '{"content-type": "text/csv"}');
select method, url, headers, body, timeout_milliseconds from net.http_request_queue order by id;
rollback;

-- An untyped literal is text; a null of any type is no body, and gets no Content-Type.
begin;
select net.http_request('PUT', 'http://127.0.0.1/', 'text');
select net.http_request('PUT', 'http://127.0.0.1/', null::bytea);
select method, headers, body from net.http_request_queue order by id;
rollback;

-- Methods are tokens; standard ones are written in upper case, others stay as they are.
begin;
select net.http_request('options', 'http://127.0.0.1/'), net.http_request('Report', 'http://127.0.0.1/');
select method from net.http_request_queue order by id;
rollback;
select net.http_request('CONNECT', 'http://127.0.0.1/');
\echo :SQLSTATE
select net.http_request('trace', 'http://127.0.0.1/');
\echo :SQLSTATE
select net.http_request('GET /', 'http://127.0.0.1/');
\echo :SQLSTATE
select net.http_request(E'GET\r\nX-A: b', 'http://127.0.0.1/');
\echo :SQLSTATE
select net.http_request('', 'http://127.0.0.1/');
\echo :SQLSTATE
select net.http_request(repeat('M', 65), 'http://127.0.0.1/');
\echo :SQLSTATE
\set VERBOSITY terse
select net.http_request(null, 'http://127.0.0.1/');
\echo :SQLSTATE
