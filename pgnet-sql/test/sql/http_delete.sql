-- net.http_delete(url, params, headers, timeout_milliseconds, body): the body comes last and is optional.
begin;
select net.http_delete('http://127.0.0.1/things/1');
select net.http_delete('http://127.0.0.1/things', '{"id": 1}', '{"X-A": "b"}', 100);
select net.http_delete('http://127.0.0.1/things', body := '{"ids": [1, 2]}');
select net.http_delete('http://127.0.0.1/things', body := '1', headers := '{"Content-Type": "application/merge-patch+json"}');
select id, method, url, headers, convert_from(body, 'UTF8') as body, timeout_milliseconds
    from net.http_request_queue order by id;
rollback;

select net.http_delete('http://127.0.0.1/', params := '1');
\echo :SQLSTATE
\set VERBOSITY terse
select net.http_delete(null);
\echo :SQLSTATE
