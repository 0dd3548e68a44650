-- Params are percent-encoded and added behind the query that is there, before the fragment.
begin;
create function pg_temp.url(url text, params jsonb) returns text language sql volatile as $$
    select net.http_get(url, params);
    select url from net.http_request_queue order by id desc limit 1;
$$;
select pg_temp.url('http://127.0.0.1/path', '{"a": "b"}');
select pg_temp.url('http://127.0.0.1', '{"a": "b"}');
select pg_temp.url('http://127.0.0.1/path?', '{"a": "b"}');
select pg_temp.url('http://127.0.0.1/path?x=1', '{"a": "b"}');
select pg_temp.url('http://127.0.0.1/path?x=1&', '{"a": "b"}');
select pg_temp.url('http://127.0.0.1/path#part', '{"a": "b"}');
select pg_temp.url('http://127.0.0.1/path?x=1#part?no=query', '{"a": "b", "c": "d"}');
select pg_temp.url('http://[::1]:8080/path', '{"a": "b"}');

-- Members that are not strings are written as JSON; null ones are skipped.
select pg_temp.url('http://127.0.0.1/', '{"number": 1.50, "bool": true, "null": null, "array": [1, "x"], "object": {"k": 1}}');
select pg_temp.url('http://127.0.0.1/', '{"null": null}');
select pg_temp.url('http://127.0.0.1/', '{}');
select pg_temp.url('http://127.0.0.1/', '{"": "", "a": ""}');

-- Everything but letters, digits and - . _ ~ is encoded, in UTF-8.
select pg_temp.url('http://127.0.0.1/', '{"sp ace": "a+b&c=d/e?f#g%h", "naïve": "日本 😀", "safe": "-._~"}');
select pg_temp.url('http://127.0.0.1/', '{"quotes": "''\"", "sql": "1; drop table x --"}');

-- The parameters count towards the limit of the URL, 64 kB.
select length(pg_temp.url('http://127.0.0.1/', jsonb_build_object('long', repeat('x', 65513))));
rollback;
