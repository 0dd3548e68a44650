\echo Use "ALTER EXTENSION pg_net UPDATE TO '0.20.4'" to load this file. \quit

-- The way back to the C extension: its catalogue, with the rows that are there. Users' views, triggers, columns and
-- privileges stay. C functions are called by the names that both libraries have, so requests are queued meanwhile.

-- Nothing that another role could create is found by its name while this runs.
set local search_path = pg_catalog, pg_temp;

lock table net.http_request_queue, net._http_response, net._response_detail, net._delivery, net.attempts,
    net.dead_letters, net.policies, net.hosts, net._probes, net._secrets, net._secret_keys, net._webhooks,
    net._callbacks in access exclusive mode;

-- The C extension has no such setting, and would warn of it at each connection.
do $$
begin
    execute format('alter database %I reset pg_net.served', current_database());
end $$;

-- What goes: functions, views and tables that 0.20.4 has not, columns, keys and the sequence.
create temporary table going as
    with member as (
        select classid, objid from pg_depend
        where deptype = 'e' and refclassid = 'pg_extension'::regclass
            and refobjid = (select oid from pg_extension where extname = 'pg_net')
    )
    select 'pg_proc'::regclass::oid as classid, oid as objid, 0 as objsubid,
        case prokind when 'p' then 'procedure ' else 'function ' end || oid::regprocedure as name
    from pg_proc
    where ('pg_proc'::regclass, oid) in (select * from member)
        and proname <> all ('{check_worker_is_up, _await_response, _urlencode_string, _encode_url_with_params_array,
            worker_restart, wait_until_running, wake, http_get, http_post, http_delete, _http_collect_response,
            http_collect_response}')
    union all
    select 'pg_class'::regclass, oid, 0, case relkind when 'v' then 'view ' else 'table ' end || oid::regclass
    from pg_class
    where ('pg_class'::regclass, oid) in (select * from member)
        and (relkind = 'v' or oid in (
            'net._response_detail'::regclass, 'net.policies'::regclass, 'net.hosts'::regclass, 'net._callbacks'::regclass,
            'net._probes'::regclass, 'net._secrets'::regclass, 'net._secret_keys'::regclass, 'net._webhooks'::regclass,
            'net._delivery'::regclass,
            'net.attempts'::regclass, 'net.dead_letters'::regclass))
    union all
    select 'pg_class'::regclass, attrelid, attnum, format('column %s.%s', attrelid::regclass, attname)
    from pg_attribute
    where attrelid = 'net.http_request_queue'::regclass
            and attname in ('owner', 'created', 'policy', 'not_before', 'expires', 'priority', 'order_key', 'on_response',
                'context', 'secrets', 'sign_with', 'store', 'webhook')
    union all
    select 'pg_class'::regclass, conindid, 0, format('key %s of %s', conname, conrelid::regclass)
    from pg_constraint
    where contype = 'p' and conrelid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass)
    union all
    select 'pg_class'::regclass, pg_get_serial_sequence('net.http_request_queue', 'id')::regclass, 0,
        'sequence ' || pg_get_serial_sequence('net.http_request_queue', 'id');


-- What would be lost, before anything is changed.

do $$
declare
    loss record;
    loss_count int := 0;
    loss_list text := '';
