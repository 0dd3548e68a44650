-- net.await(request_ids, timeout): waits for all, and returns the responses that came, in the order of their ids.
select array_agg(net.http_get(current_setting('test.server') || '/status/' || code)) as ids
    from unnest('{200,404,500}'::int[]) code \gset
select status_code, content, error_msg from net.await(:'ids');

-- It gives up after the timeout.
select net.http_get(current_setting('test.server') || '/hang') as slow \gset
select net.http_get(current_setting('test.server') || '/status/201') as fast \gset
select status_code from net.await(array[:fast]);
select status_code from net.await(array[:slow, :fast], '100 ms');
select net.cancel(:slow);

-- Ids that are not known are not waited for; none, or null, is nothing to wait for.
select status_code from net.await(array[:fast, -1, null]);
select count(*) from net.await('{}');
select count(*) from net.await(null);

-- net._await_response(request_id): true when the response is there, false when it will not come.
select net._await_response(:fast), net._await_response(-1), net._await_response(null);

-- Not in the transaction that makes the request, nor with a snapshot older than the response.
begin;
select net.http_get('http://127.0.0.1/') as id \gset
select * from net.await(array[:id]);
\echo :SQLSTATE
rollback;
select net.http_get(current_setting('test.server') || '/hang') as slow \gset
begin isolation level repeatable read;
select * from net.await(array[:slow]);
\echo :SQLSTATE
rollback;
select net.cancel(:slow);
