-- net.hosts: rows of the DBA's, checked before any constraint speaks. A pattern is kept in its normal form.
insert into net.hosts (pattern, rate, per, burst, max_in_flight, timeout, connect_timeout, policy, breaker, store, paused, comment)
values ('API.Example.com.', 5, '1 min', 10, 4, '30 s', '2 s', 'quick', true, 'failures', false, 'five a minute');
select pattern, rate, per, burst, max_in_flight, timeout, connect_timeout, policy, breaker, store, paused, comment from net.hosts;
insert into net.hosts (pattern) values ('api.example.COM');
\echo :SQLSTATE
insert into net.hosts (pattern, rate) values ('API.example.com', 7)
on conflict (pattern) do update set rate = excluded.rate;
insert into net.hosts (pattern) values ('*'), ('*:08443'), ('*.Example.com:8443'), ('10.0.0.1'), ('::1'), ('[0:0:0:0:0:0:0:1]:8080'),
    ('xn--bcher-kva.example');
select pattern, rate from net.hosts order by pattern collate "C";
insert into net.hosts (pattern) values ('[::1]');
update net.hosts set pattern = '*:443' where pattern = '*:8443';
delete from net.hosts where pattern <> 'api.example.com';

-- What no row can be.
insert into net.hosts (pattern) values ('https://api.example.com');
\echo :SQLSTATE
\set VERBOSITY terse
insert into net.hosts (pattern) values (null);
\echo :SQLSTATE
insert into net.hosts (pattern) values ('');
insert into net.hosts (pattern) values ('*.');
insert into net.hosts (pattern) values ('[*]');
insert into net.hosts (pattern) values ('*example.com');
insert into net.hosts (pattern) values ('a.*.example.com');
insert into net.hosts (pattern) values ('a.example, b.example');
insert into net.hosts (pattern) values ('a.example/path');
insert into net.hosts (pattern) values ('a.example:');
insert into net.hosts (pattern) values ('a.example:0');
insert into net.hosts (pattern) values ('a.example:65536');
insert into net.hosts (pattern) values ('a.example:https');
insert into net.hosts (pattern) values ('a.example:80:80');
insert into net.hosts (pattern) values ('user@a.example');
insert into net.hosts (pattern) values ('10.0.0.256');
insert into net.hosts (pattern) values ('10.0.0.0/8');
insert into net.hosts (pattern) values ('bücher.example');
insert into net.hosts (pattern) values (repeat('a', 254));
insert into net.hosts (pattern, timeout) values ('a', '-1 s');
insert into net.hosts (pattern, timeout) values ('a', '25 days');
insert into net.hosts (pattern, connect_timeout) values ('a', '0');
insert into net.hosts (pattern, connect_timeout) values ('a', '1 month');
insert into net.hosts (pattern, max_in_flight) values ('a', 0);
insert into net.hosts (pattern, rate) values ('a', 0);
insert into net.hosts (pattern, rate) values ('a', -1);
insert into net.hosts (pattern, rate) values ('a', 'NaN');
insert into net.hosts (pattern, rate) values ('a', 1e30);
insert into net.hosts (pattern, rate, per) values ('a', 1, '0');
insert into net.hosts (pattern, rate, per) values ('a', 1, '367 days');
insert into net.hosts (pattern, rate, burst) values ('a', 1, 0.5);
insert into net.hosts (pattern, rate, burst) values ('a', 1, 'NaN');
insert into net.hosts (pattern, per) values ('a', '1 s');
insert into net.hosts (pattern, burst) values ('a', 1);
insert into net.hosts (pattern, policy) values ('a', 'gone');
insert into net.hosts (pattern, store) values ('a', 'none');
insert into net.hosts (pattern, headers) values ('a', '[]');
insert into net.hosts (pattern, headers) values ('a', '{"": "b"}');
insert into net.hosts (pattern, headers) values ('a', '{"a b": "c"}');
insert into net.hosts (pattern, headers) values ('a', '{"a": "b\r\nc: d"}');
insert into net.hosts (pattern, headers) values ('a', '{"a": "{{token"}');
insert into net.hosts (pattern, roles) values ('a', '{gone}');
insert into net.hosts (pattern, roles) values ('a', '{pg_monitor,null}');
insert into net.hosts (pattern, roles) values ('a', '{{pg_monitor}}');
insert into net.hosts (pattern, ca_bundle) values ('a', 'ca.pem');
insert into net.hosts (pattern, ca_bundle) values ('a', '');
insert into net.hosts (pattern, client_certificate) values ('a', E'/etc/a\nb');
insert into net.hosts (pattern, client_key) values ('a', '/etc/ssl/private/a.pem');
update net.hosts set rate = 0 where pattern = 'api.example.com';
update net.hosts set pattern = 'a b' where pattern = 'api.example.com';
\set VERBOSITY default
insert into net.hosts (pattern, rate) values ('a', 0);
\echo :SQLSTATE