begin
    for loss in
        select format('requests in flight: %s', in_flight) as what,
            'Set pg_net.batch_size to 0, reload, and wait until it is 0: SELECT in_flight FROM net.stats;' as remedy
        from net._worker_counters() where in_flight > 0
        union all
        select format('queued requests that 0.20.4 cannot send, by method, body or a header of several lines: %s', count(*)),
            'SELECT id, method, url FROM net.http_request_queue WHERE method !~* ''^(get|post|delete)$'''
                || ' OR method ~* ''^get$'' AND body IS NOT NULL'
                || ' OR jsonb_path_exists(headers, ''strict $.* ? (@.type() == "array")'');'
        from net.http_request_queue
        where method !~* '^(get|post|delete)$' or method ~* '^get$' and body is not null
            or jsonb_path_exists(headers, 'strict $.* ? (@.type() == "array")')
        having count(*) > 0
        union all
        select format('requests that are scheduled or have a policy, which 0.20.4 does not know: %s', count(*)),
            'SELECT id, policy, not_before, expires, url FROM net.http_request_queue'
                || ' WHERE policy <> ''none'' OR not_before > now() OR expires IS NOT NULL;'
        from net.http_request_queue
        where policy <> 'none' or not_before > now() or expires is not null
        having count(*) > 0
        union all
        select format('hosts that only some roles may call, which all could then: %s', count(*)),
            'SELECT pattern, roles FROM net.hosts WHERE roles IS NOT NULL;'
        from net.hosts where roles is not null having count(*) > 0
        union all
        select format('requests that name secrets, which 0.20.4 would send as they are: %s', count(*)),
            'SELECT id, secrets, sign_with, url FROM net.http_request_queue WHERE secrets IS NOT NULL OR sign_with IS NOT NULL;'
        from net.http_request_queue where secrets is not null or sign_with is not null having count(*) > 0
        union all
        select format('webhooks, which nothing sends then: %s', count(*)),
            'SELECT name, table_name FROM net.webhooks; remove them with net.drop_webhook(name).'
        from net._webhooks having count(*) > 0
        union all
        select format('functions of on_response that are still to be called: %s', count(*)),
            'SELECT id, on_response FROM net.http_request_queue WHERE on_response IS NOT NULL'
                || ' UNION ALL SELECT request_id, function FROM net._callbacks;'
        from (
            select from net.http_request_queue where on_response is not null
            union all
            select from net._callbacks) callback
        having count(*) > 0
        union all
        select format('dead letters, which nothing can bring back then: %s', count(*)),
            'SELECT id, reason, died, url FROM net.dead_letters; bring them back with net.retry(id), or discard them with net.cancel(id).'
        from net.dead_letters having count(*) > 0
        union all
        select format('responses with a body that is no text: %s', count(*)),
            'SELECT id, url, length(body) FROM net.responses WHERE body IS NOT NULL;'
        from net._response_detail where body is not null having count(*) > 0
        union all
        select distinct format('%s uses %s', pg_describe_object(d.classid, d.objid, d.objsubid), going.name),
            'Drop it, or change it so that it does not.'
        from pg_depend d
            join going on d.refclassid = going.classid and d.refobjid = going.objid
                and going.objsubid in (0, d.refobjsubid)
            left join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
            left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
            left join pg_attrdef a on d.classid = 'pg_attrdef'::regclass and a.oid = d.objid
            left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
            left join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
        where d.deptype in ('n', 'a')
            and (d.classid, d.objid) not in (select classid, objid from going where objsubid = 0)
            and not (d.classid = 'pg_class'::regclass and d.objid in (
                select indexrelid from pg_index
                where indrelid in (
                    'net._callbacks'::regclass, 'net._delivery'::regclass, 'net.attempts'::regclass,
                    'net.dead_letters'::regclass, 'net._secret_keys'::regclass)))
            and coalesce(r.ev_class not in (
                'net.stats'::regclass, 'net.responses'::regclass, 'net._details'::regclass, 'net.requests'::regclass,
                'net.stat_host'::regclass, 'net.secrets'::regclass, 'net.webhooks'::regclass), true)
            and coalesce(a.adrelid not in (
                'net.http_request_queue'::regclass, 'net._delivery'::regclass, 'net.policies'::regclass,
                'net._callbacks'::regclass, 'net.dead_letters'::regclass, 'net._secret_keys'::regclass, 'net._webhooks'::regclass), true)
            and coalesce(
                k.conrelid not in (
                    'net._delivery'::regclass, 'net.policies'::regclass, 'net.hosts'::regclass, 'net._callbacks'::regclass,
                    'net.dead_letters'::regclass, 'net._probes'::regclass, 'net._secrets'::regclass,
                    'net._secret_keys'::regclass, 'net._webhooks'::regclass), true)
            -- PostgreSQL 18 counts NOT NULL among them
            and coalesce(k.contype <> 'n', true)
            and not coalesce(k.conrelid = 'net._response_detail'::regclass and k.contype = 'p', false)
            and not coalesce(p.polname = 'of_owner'
                and p.polrelid in (
                    'net.http_request_queue'::regclass, 'net._delivery'::regclass, 'net.attempts'::regclass,
                    'net._http_response'::regclass, 'net._callbacks'::regclass, 'net.dead_letters'::regclass,
                    'net._webhooks'::regclass), false)
            and coalesce(t.tgrelid not in (
                'net.http_request_queue'::regclass, 'net._http_response'::regclass, 'net.policies'::regclass,
                'net.hosts'::regclass, 'net._callbacks'::regclass, 'net._secrets'::regclass, 'net._secret_keys'::regclass,
                'net._webhooks'::regclass), true)
            and not coalesce(t.tgname = '_responses_truncated' and t.tgrelid = 'net._response_detail'::regclass, false)
    loop
        loss_count := loss_count + 1;
        loss_list := loss_list || format(E'%s\n    %s\n', loss.what, loss.remedy);
    end loop;
    if loss_count > 0 then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'pg_net stays as it is: what is in use here would be lost with 0.20.4',
            detail = rtrim(loss_list, E'\n'),
            hint = 'Nothing was changed. Do what is said there and repeat ALTER EXTENSION pg_net UPDATE.';
    end if;
