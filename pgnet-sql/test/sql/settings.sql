-- The settings of pg_net. libjvm depends on the installation; the default of denied_networks is long.
select name, setting, unit, context, min_val, max_val from pg_settings
    where name like 'pg_net.%' and name not in ('pg_net.libjvm', 'pg_net.denied_networks') order by name collate "C";

-- They are checked when they are set; most are for postgresql.conf or ALTER SYSTEM.
alter system set pg_net.ttl = 'soon';
\echo :SQLSTATE
alter system set pg_net.ttl = '-1 hour';
\echo :SQLSTATE
alter system set pg_net.batch_size = 40000;
\echo :SQLSTATE
alter system set pg_net.batch_size = -1;
\echo :SQLSTATE
alter system set pg_net.max_connections_per_host = 0;
\echo :SQLSTATE
alter system set pg_net.database_name = 'a, a';
\echo :SQLSTATE
alter system set pg_net.jvm_options = '-XX:+ExitOnOutOfMemoryError';
\echo :SQLSTATE
set pg_net.batch_size = 1;
\echo :SQLSTATE
set pg_net.unknown = 1;
\echo :SQLSTATE
