-- net.request: any method; one body out of jsonb, text, bytes or a form, or none.
begin;
select net.request('http://127.0.0.1/');
select net.request('http://127.0.0.1/', '{"a": 1}');
select net.request('http://127.0.0.1/', 'null', 'put', params => '{"p": "ü"}', timeout => '1 min');
select net.request('http://127.0.0.1/', body_text => 'Grüße', method => 'patch');
select net.request('http://127.0.0.1/', body_bytes => '\x00ff', timeout => '10 ms');
select net.request('http://127.0.0.1/', form => '{"a": "b c&d", "n": 1.5, "z": null, "é": [1]}', timeout => '0');
select net.request('http://127.0.0.1/', form => '{}');
select net.request('http://127.0.0.1/', method => 'PROPFIND', headers => '{"Depth": "1"}');
select net.request('http://127.0.0.1/', body_text => 'a,b', headers => '{"content-type": "text/csv"}');
select method, url, headers, encode(body, 'escape') as body, timeout_milliseconds
from net.http_request_queue order by id;
rollback;

-- Methods are tokens; standard ones are written in upper case, others stay as they are.
begin;
select net.request('http://127.0.0.1/', method => 'options'), net.request('http://127.0.0.1/', method => 'Report');
select method from net.http_request_queue order by id;
rollback;
\set VERBOSITY terse
select net.request('http://127.0.0.1/', method => 'CONNECT');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', method => 'trace');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', method => 'GET /');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', method => E'GET\r\nX-A: b');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', method => '');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', method => repeat('M', 65));
\echo :SQLSTATE
select net.request(null);
\echo :SQLSTATE

-- What contradicts itself, or can never be.
select net.request('http://127.0.0.1/', '{}', form => '{}');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', body_text => '', body_bytes => '');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', form => '[1]');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', timeout => '-1 ms');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', timeout => '-1 us');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', timeout => '25 days');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', delay => '-1 s');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', expires_after => '0');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', delay => '1 h', expires_after => '1 h');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', timeouts => '1 s');
\echo :SQLSTATE
select net.http_post('http://127.0.0.1/', policy := 'quick');
\echo :SQLSTATE
\set VERBOSITY default

-- A timeout is never rounded to none.
begin;
select net.request('http://127.0.0.1/', timeout => '1 us'), net.request('http://127.0.0.1/', timeout => '1.5 ms');
select timeout_milliseconds from net.http_request_queue order by id;
rollback;

-- When it is sent, and until when.
begin;
select net.request('http://127.0.0.1/', delay => '1 h', expires_after => '2 h', policy => 'standard');
select policy, not_before - created between '59 min' and '1 h' as not_before, expires - not_before as expires, priority
from net.http_request_queue;
rollback;
begin;
insert into net.http_request_queue (method, url, not_before) values ('GET', 'http://127.0.0.1/', 'infinity');
rollback;
insert into net.http_request_queue (method, url, expires) values ('GET', 'http://127.0.0.1/', '-infinity');
insert into net.http_request_queue (method, url, not_before, expires)
values ('GET', 'http://127.0.0.1/', '2026-01-01', '2026-01-01');
\echo :SQLSTATE

-- What is not built yet is refused.
\echo :SQLSTATE
\set VERBOSITY terse
select net.request('http://127.0.0.1/', priority => 'high');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', order_key => '');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', secrets => '{a}');
select net.request('http://127.0.0.1/', sign_with => 'a');
select net.request('http://127.0.0.1/', order_key => repeat('x', 256));
\echo :SQLSTATE
\set VERBOSITY default

-- How much of the response is stored is one of three words.
select net.request('http://127.0.0.1/', store => 'nothing');
\echo :SQLSTATE
begin;
insert into net.http_request_queue (method, url, store)
select 'GET', 'http://127.0.0.1/', unnest('{all,status,failures}'::text[]) returning store;
rollback;

-- A priority is one of three words, a key has 1 to 255 bytes, in calls and in rows; the two go together with all else.
\set VERBOSITY terse
select net.request('http://127.0.0.1/', priority => '');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', priority => 'URGENT', order_key => 'a');
\echo :SQLSTATE
select net.request('http://127.0.0.1/', priority => 'urgent', order_key => repeat('é', 128));
\echo :SQLSTATE
insert into net.http_request_queue (method, url, priority) values ('GET', 'http://127.0.0.1/', 'high');
\echo :SQLSTATE
insert into net.http_request_queue (method, url, order_key) values ('GET', 'http://127.0.0.1/', '');
\echo :SQLSTATE
begin;
select net.request('http://127.0.0.1/', priority => p, order_key => repeat('é', 127), delay => '1 h', expires_after => '2 h',
    policy => 'quick', store => 'status') > 0 as made
from unnest('{urgent,normal,bulk,null}'::text[]) p;
select priority, length(order_key), policy, store from net.http_request_queue order by id;
savepoint before;
update net.http_request_queue set priority = 'low';
\echo :SQLSTATE
rollback to before;
update net.http_request_queue set order_key = repeat('x', 256);
\echo :SQLSTATE
rollback;
\set VERBOSITY default
