-- Everybody may make requests and see his own; only the owner of the tables may delete and change rows.
select nspacl from pg_namespace where nspname = 'net';
select relname, relrowsecurity, (select string_agg(privilege_type, ', ') from aclexplode(relacl) where grantee = 0) as public
    from pg_class
    where relnamespace = 'net'::regnamespace and relkind in ('r', 'v', 'S') order by relname;
select attname, attacl from pg_attribute where attrelid = 'net.http_request_queue'::regclass and attacl is not null
    order by attname;
select oid::regprocedure, proacl from pg_proc
    where pronamespace = 'net'::regnamespace and not exists (select from aclexplode(proacl) where grantee = 0) order by 1;

create role alice;
create role bob;
begin;
set local role alice;
select net.http_get('http://127.0.0.1/of-alice');
select url from net.http_request_queue;
set local role bob;
select url from net.http_request_queue;
select queued from net.stats;
rollback;

set role alice;
delete from net.http_request_queue;
\echo :SQLSTATE
truncate net._http_response;
\echo :SQLSTATE
insert into net.http_request_queue (owner, method, url) values ('bob'::regrole, 'GET', 'http://127.0.0.1/');
\echo :SQLSTATE
select net.worker_restart();
\echo :SQLSTATE
reset role;

-- REVOKE INSERT stops functions and direct inserts alike.
begin;
revoke insert on net.http_request_queue from public;
set local role alice;
select net.http_get('http://127.0.0.1/');
\echo :SQLSTATE
rollback;
drop role alice;
drop role bob;
