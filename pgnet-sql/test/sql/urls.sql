-- A URL is absolute, http or https, and parsed when the call is made.
begin;
select net.http_get('http://127.0.0.1');
select net.http_get('HTTPS://127.0.0.1:8443/a/b?c#d');
select net.http_get('http://user:password@127.0.0.1/');
select net.http_get('http://[::1]/');
select net.http_get('http://[fe80::1%25eth0]:80/');
select net.http_get('http://127.0.0.1/?name=Zoë');
select url from net.http_request_queue order by id;
-- Up to 64 kB, as it is sent.
select net.http_get('http://127.0.0.1/' || repeat('x', 65519)) as id \gset
select length(url) from net.http_request_queue where id = :id;
rollback;
select net.http_get('http://127.0.0.1/' || repeat('x', 65520));
\echo :SQLSTATE
select net.http_get('http://127.0.0.1/', params := jsonb_build_object('q', repeat('é', 11000)));
\echo :SQLSTATE
insert into net.http_request_queue (method, url) values ('GET', 'http://127.0.0.1/' || repeat('x', 65520));
\echo :SQLSTATE

-- Another scheme, or none.
select net.http_get('ftp://127.0.0.1/');
\echo :SQLSTATE
select net.http_get('file:///etc/passwd');
\echo :SQLSTATE
select net.http_get('localhost/path');
\echo :SQLSTATE
select net.http_get('javascript:alert(1)');
\echo :SQLSTATE

-- What is no URL. The text ends with libcurl's reason, which is not shown here: its releases differ.
create function pg_temp.refusal(url text) returns text language plpgsql as $$
begin
    return net.http_get(url);
exception when others then
    return format('%s: %s', sqlstate, substring(sqlerrm from '(?w)(.*"): .'));
end $$;
select pg_temp.refusal('/malformed_url');
select pg_temp.refusal('');
select pg_temp.refusal('http://');
select pg_temp.refusal('http://127.0.0.1:port/');
select pg_temp.refusal('http://127.0.0.1/a b');
select pg_temp.refusal('http://[::1/');
select pg_temp.refusal(E'http://127.0.0.1/\r\nX-A: b') like '22023: invalid URL%' as refused;
