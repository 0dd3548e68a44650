-- net.policies: three are built in, the rest is the DBA's, checked before any constraint speaks.
select * from net.policies order by name;
insert into net.policies (name, delays) values ('nightly', '{1 min,1 h}');
select * from net.policies where name = 'nightly';
insert into net.policies (name, delays, max_attempts) values ('nightly', '{2 min}', 3)
on conflict (name) do update set delays = excluded.delays, max_attempts = excluded.max_attempts;
update net.policies set retry_on = '{network,timeout,4xx,500-504,599}' where name = 'nightly';
select * from net.policies where name = 'nightly';
insert into net.policies (name, delays, max_attempts) values ('once', '{}', 1), ('at once', '{0 s}', 2);
delete from net.policies where name in ('once', 'at once');

-- Those that are built in stay as they are.
update net.policies set jitter = 0 where name = 'standard';
\echo :SQLSTATE
\set VERBOSITY terse
update net.policies set name = 'quick' where name = 'nightly';
delete from net.policies where name = 'none';
insert into net.policies (name, delays) values ('quick', '{1 s}') on conflict (name) do update set delays = excluded.delays;
truncate net.policies;
\echo :SQLSTATE

-- What no policy can be.
insert into net.policies (name, delays) values (null, '{1 s}');
\echo :SQLSTATE
insert into net.policies (name, delays) values ('', '{1 s}');
insert into net.policies (name, delays) values ('a ', '{1 s}');
insert into net.policies (name, delays) values (repeat('a', 64), '{1 s}');
insert into net.policies (name, delays) values ('a', null);
insert into net.policies (name, delays) values ('a', '{1 s,null}');
insert into net.policies (name, delays) values ('a', '{{1 s},{2 s}}');
insert into net.policies (name, delays) values ('a', '{-1 s}');
insert into net.policies (name, delays) values ('a', '{367 days}');
insert into net.policies (name, delays) values ('a', '{}');
insert into net.policies (name, delays) values ('a', '{1 s,0 s}');
insert into net.policies (name, delays, max_attempts) values ('a', '{1 s}', 0);
insert into net.policies (name, delays, max_age) values ('a', '{1 s}', '0');
insert into net.policies (name, delays, max_age) values ('a', '{1 s}', '367 days');
insert into net.policies (name, delays, jitter) values ('a', '{1 s}', 1.1);
insert into net.policies (name, delays, jitter) values ('a', '{1 s}', -0.1);
insert into net.policies (name, delays, jitter) values ('a', '{1 s}', 'NaN');
insert into net.policies (name, delays, jitter) values ('a', '{1 s}', null);
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', null);
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{network,null}');
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{network,dns}');
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{5XX}');
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{99}');
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{600}');
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{504-500}');
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{5xx-503}');
insert into net.policies (name, delays, keep_dead) values ('a', '{1 s}', null);
update net.policies set delays = '{}' where name = 'nightly';
\set VERBOSITY default
insert into net.policies (name, delays, retry_on) values ('a', '{1 s}', '{5XX}');
\echo :SQLSTATE

-- A request names one that there is, whoever makes it and in whichever way.
select net.request('http://127.0.0.1/', policy => 'nightlyy');
\echo :SQLSTATE
insert into net.http_request_queue (method, url, policy) values ('GET', 'http://127.0.0.1/', 'gone');
begin;
select net.request('http://127.0.0.1/', policy => 'nightly'), net.request('http://127.0.0.1/', policy => 'none');
select policy from net.http_request_queue order by id;
rollback;

-- The session's, of those that name none. It is noted with the request.
begin;
set local pg_net.default_policy = 'nightly';
select net.http_get('http://127.0.0.1/'), net.request('http://127.0.0.1/'), net.request('http://127.0.0.1/', policy => 'none');
set local pg_net.default_policy = '';
select net.http_get('http://127.0.0.1/');
select policy from net.http_request_queue order by id;
set local pg_net.default_policy = 'gone';
select net.http_get('http://127.0.0.1/');
\echo :SQLSTATE
rollback;
create function net_test_with_policy() returns bigint language sql
set pg_net.default_policy = 'quick' as $$ select net.http_get('http://127.0.0.1/') $$;
begin;
select net_test_with_policy();
select policy from net.http_request_queue;
rollback;
drop function net_test_with_policy();

-- Everybody reads them; those may change them who are granted it.
create role net_test_app;
set role net_test_app;
select count(*) from net.policies;
delete from net.policies where name = 'nightly';
\echo :SQLSTATE
begin;
select net.request('http://127.0.0.1/', policy => 'nightly') > 0 as made;
rollback;
reset role;
revoke insert (policy) on net.http_request_queue from public;
set role net_test_app;
begin;
select net.request('http://127.0.0.1/', '{}') > 0 as made;
select net.request('http://127.0.0.1/', '{}', policy => 'nightly');
\echo :SQLSTATE
rollback;
reset role;
grant insert, update, delete on net.policies to net_test_app;
set role net_test_app;
delete from net.policies where name = 'nightly';
reset role;
drop owned by net_test_app;
drop role net_test_app;
