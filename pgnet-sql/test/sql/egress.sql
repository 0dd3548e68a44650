-- Where requests may go. The settings are a superuser's, and checked when they are set.
alter system set pg_net.allowed_hosts = '*.example.com, example.com, xn--bcher-kva.example, 127.0.0.1, [::1]';
alter system set pg_net.allowed_hosts = 'http://example.com';
\echo :SQLSTATE
alter system set pg_net.allowed_hosts = 'example.com:80';
\echo :SQLSTATE
alter system set pg_net.allowed_hosts = 'exam*.com';
\echo :SQLSTATE
alter system set pg_net.allowed_hosts = 'bücher.example';
\echo :SQLSTATE
-- An address in another form than usual, which libcurl would never compare with.
alter system set pg_net.allowed_hosts = '0x7f.1';
\echo :SQLSTATE
alter system set pg_net.allowed_hosts = '*.0.0.1';
\echo :SQLSTATE
set pg_net.allowed_hosts = '*';
\echo :SQLSTATE
alter system set pg_net.denied_networks = '10.0.0.0/8, 192.0.2.1, fe80::/10';
alter system set pg_net.denied_networks = '10.0.0.0/8, 10.0.0.0/33';
\echo :SQLSTATE
alter system set pg_net.denied_networks = '10.0.0.1/8';
\echo :SQLSTATE
alter system set pg_net.denied_networks = 'localhost';
\echo :SQLSTATE
alter system set pg_net.proxy = 'http://127.0.0.1:3128';
alter system set pg_net.proxy = '127.0.0.1:3128';
\echo :SQLSTATE
alter system reset pg_net.allowed_hosts;
alter system reset pg_net.denied_networks;
alter system reset pg_net.proxy;

-- Nobody else sees them.
create role egress_reader;
set role egress_reader;
\set VERBOSITY sqlstate
show pg_net.allowed_hosts;
show pg_net.denied_networks;
show pg_net.proxy;
\set VERBOSITY default
reset role;
drop role egress_reader;

-- A host that is not allowed is refused when the request is made, a direct insert included.
alter system set pg_net.allowed_hosts = '*.example.com, 127.0.0.1';
select pg_reload_conf();
-- A session reads the configuration between two statements.
\set ECHO none
\o /dev/null
select 'select pg_sleep(0.05) where current_setting(''pg_net.allowed_hosts'') = ''*'''
    from generate_series(1, 200) \gexec
\o
\set ECHO all
begin;
select net.http_get('http://www.example.com/');
select net.http_get('http://WWW.EXAMPLE.COM.:8080/');
select net.http_get('http://2130706433/');
select net.http_get('http://other.example.org@127.0.0.1/');
savepoint before;
select net.http_get('http://example.com/');
\echo :SQLSTATE
rollback to before;
select net.http_post('http://www.example.com@127.0.0.9/?token=secret');
\echo :SQLSTATE
rollback to before;
select net.http_delete('http://[::ffff:127.0.0.1]/');
\echo :SQLSTATE
rollback to before;
insert into net.http_request_queue (method, url) values ('GET', 'http://other.example.org/?token=secret');
\echo :SQLSTATE
rollback to before;
update net.http_request_queue set url = 'http://other.example.org/';
\echo :SQLSTATE
rollback;
alter system reset pg_net.allowed_hosts;
select pg_reload_conf();
\set ECHO none
\o /dev/null
select 'select pg_sleep(0.05) where current_setting(''pg_net.allowed_hosts'') <> ''*'''
    from generate_series(1, 200) \gexec
\o
\set ECHO all
show pg_net.allowed_hosts;
