-- net.http_get(url, params, headers, timeout_milliseconds): a row in the queue, sent when the transaction commits.
-- These transactions do not commit, so nothing is sent.
begin;
select net.http_get('http://127.0.0.1/get');
select net.http_get(
    url := 'http://127.0.0.1/get?a=1',
    params := '{"q": "pg net", "n": 2}',
    headers := '{"X-Token": "secret"}',
    timeout_milliseconds := 250);
select id, method, url, headers, body, timeout_milliseconds from net.http_request_queue order by id;
rollback;

-- Null params and headers mean none, a timeout of 0 means no limit.
begin;
select net.http_get('http://127.0.0.1/', null, null, 0);
select url, headers, timeout_milliseconds from net.http_request_queue;
rollback;

-- A request belongs to the role in force.
begin;
create role requester;
set local role requester;
select net.http_get('http://127.0.0.1/');
select owner::regrole, created > now() - interval '1 minute' as recent from net.http_request_queue;
rollback;

-- Refused when the call is made.
select net.http_get('http://127.0.0.1/', timeout_milliseconds := -1);
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', params := '[1]');
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', headers := '"X-A: b"');
\echo :SQLSTATE
\set VERBOSITY terse
select net.http_get(null);
\echo :SQLSTATE
begin;
select net.http_get('http://127.0.0.1/', timeout_milliseconds := null) > 0 as made;
select timeout_milliseconds from net.http_request_queue;
rollback;