-- A role is named as regrole reads it, or as it is. One that has gone since is no obstacle to another change of the row.
create role net_test_app;
create role "Net Test";
insert into net.hosts (pattern, roles) values ('a', '{NET_TEST_APP,"Net Test"}'), ('b', '{}'),
    ('c', array['"Net Test"'::regrole, 'net_test_app'::regrole]);
select pattern, roles from net.hosts where roles is not null order by pattern;
drop role "Net Test";
update net.hosts set rate = 1 where pattern = 'a';
update net.hosts set roles = roles || '{pg_monitor}' where pattern = 'a';
\echo :SQLSTATE

-- Who may not call a host is told so at the call. Superusers have the rights of all roles; nobody is in an empty list.
delete from net.hosts;
insert into net.hosts (pattern, roles) values ('*', null), ('*.example.com', '{pg_monitor}'), ('api.example.com', null),
    ('open.example.com:8080', '{net_test_app}'), ('closed.example.com', '{}');
begin;
set local role net_test_app;
select net.http_get('https://example.com/') > 0 as made;
select net.http_get('http://open.example.com:8080/') > 0 as made;
select net.http_get('http://API.example.com./');
\echo :SQLSTATE
rollback;
\set VERBOSITY terse
begin;
set local role net_test_app;
select net.http_get('http://open.example.com/');
rollback;
begin;
select net.http_get('http://open.example.com/') > 0 as made;
select net.http_get('http://closed.example.com/');
rollback;

-- In the transaction that changes rows its own changes hold, and not those that it takes back.
begin;
savepoint before;
insert into net.hosts (pattern, roles) values ('a.example', '{pg_monitor}');
set local role net_test_app;
savepoint call;
select net.http_get('http://a.example/');
rollback to call;
reset role;
rollback to before;
set local role net_test_app;
select net.http_get('http://a.example/') > 0 as made;
rollback;
begin;
delete from net.hosts;
set local role net_test_app;
select net.http_get('http://b.example.com/') > 0 as made;
rollback;
begin;
set local role net_test_app;
select net.http_get('http://b.example.com/');
rollback;
grant pg_monitor to net_test_app;
begin;
set local role net_test_app;
select net.http_get('http://b.example.com/') > 0 as made;
rollback;
revoke pg_monitor from net_test_app;

-- Everybody sees the rules, but for what may hold tokens, and where keys are.
insert into net.hosts (pattern, headers, client_certificate) values ('a.example', '{"Authorization": "s3cret"}', '/etc/ssl/certs/a.pem');
set role net_test_app;
select pattern, paused from net.hosts order by pattern;
select headers from net.hosts;
select client_certificate from net.hosts;
delete from net.hosts;
insert into net.hosts (pattern) values ('mine.example');
reset role;

-- An administrator who is no superuser. To name files takes pg_read_server_files, and headers go only where their readers send them.
grant insert, update, delete on net.hosts to net_test_app;
grant select (pattern, paused) on net.hosts to net_test_app;
set role net_test_app;
insert into net.hosts (pattern, paused, headers) values ('mine.example', true, '{"Authorization": "mine"}');
update net.hosts set paused = false where pattern = 'a.example';
update net.hosts set ca_bundle = '/etc/ssl/certs/b.pem' where pattern = 'mine.example';
\echo :SQLSTATE
update net.hosts set pattern = 'mine.example:8080' where pattern = 'a.example';
insert into net.hosts (pattern, ca_bundle) values ('d.example', '/etc/ssl/certs/b.pem');
update net.hosts set pattern = 'mine.example:8080' where pattern = 'mine.example';
\echo :SQLSTATE
reset role;
grant pg_read_server_files to net_test_app;
set role net_test_app;
update net.hosts set ca_bundle = '/etc/ssl/certs/b.pem' where pattern = 'mine.example';
reset role;

-- Who may update them may have hosts probed. A wish is a row that nobody else sees, one for all that mean the same.
set role net_test_app;
select net.probe('API.Example.com'), net.probe('https://me:s3cret@api.example.com/orders?id=7'), net.probe('*.example.com:8443'), net.probe('*');
select net.probe('http://[::1]:8080/'), net.probe('api.example.com:443'), net.probe(null);
select net.probe('a b');
\echo :SQLSTATE
select net.probe('ftp://me:s3cret@h/');
\echo :SQLSTATE
select pattern from net._probes;
reset role;
select pattern from net._probes order by pattern collate "C";
revoke update on net.hosts from net_test_app;
set role net_test_app;
select net.probe('api.example.com');
\echo :SQLSTATE
reset role;
begin transaction read only;
select net.probe('api.example.com');
rollback;
-- Those of an hour ago are swept.
update net._probes set asked = now() - interval '61 min' where pattern <> '*';
select net.probe('api.example.com');
select pattern from net._probes order by pattern collate "C";
truncate net.hosts, net._probes;
drop owned by net_test_app;
drop role net_test_app;