end $$;

do $$
declare
    own_policy text;
    own_host text;
    own_secret text;
begin
    set local client_min_messages = notice;
    raise notice using
        message = format('all %s requests and %s responses are for every role to read again that may read the tables',
            (select count(*) from net.http_request_queue), (select count(*) from net._http_response)),
        hint = 'To keep tokens from others, REVOKE ALL ON net.http_request_queue, net._http_response FROM PUBLIC.';
    for own_policy in select name from net.policies where name <> all ('{none,quick,standard}') order by name loop
        raise notice 'policy "%" goes', own_policy;
    end loop;
    for own_host in select pattern from net.hosts order by pattern loop
        raise notice 'host "%" goes', own_host;
    end loop;
    for own_secret in select name from net._secrets order by name loop
        raise notice 'secret "%" goes', own_secret;
    end loop;
    set local client_min_messages = warning;
end $$;


-- The tables

drop policy of_owner on net.http_request_queue;
drop policy of_owner on net._http_response;
drop trigger _queue_request on net.http_request_queue;
drop trigger _requests_removed on net.http_request_queue;
drop trigger _schedule on net.http_request_queue;
drop trigger _reschedule on net.http_request_queue;
drop trigger _responses_deleted on net._http_response;
drop trigger _responses_truncated on net._http_response;
drop view net.requests;
drop view net._details;
drop view net.stats;
drop view net.stat_host;
drop view net.responses;
drop view net.secrets;
drop view net.webhooks;
drop table net._response_detail, net._delivery, net.attempts, net.dead_letters, net._callbacks, net._probes, net._secret_keys, net._secrets;
-- As a table that pg_dump saves the rows of, the extension would remember it.
alter extension pg_net drop table net.policies;
alter extension pg_net drop table net.hosts;
alter extension pg_net drop table net._webhooks;
drop table net.policies, net.hosts, net._webhooks;

do $$
declare
    table_name regclass;
    key name;
    last_id bigint;
    last_id_used boolean;
