-- net.http_post(url, body, params, headers, timeout_milliseconds): a POST of JSON.
begin;
select net.http_post('http://127.0.0.1/post', '{"name": "Zoë", "quote": "''\""}');
select net.http_post('http://127.0.0.1/post');
select net.http_post('http://127.0.0.1/post', body := null);
select net.http_post('http://127.0.0.1/post', params := '{"a": 1}', headers := null);
select id, method, url, headers, convert_from(body, 'UTF8') as body, timeout_milliseconds
    from net.http_request_queue order by id;
rollback;

-- Without a Content-Type it is added, whatever other headers there are; the names of headers have no case.
begin;
select net.http_post('http://127.0.0.1/', headers := '{"X-A": "b"}');
select net.http_post('http://127.0.0.1/', headers := '{"content-TYPE": "application/json"}');
select headers from net.http_request_queue order by id;
rollback;

-- Another type is refused: net.http_request takes bodies of any type.
select net.http_post('http://127.0.0.1/', headers := '{"Content-Type": "text/plain"}');
\echo :SQLSTATE
select net.http_post('http://127.0.0.1/', headers := '{"content-type": "application/xml"}');
\echo :SQLSTATE
select net.http_post('http://127.0.0.1/', headers := '[]');
\echo :SQLSTATE
select net.http_post('http://127.0.0.1/', 'no json');
\echo :SQLSTATE
\set VERBOSITY terse
select net.http_post(null);
\echo :SQLSTATE
