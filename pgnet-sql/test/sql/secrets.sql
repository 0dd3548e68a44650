-- A secret has a name, a value or a file, and hosts.
\set VERBOSITY terse
select net.set_secret('token', 'hush', hosts => '{API.example.com., http://127.0.0.1, *.example.org:8443}');
select name, owner::regrole, source, hosts, roles from net.secrets;
select net.set_secret('token', hosts => '{*}');
\echo :SQLSTATE
select net.set_secret('token', 'hush', 'file', '{*}');
select net.set_secret('token', 'hush');
select net.set_secret('token', 'hush', hosts => '{}');
select net.set_secret('token', 'hush', hosts => '{a/b}');
select net.set_secret('to ken', 'hush', hosts => '{*}');
select net.set_secret('token', e'hush\n', hosts => '{*}');
select net.set_secret('token', '', hosts => '{*}');
select net.set_secret('token', 'whsec_hush', hosts => '{*}');
select net.set_secret('token', file => '../token', hosts => '{*}');
select net.set_secret(null, 'hush', hosts => '{*}');
\echo :SQLSTATE

-- Names of roles are kept.
create role secret_user;
select net.set_secret('token', file => 'token', hosts => '{*}', roles => '{secret_user}');
select name, source, hosts, roles from net.secrets;

-- Another role sees it only when it may use it, and changes it never.
create role secret_other;
set role secret_user;
select name from net.secrets;
select net.drop_secret('token');
\echo :SQLSTATE
select net.set_secret('own', file => 'token', hosts => '{*}');
\echo :SQLSTATE
set role secret_other;
select name from net.secrets;
select net.request('https://127.0.0.1/', secrets => '{token}');
\echo :SQLSTATE
select value from net._secret_keys;
reset role;

-- Where a request leads, and how, must be one of the hosts; a name that nobody has may yet be set.
select net.set_secret('token', 'hush', hosts => '{api.example.com}');
begin;
select net.request('https://api.example.com/{{token}}', secrets => '{token, later}', sign_with => 'later') > 0 as queued;
select url, secrets, sign_with from net.http_request_queue;
rollback;
select net.request('http://api.example.com/', secrets => '{token}');
\echo :SQLSTATE
select net.request('https://api.example.org/', sign_with => 'token');
select net.request('https://user:{{token}}@api.example.com/', secrets => '{token}');
\echo :SQLSTATE
select net.request('https://api.example.com/', secrets => '{"a b"}');
insert into net.http_request_queue (method, url, secrets) values ('GET', 'http://api.example.com/', '{token}');
\echo :SQLSTATE

-- params and forms are encoded, but for the names of secrets that the request lists.
begin;
select net.request('https://api.example.com/', secrets => '{token}', params => '{"k": "{{token}} {{x}}"}', form => '{"f": "&{{token}}"}') > 0 as queued;
select url, convert_from(body, 'UTF8') from net.http_request_queue;
rollback;

-- Rotation, and the end.
select net._rotate_secret('token', 'hush2', now() + '1 hour');
select until is null as current, count(*) from net._secret_keys group by 1 order by 1;
select net._rotate_secret('nothing', 'hush', null);
\echo :SQLSTATE
select net.drop_secret('token');
select net.drop_secret('token');
select count(*) from net._secret_keys;
drop role secret_user, secret_other;
\set VERBOSITY default