begin
    foreach table_name in array '{net.http_request_queue, net._http_response}'::regclass[] loop
        -- With policies of a DBA's own, row-level security is one of his decisions.
        if not exists (select from pg_policy where polrelid = table_name) then
            execute format('alter table %s disable row level security', table_name);
        end if;
        select conname into key from pg_constraint where conrelid = table_name and contype = 'p';
        execute format('alter table %s drop constraint %I', table_name, key);
    end loop;

    execute 'select last_value, is_called from ' || pg_get_serial_sequence('net.http_request_queue', 'id')
        into last_id, last_id_used;
    alter table net.http_request_queue alter column id drop identity;
    create sequence net.http_request_queue_id_seq owned by net.http_request_queue.id;
    perform setval('net.http_request_queue_id_seq', last_id, last_id_used);
end $$;

alter domain net.http_method drop constraint http_method_check;
alter domain net.http_method add constraint http_method_check
    check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

-- A timeout that would have been that of the host. No trigger of the owner's runs for it.
do $$
declare
    role_before text := current_setting('session_replication_role');
begin
    set local session_replication_role = replica;
    update net.http_request_queue set timeout_milliseconds = 5000 where timeout_milliseconds is null;
    perform set_config('session_replication_role', role_before, true);
end $$;
alter table net.http_request_queue
    alter column id set default nextval('net.http_request_queue_id_seq'),
    alter column timeout_milliseconds drop default,
    alter column timeout_milliseconds set not null,
    drop column owner,
    drop column created,
    drop column policy,
    drop column not_before,
    drop column expires,
    drop column priority,
    drop column order_key,
    drop column on_response,
    drop column context,
    drop column secrets,
    drop column sign_with,
    drop column store,
    drop column webhook,
    set unlogged;
alter table net._http_response
    alter column id drop not null,
    set unlogged;


-- Functions. What a DBA set on them stays.

select set_config('net_update.functions', coalesce(jsonb_agg(jsonb_build_object(
        'oid', oid, 'prosecdef', prosecdef, 'proconfig', proconfig)), '[]')::text, true)
    from pg_proc
    where pronamespace = 'net'::regnamespace and (prosecdef or proconfig is not null);

create or replace function net._urlencode_string(string varchar) returns text
    language c immutable as 'MODULE_PATHNAME', '_urlencode_string';
create or replace function net._encode_url_with_params_array(url text, params_array text[]) returns text
    language c immutable as 'MODULE_PATHNAME', '_encode_url_with_params_array';
create or replace function net.worker_restart() returns boolean
    language c as 'MODULE_PATHNAME', 'worker_restart';
create or replace function net.wait_until_running() returns void
    language c as 'MODULE_PATHNAME', 'wait_until_running';
create or replace function net.wake() returns void
    language c as 'MODULE_PATHNAME', 'wake';

create or replace function net.check_worker_is_up() returns void
    language plpgsql
as $$
begin
    if not exists (select from pg_catalog.pg_stat_activity where backend_type ~ 'pg_net') then
        raise exception using
            message = 'the pg_net background worker is not up',
            detail = 'the pg_net background worker is down due to an internal error and cannot process requests',
            hint = 'make sure that you didn''t modify any of pg_net internal tables';
    end if;
end $$;

