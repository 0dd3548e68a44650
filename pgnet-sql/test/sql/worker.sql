-- The worker of this database.
select net.wait_until_running();
select net.check_worker_is_up();
select net.wake();

-- Idle when there is nothing to do.
do $$
begin
    while exists (select from pg_stat_activity where backend_type like '%pg_net%' and state <> 'idle') loop
        perform pg_stat_clear_snapshot(), pg_sleep(0.01);
    end loop;
end $$;
select backend_type, application_name ~ '^pg_net \d+\.\d+\.\d+$' as named, datname, usename, state
    from pg_stat_activity where backend_type like '%pg_net%';

-- A new process.
select net.worker_restart();
select net.wait_until_running();

-- net.stats: one row, also before the first request.
select queued, in_flight, oldest_queued_age from net.stats;
select done, failed, timed_out, bytes_in, bytes_out from net.stats \gset before_
select net.http_post(current_setting('test.server') || '/post', '"12345"') as id \gset
select status from net.http_collect_response(:id, async := false);
select net.http_get(current_setting('test.server') || '/drop') as id \gset
select status from net.http_collect_response(:id, async := false);
select done - :before_done as done, failed - :before_failed as failed, timed_out - :before_timed_out as timed_out,
       bytes_in - :before_bytes_in as bytes_in, bytes_out - :before_bytes_out as bytes_out from net.stats;

-- Counters are found by the names of their columns.
create function pg_temp.counters(out bytes_in bigint, out done bigint)
    language c as '$libdir/pg_net', 'pgnet_worker_counters';
select c.done = s.done and c.bytes_in = s.bytes_in as same from pg_temp.counters() c, net.stats s;
create function pg_temp.other_counters(out done bigint, out lost bigint)
    language c as '$libdir/pg_net', 'pgnet_worker_counters';
select pg_temp.other_counters();

-- A database that no worker serves.
create database unserved;
\connect unserved
create extension pg_net;
select net.http_get('http://127.0.0.1/') as id \gset
select net.check_worker_is_up();
\echo :SQLSTATE
select * from net.http_collect_response(:id, async := false);
\echo :SQLSTATE
select * from net.http_collect_response(:id);
\connect postgres
drop database unserved;
