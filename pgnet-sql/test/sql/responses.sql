-- net._http_response: what became of the requests. net.responses shows what is known beside it.
\d net._http_response
\d net.responses

-- An HTTP status of any kind is a response.
select net.http_get(current_setting('test.server') || '/status/404') as id \gset
select status, message, (response).status_code, (response).body from net.http_collect_response(:id, async := false);
select status_code, content_type, content, body, timed_out, error_msg, attempts, method, owner::regrole,
       created > now() - interval '1 minute' as recent, duration > '0' as took_time
    from net.responses where id = :id;

-- No response is an error.
select net.http_get(current_setting('test.server') || '/drop') as id \gset
select * from net.http_collect_response(:id, async := false);
select status_code, headers, content, timed_out, error_msg from net._http_response where id = :id;
select net.http_get(current_setting('test.server') || '/hang', timeout_milliseconds := 50) as id \gset
select status, regexp_replace(message, '\d+\.\d+', 'N', 'g') as message, response
    from net.http_collect_response(:id, async := false);
select timed_out from net._http_response where id = :id;

-- Pending, or not known.
select net.http_get(current_setting('test.server') || '/hang') as id \gset
select * from net.http_collect_response(:id);
select * from net._http_collect_response(:id);
select net.cancel(:id);
select * from net.http_collect_response(:id);
select * from net.http_collect_response(-1, async := false);
select * from net.http_collect_response(null);

-- What cannot come is not waited for.
begin;
select net.http_get('http://127.0.0.1/') as id \gset
select * from net.http_collect_response(:id, async := false);
\echo :SQLSTATE
rollback;
