-- net.http_request_queue: the requests that have no response yet.
\d net.http_request_queue
\pset null ''
\dD net.http_method
\pset null '(null)'

-- A row inserted here is checked and sent like a call.
insert into net.http_request_queue (method, url) values ('GET', current_setting('test.server') || '/status/204') returning id \gset
select status, message, (response).status_code from net.http_collect_response(:id, async := false);
select count(*) from net.http_request_queue;

begin;
insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('get', 'http://127.0.0.1/', '{"X-A": "b"}', 'body', 1)
    returning method, headers, body, timeout_milliseconds, owner = 'postgres'::regrole as mine;
rollback;

insert into net.http_request_queue (method, url) values ('GET', 'ftp://127.0.0.1/');
\echo :SQLSTATE
insert into net.http_request_queue (method, url) values ('G T', 'http://127.0.0.1/');
\echo :SQLSTATE
insert into net.http_request_queue (method, url) values ('CONNECT', 'http://127.0.0.1/');
\echo :SQLSTATE
insert into net.http_request_queue (method, url, timeout_milliseconds) values ('GET', 'http://127.0.0.1/', -1);
\echo :SQLSTATE
insert into net.http_request_queue (method, url, headers) values ('GET', 'http://127.0.0.1/', '[]');
\echo :SQLSTATE
insert into net.http_request_queue (id, method, url) values (1, 'GET', 'http://127.0.0.1/');
\echo :SQLSTATE
\set VERBOSITY terse
insert into net.http_request_queue (method) values ('GET');
\echo :SQLSTATE