create or replace function net.http_get(
    url text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql
as $$
declare
    request_id bigint;
begin
    url := net._encode_url_with_params_array(url, array(
        select net._urlencode_string(name) || '=' || net._urlencode_string(value) from jsonb_each_text(params) p (name, value)));
    insert into net.http_request_queue (method, url, headers, timeout_milliseconds)
    values ('GET', url, headers, timeout_milliseconds)
    returning id into request_id;
    perform net.wake();
    return request_id;
end $$;

create or replace function net.http_post(
    url text,
    body jsonb default '{}',
    params jsonb default '{}',
    headers jsonb default '{"Content-Type": "application/json"}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql
as $$
declare
    request_id bigint;
    content_type text := (select value from jsonb_each_text(headers) h (name, value) where lower(name) = 'content-type' limit 1);
begin
    if content_type is null then
        headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
    elsif content_type <> 'application/json' then
        raise exception 'Content-Type header must be "application/json"';
    end if;
    url := net._encode_url_with_params_array(url, array(
        select net._urlencode_string(name) || '=' || net._urlencode_string(value) from jsonb_each_text(params) p (name, value)));
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('POST', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
    returning id into request_id;
    perform net.wake();
    return request_id;
end $$;

create or replace function net.http_delete(
    url text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000,
    body jsonb default null
) returns bigint
    language plpgsql
as $$
declare
    request_id bigint;
begin
    url := net._encode_url_with_params_array(url, array(
        select net._urlencode_string(name) || '=' || net._urlencode_string(value) from jsonb_each_text(params) p (name, value)));
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('DELETE', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
    returning id into request_id;
    perform net.wake();
    return request_id;
end $$;

create or replace function net._await_response(request_id bigint) returns boolean
    language plpgsql
as $$
begin
    while not exists (select from net._http_response r where r.id = request_id) loop
        perform pg_sleep(0.05);
    end loop;
    return true;
end $$;

create or replace function net._http_collect_response(
    request_id bigint,
    async boolean default true
) returns net.http_response_result
    language plpgsql
as $$
declare
    found_response net._http_response;
begin
    if not async then
        perform net._await_response(request_id);
    end if;
    select r.* into found_response from net._http_response r where r.id = request_id;
    if found_response.id is null or found_response.error_msg is not null then
        return row('ERROR', coalesce(found_response.error_msg, 'request matching request_id not found'), null)
            ::net.http_response_result;
    end if;
    return row('SUCCESS', 'ok',
        row(found_response.status_code, found_response.headers, found_response.content)::net.http_response)
        ::net.http_response_result;
end $$;

create or replace function net.http_collect_response(
    request_id bigint,
    async boolean default true
) returns net.http_response_result
    language plpgsql
as $$
begin
    return net._http_collect_response(request_id, async);
end $$;

update pg_proc p
    set prosecdef = s.prosecdef, proconfig = s.proconfig
    from jsonb_to_recordset(current_setting('net_update.functions')::jsonb) as s (oid oid, prosecdef boolean, proconfig text[])
    where p.oid = s.oid;

-- All at once: some are of use to others.
do $$
begin
    execute (
        select 'drop routine ' || string_agg(oid::regprocedure::text, ', ')
        from going join pg_proc on oid = objid where classid = 'pg_proc'::regclass);
end $$;
drop table going;


-- Privileges: PUBLIC has ALL on what it could read or write, and may restart the worker.

do $$
declare
    table_name regclass;
    public_inserts boolean;
begin
    execute format('alter sequence net.http_request_queue_id_seq owner to %s',
        (select relowner::regrole from pg_class where oid = 'net.http_request_queue'::regclass));
    -- INSERT was of columns, and what PUBLIC cannot do now it gets no more.
    public_inserts := exists (
        select from pg_attribute, aclexplode(attacl) a
        where attrelid = 'net.http_request_queue'::regclass and attname = 'url' and a.grantee = 0);
    revoke insert (method, url, headers, body, timeout_milliseconds) on net.http_request_queue from public;
    foreach table_name in array '{net.http_request_queue, net._http_response}'::regclass[] loop
        if exists (select from pg_class, aclexplode(relacl) a
                where oid = table_name and a.grantee = 0 and a.privilege_type = 'SELECT')
            and (public_inserts or table_name = 'net._http_response'::regclass) then
            execute format('grant all on %s to public', table_name);
        end if;
    end loop;
    if public_inserts then
        grant all on net.http_request_queue_id_seq to public;
    end if;
    grant execute on function net.worker_restart() to public;
end $$;

-- What pg_dump takes for the extension's own must not hold what a DBA granted, or a restore would not grant it.
update pg_init_privs i
    set initprivs = array(
        select item
        from unnest(i.initprivs) item
        where (select bool_and(a.grantee in (0, c.relowner)) from aclexplode(array[item]) a))
    from pg_class c
    where i.classoid = 'pg_class'::regclass and i.objoid = c.oid
        and c.oid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass);
