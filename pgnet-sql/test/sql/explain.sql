-- net.explain(url): what would hold for a request of the role in force, and which rule says so.
select * from net.explain('https://API.example.com/orders?id=1');
insert into net.hosts (pattern, policy, timeout, max_in_flight, rate, per, headers, roles, client_certificate) values
    ('*', 'quick', '20 s', 100, 60, '1 min', null, null, null),
    ('*.example.com', null, null, 8, null, null, '{"Authorization": "s3cret", "X-Tenant": 7}', '{pg_monitor}', '/etc/ssl/certs/a.pem'),
    ('api.example.com:8443', 'standard', null, null, 2.50, null, null, null, null);
select * from net.explain('https://api.example.com:8443/');
insert into net.hosts (pattern, connect_timeout, breaker, store, paused, burst, rate, headers, roles) values
    ('a.example.com', '2 s', true, 'failures', true, 10, 2, '{}', '{}');
select * from net.explain('http://a.example.com/');
-- The setting comes before the host's policy.
begin;
set local pg_net.default_policy = 'none';
select * from net.explain('http://b.example/') where what = 'policy';
set local pg_net.default_policy = 'gone';
select * from net.explain('http://b.example/') where what = 'policy';
rollback;

-- The role in force counts, and file names are for those who may read them.
create role net_test_app;
set role net_test_app;
select * from net.explain('https://b.example.com/');
reset role;
grant pg_monitor to net_test_app;
grant select (ca_bundle, client_certificate, client_key) on net.hosts to net_test_app;
set role net_test_app;
select * from net.explain('https://b.example.com/') where what in ('allowed', 'header', 'client_certificate');
select net._header_names('*.example.com'), net._header_names('*') is null as "none of *";
reset role;

-- Secrets by their names: those of the role that may be sent there, and what becomes of headers that name some.
select net.set_secret('net_test.theirs', 'value', hosts => '{*.example.com}');
update net.hosts
    set headers = '{"Authorization": "{{net_test.token}}", "X-Lost": "{{net_test.lost}}", "X-Theirs": "a{{net_test.theirs}}", "X-Plain": "{{{{b}}"}'
    where pattern = '*.example.com';
set role net_test_app;
select net.set_secret('net_test.token', 'value', hosts => '{api.example.com}');
select * from net.explain('https://api.example.com/') where what in ('header', 'secret') order by 1, 2;
select * from net.explain('http://api.example.com/') where what in ('header', 'secret') order by 1, 2;
select net.drop_secret('net_test.token');
reset role;
select * from net.explain('https://api.example.com/') where what in ('header', 'secret') order by 1, 2;
select net.drop_secret('net_test.theirs');

-- An address is judged by the denied networks, a name when it is connected to.
select * from net.explain('http://169.254.169.254/latest/meta-data') where what = 'allowed';
select * from net.explain('http://[fe80::1]:8080/') where what in ('origin', 'allowed');
select * from net.explain('http://0xa9fea9fe/') where what in ('origin', 'allowed');
select * from net.explain(null);
select * from net.explain('ftp://a.example/');
\echo :SQLSTATE
select count(*) from net.stat_host where origin like '%example%';
delete from net.hosts;
drop owned by net_test_app;
drop role net_test_app;
