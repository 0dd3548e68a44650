\echo Use "ALTER EXTENSION pg_net UPDATE" to load this file. \quit

-- From any version of the C extension. packaging/update-script makes the installed script of this; one file, under the name
-- of each version that there was. It looks at what is there, not at the version: some releases were registered as another.
-- The rows stay, and so does what a DBA granted, revoked or set; the rest ends as pg_net.sql makes it. Columns stay where
-- they are, and nothing is written anew that need not be.

-- Nothing that another role could create is found by its name while this runs.
set local search_path = pg_catalog, pg_temp;

-- A setting of ours and not of the C extension's.
do $$
begin
    if current_setting('pg_net.max_connections_per_host', true) is null and current_setting('pg_net.batch_size', true) is not null then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'the server still runs the library of the C extension',
            hint = 'Restart the server, then run ALTER EXTENSION pg_net UPDATE.';
    end if;
end $$;

create function net._require_preload() returns void
    language c strict as 'MODULE_PATHNAME', 'pgnet_require_preload';
select net._require_preload();

-- By this * in pg_net.database_name finds the database, without a connection to each that there is. pg_dump takes it along.
do $$
begin
    execute format('alter database %I set pg_net.served = on', current_database());
end $$;

lock table net.http_request_queue, net._http_response in access exclusive mode;


-- What is in the way, before anything is changed.

do $$
declare
    obstacle record;
    obstacle_count int := 0;
    obstacle_list text := '';
begin
    for obstacle in
-- include obstacles of preflight.sql
    loop
        obstacle_count := obstacle_count + 1;
        obstacle_list := obstacle_list || format(E'%s\n    %s\n', obstacle.what, obstacle.remedy);
    end loop;
    if obstacle_count > 0 then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = format('pg_net was not updated: of what is in this database, %s in the way',
                case obstacle_count when 1 then 'one thing is' else obstacle_count || ' things are' end),
            detail = rtrim(obstacle_list, E'\n'),
            hint = 'Nothing was changed, and requests are queued. Do what is said there and repeat ALTER EXTENSION pg_net UPDATE.';
    end if;
end $$;


-- What the owner of a table has attached to it must not run here, with a superuser's rights, if the owner is none.

do $$
declare
    attached text;
begin
    with of_others as (
        select c.oid, c.oid::regclass as name
        from pg_class c join pg_roles r on r.oid = c.relowner
        where c.oid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass) and not r.rolsuper
    )
    select string_agg(format('%s of table %s', what, name), ', ') into attached
    from of_others,
        lateral (
            select format('rule %I', rulename) from pg_rewrite where ev_class = of_others.oid
            union all
            select format('constraint %I', conname) from pg_constraint where conrelid = of_others.oid and contype in ('c', 'x')
            union all
            select format('column %I', attname) from pg_attribute where attrelid = of_others.oid and attgenerated <> ''
            union all
            select format('index %s', indexrelid::regclass) from pg_index
            where indrelid = of_others.oid and (indexprs is not null or indpred is not null)
        ) attachment (what);
    if attached is not null then
        raise exception using
            errcode = 'insufficient_privilege',
            message = 'tables of pg_net belong to a role that is no superuser and would run its code in this update',
            detail = 'Attached are: ' || attached || '.',
            hint = 'Drop them, update the extension, and create them again.';
    end if;
end $$;


-- What there is before: its privileges are the DBA's, those of the rest are ours.
select set_config('net_update.members', array(
        select format('%s/%s', classid, objid)
        from pg_depend
        where deptype = 'e' and refclassid = 'pg_extension'::regclass
            and refobjid = (select oid from pg_extension where extname = 'pg_net'))::text, true);

-- Before 0.12 the request functions were SECURITY DEFINER, and PUBLIC had nothing but EXECUTE on them.
select set_config('net_update.of_definer', (not exists (
        select from pg_proc p join pg_language l on l.oid = p.prolang
        where p.oid = to_regprocedure('net.worker_restart()') and l.lanname = 'c'))::text, true);

-- CREATE OR REPLACE FUNCTION takes away what a DBA set on a function, SECURITY DEFINER and a search_path for example: it
-- is set again at the end. SECURITY DEFINER alone was the extension's own before 0.12.
select set_config('net_update.functions', coalesce(jsonb_agg(jsonb_build_object(
        'name', proname, 'prosecdef', prosecdef, 'proconfig', proconfig)), '[]')::text, true)
    from pg_proc
    where format('%s/%s', 'pg_proc'::regclass::oid, oid) = any (current_setting('net_update.members')::text[])
        and (prosecdef and not current_setting('net_update.of_definer')::boolean or proconfig is not null);

-- A function that got another argument is another one: who may call it stays.
select set_config('net_update.may_delete', max(p.proacl::text), true)
    from pg_proc p where p.oid = to_regprocedure('net.http_delete(text, jsonb, jsonb, integer)');
drop function if exists net.http_delete(text, jsonb, jsonb, integer);

-- Of 0.3: it kept requests from being made while no worker ran.
drop trigger if exists ensure_worker_is_up on net.http_request_queue;
drop function if exists net._check_worker_is_up();


-- The rows. Triggers of users must not run here: until now every role could create them, and this is a superuser.

do $$
declare
    extension_owner oid := (select extowner from pg_extension where extname = 'pg_net');
    sequence text := pg_get_serial_sequence('net.http_request_queue', 'id');
    foreign_key name;
    last_id bigint;
    last_id_used boolean;
    user_trigger record;
    enable_triggers text := '';
    row_count bigint;
    without_id bigint;
begin
    -- The script of an extension is not asked for notices.
    if current_setting('client_min_messages') = 'warning' then
        set local client_min_messages = notice;
    end if;

    for user_trigger in
        select tgrelid::regclass as of_table, tgname as name, tgenabled as enabled
        from pg_trigger
        where tgrelid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass) and not tgisinternal
        order by tgrelid::regclass::text, tgname
    loop
        raise warning using
            message = format('trigger %I of table %s is kept', user_trigger.name, user_trigger.of_table),
            detail = 'The worker runs it with the rights of the table''s owner. In pg_net 0.20 every role could create it.',
            hint = 'Read its function, and drop the trigger if it is not yours.';
        execute format('alter table %s disable trigger %I', user_trigger.of_table, user_trigger.name);
        if user_trigger.enabled <> 'D' then
            enable_triggers := enable_triggers || format(
                'alter table %s enable %s trigger %I;',
                user_trigger.of_table,
                case user_trigger.enabled when 'A' then 'always' when 'R' then 'replica' else '' end,
                user_trigger.name);
        end if;
    end loop;

    -- Up to 0.3 a response referred to its request, which stayed in the queue: those were sent.
    for foreign_key in
        select conname from pg_constraint
        where contype = 'f' and conrelid = 'net._http_response'::regclass
            and confrelid = 'net.http_request_queue'::regclass
    loop
        execute format('alter table net._http_response drop constraint %I', foreign_key);
        delete from net.http_request_queue q using net._http_response r where r.id = q.id;
        get diagnostics row_count = row_count;
        raise notice 'requests removed from net.http_request_queue, since they are answered: %', row_count;
    end loop;
    -- And up to 0.2 it had no time: it has until pg_net.ttl from now.
    if not exists (select from pg_attribute
            where attrelid = 'net._http_response'::regclass and attname = 'created' and not attisdropped) then
        alter table net._http_response add column created timestamptz;
        update net._http_response set created = now();
        alter table net._http_response alter column created set not null, alter column created set default now();
    end if;

    -- Ids become keys. A response without one, or with that of a newer one, could not be asked for.
    delete from net._http_response where id is null;
    get diagnostics without_id = row_count;
    delete from net._http_response r
        using (select ctid, row_number() over (partition by id order by created desc, ctid desc) from net._http_response) n
        where r.ctid = n.ctid and n.row_number > 1;
    get diagnostics row_count = row_count;
    if without_id + row_count > 0 then
        raise notice using
            message = format('responses removed from net._http_response: %s without an id, %s of an id that a newer one has',
                without_id, row_count);
    end if;

    -- A queued request is always sent: under a new id if another one has, or had, its own.
    execute format('select last_value, is_called from %s', sequence) into last_id, last_id_used;
    select max(id) into row_count
        from (select id from net.http_request_queue union all select id from net._http_response) ids;
    if row_count > last_id or row_count = last_id and not last_id_used then
        last_id := row_count;
        last_id_used := true;
        perform setval(sequence, last_id);
    end if;
    update net.http_request_queue q
        set id = nextval(sequence)
        from (select ctid, id, row_number() over (partition by id order by ctid) from net.http_request_queue) n
        where q.ctid = n.ctid
            and (n.row_number > 1 or exists (select from net._http_response r where r.id = n.id));
    get diagnostics row_count = row_count;
    if row_count > 0 then
        last_id := last_id + row_count;
        raise notice using
            message = format('queued requests that got a new id, since theirs was not the only one: %s', row_count);
    end if;

    alter table net.http_request_queue alter column id drop default;
    execute 'drop sequence ' || sequence;
    alter table net.http_request_queue alter column id add generated always as identity;
    perform setval(pg_get_serial_sequence('net.http_request_queue', 'id'), last_id, last_id_used);

    -- Who made the old requests is not known: they belong to the extension's owner.
    execute format('alter table net.http_request_queue add column owner oid not null default %s', extension_owner);
    execute enable_triggers;

    if current_setting('client_min_messages') = 'notice' then
        set local client_min_messages = warning;
    end if;
end $$;


-- The tables: logged, with keys, constraints and the queue's new columns.

-- The constraint that was the extension's own, whatever its name is now. One that a DBA added stays.
do $$
declare
    own_constraint name;
begin
    for own_constraint in
        select conname from pg_constraint
        where contypid = 'net.http_method'::regtype and pg_get_constraintdef(oid) like '%VALUE ~~* ''get''::text%'
    loop
        execute format('alter domain net.http_method drop constraint %I', own_constraint);
    end loop;
end $$;
alter domain net.http_method add constraint http_method_check
    check (value ~ '^[-!#$%&''*+.^_`|~0-9A-Za-z]+$');

drop index if exists net.created_idx;
alter table net.http_request_queue
    alter column headers drop not null,
    alter column timeout_milliseconds set default 5000,
    alter column timeout_milliseconds drop not null,
    add column if not exists created timestamptz not null default clock_timestamp(),
    alter column created set default clock_timestamp(),
    add column policy text,
    add column not_before timestamptz,
    add column expires timestamptz,
    add column priority text,
    add column order_key text,
    add column on_response text,
    add column context jsonb,
    add column secrets text[],
    add column sign_with text,
    add column store text,
    add column webhook text,
    set logged;

alter table net._http_response set logged;
create index if not exists _http_response_created_idx on net._http_response (created);

do $$
begin
    -- A DBA may have given a table its key already, and up to 0.4 they had one.
    if not exists (select from pg_constraint where conrelid = 'net.http_request_queue'::regclass and contype = 'p') then
        alter table net.http_request_queue add primary key (id);
    end if;
    if not exists (select from pg_constraint where conrelid = 'net._http_response'::regclass and contype = 'p') then
        alter table net._http_response add primary key (id);
    end if;
end $$;


-- What stands beside the responses, functions, triggers, policies, views, and all comments.

-- include statements of pg_net.sql
alter table net.http_request_queue
    enable always trigger _queue_request,
    enable always trigger _requests_removed,
    enable always trigger _schedule,
    enable always trigger _reschedule;
alter table net._callbacks enable always trigger _check_callback;
alter table net._callbacks enable row level security;
select pg_extension_config_dump('net.policies', $condition$where name <> all ('{none,quick,standard}')$condition$);
alter table net.hosts
    enable always trigger _check_host,
    enable always trigger _hosts_changed;
alter table net._secrets enable always trigger _secrets_changed;
alter table net._secret_keys enable always trigger _secrets_changed;
alter table net._secret_keys alter column value set statistics 0;
alter table net._secret_keys enable row level security;
alter table net._webhooks
    enable always trigger _check_webhook,
    enable always trigger _webhooks_changed;
alter table net._webhooks enable row level security;
alter table net._http_response enable always trigger _responses_deleted;
alter table net._http_response enable always trigger _responses_truncated;
alter table net._response_detail enable always trigger _responses_truncated;

-- Of old responses no more is known than that nobody but the extension's owner, and its members, may see them.
insert into net._response_detail (id, owner)
    select r.id, (select extowner from pg_extension where extname = 'pg_net') from net._http_response r order by r.id;

alter table net.http_request_queue alter column owner set default net._requester();
alter table net.http_request_queue enable row level security;
alter table net._delivery enable row level security;
alter table net.attempts enable row level security;
alter table net.dead_letters enable row level security;
alter table net._http_response enable row level security;


-- Subscriptions that took the tables: the requests and responses of another server are not for this one.
delete from pg_subscription_rel
    where srrelid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass) and srsubstate in ('i', 'r');


-- What a DBA set on functions.

update pg_proc p
    set prosecdef = s.prosecdef, proconfig = s.proconfig
    from jsonb_to_recordset(current_setting('net_update.functions')::jsonb) as s (name name, prosecdef boolean, proconfig text[])
    where p.pronamespace = 'net'::regnamespace and p.proname = s.name
        and ('pg_proc'::regclass, p.oid) in (
            select classid, objid from pg_depend
            where deptype = 'e' and refclassid = 'pg_extension'::regclass
                and refobjid = (select oid from pg_extension where extname = 'pg_net'));


-- What is new belongs to whoever runs this; the rest to the extension's owner, and so shall all. But tables belong together.

do $$
declare
    updater regrole := quote_ident(current_user)::regrole;
    extension_owner regrole := (select extowner from pg_extension where extname = 'pg_net');
    object text;
begin
    for object in
        select 'routine ' || oid::regprocedure
        from pg_proc where pronamespace = 'net'::regnamespace and proowner = updater
        union all
        select 'view ' || oid::regclass
        from pg_class where relnamespace = 'net'::regnamespace and relkind = 'v' and relowner = updater
        union all
        select 'table ' || name from unnest('{net.policies, net.hosts, net._probes, net._secrets, net._secret_keys, net._webhooks, net._callbacks}'::regclass[]) name
    loop
        execute format('alter %s owner to %s', object, extension_owner);
    end loop;
    execute format('alter table net._response_detail owner to %s',
        (select relowner::regrole from pg_class where oid = 'net._http_response'::regclass));
    for object in select name from unnest('{net._delivery, net.attempts, net.dead_letters}'::regclass[]) name
    loop
        execute format('alter table %s owner to %s', object,
            (select relowner::regrole from pg_class where oid = 'net.http_request_queue'::regclass));
    end loop;
end $$;


-- Privileges of what is new, or was never granted or revoked, are those of a fresh installation, whatever ALTER DEFAULT
-- PRIVILEGES says. What a DBA granted or revoked on the rest stays, but not what default privileges gave: that is in
-- pg_init_privs when the old script granted something on the object itself, and else what they give now.

do $$
declare
    object record;
    gift record;
begin
    for object in
        with member as (
            select classid, objid,
                format('%s/%s', classid, objid) <> all (current_setting('net_update.members')::text[]) as is_new
            from pg_depend
            where deptype = 'e' and refclassid = 'pg_extension'::regclass
                and refobjid = (select oid from pg_extension where extname = 'pg_net')
        )
        select classid, objid, is_new, 'schema' as kind, 'n'::"char" as default_for, oid::regnamespace::text as name,
            nspowner as owner, nspacl as acl, false as of_public
        from member join pg_namespace on classid = 'pg_namespace'::regclass and oid = objid
        union all
        select classid, objid, is_new, case relkind when 'S' then 'sequence' else 'table' end,
            case relkind when 'S' then 'S'::"char" else 'r' end, oid::regclass::text, relowner, relacl, false
        from member join pg_class on classid = 'pg_class'::regclass and oid = objid
        where relkind in ('r', 'v', 'S')
        union all
        select classid, objid, is_new, 'routine', 'f', oid::regprocedure::text, proowner, proacl, true
        from member join pg_proc on classid = 'pg_proc'::regclass and oid = objid
        union all
        select classid, objid, is_new, case typtype when 'd' then 'domain' else 'type' end,
            'T', oid::regtype::text, typowner, typacl, true
        from member join pg_type on classid = 'pg_type'::regclass and oid = objid
        where typtype in ('c', 'd', 'e')
    loop
        if object.is_new or object.acl is null then
            execute format('revoke all on %s %s from public%s', object.kind, object.name, (
                select string_agg(distinct ', ' || grantee::regrole, '')
                from aclexplode(object.acl) where grantee not in (0, object.owner)));
            execute format('grant all on %s %s to %s', object.kind, object.name, object.owner::regrole);
            if object.of_public then
                execute format('grant all on %s %s to public', object.kind, object.name);
            end if;
            continue;
        end if;
        for gift in
            select distinct a.grantee, a.privilege_type
            from aclexplode(object.acl) a,
                lateral (
                    select g.grantee, g.privilege_type
                    from pg_init_privs i, aclexplode(i.initprivs) g
                    where i.classoid = object.classid and i.objoid = object.objid and i.objsubid = 0
                    union all
                    select g.grantee, g.privilege_type
                    from pg_default_acl d, aclexplode(d.defaclacl) g
                    where d.defaclrole = object.owner and d.defaclobjtype = object.default_for
                        and d.defaclnamespace in (0, 'net'::regnamespace)
                ) given
            -- of PUBLIC's, the old script gave USAGE alone on the schema; the tables are below
            where (a.grantee not in (0, object.owner)
                    or a.grantee = 0 and object.kind = 'schema' and a.privilege_type = 'CREATE')
                -- Before 0.12 the role postgres got all from the extension, whoever owned it. It may need that.
                and not (current_setting('net_update.of_definer')::boolean and a.grantee = to_regrole('postgres'))
                and given.grantee = a.grantee and given.privilege_type = a.privilege_type
        loop
            execute format('revoke %s on %s %s from %s cascade', gift.privilege_type, object.kind, object.name,
                case gift.grantee when 0 then 'public' else gift.grantee::regrole::text end);
        end loop;
        -- CASCADE does not reach the columns on which the role has granted what it had on the table, but for a role that
        -- was given the column itself.
        for gift in
            select distinct g.grantor, g.privilege_type, a.attname as column_name
            from pg_attribute a, aclexplode(a.attacl) g
            where object.classid = 'pg_class'::regclass and a.attrelid = object.objid and g.grantor <> object.owner
                and not has_column_privilege(g.grantor, object.objid, a.attnum, g.privilege_type || ' with grant option')
        loop
            execute format('grant %1$s (%2$I) on %3$s to %4$s with grant option; revoke %1$s (%2$I) on %3$s from %4$s cascade',
                gift.privilege_type, gift.column_name, object.name, gift.grantor::regrole);
        end loop;
    end loop;
end $$;


-- Privileges. PUBLIC had ALL on tables and sequences: of what it still has, it keeps what a fresh install gives.

do $$
declare
    public_selects boolean;
    public_inserts boolean;
    public_calls boolean;
    table_name regclass;
    caller text;
begin
    foreach table_name in array '{net.http_request_queue, net._http_response}'::regclass[] loop
        select bool_or(a.privilege_type = 'SELECT'), bool_or(a.privilege_type = 'INSERT')
            into public_selects, public_inserts
            from pg_class c, aclexplode(c.relacl) a
            where c.oid = table_name and a.grantee = 0;
        if public_selects is not null then
            execute format('revoke all on %s from public', table_name);
        end if;
        if public_selects then
            execute format('grant select on %s to public', table_name);
        end if;
        if public_selects and table_name = 'net._http_response'::regclass then
            grant select on net.responses to public;
        end if;
        if public_inserts and table_name = 'net.http_request_queue'::regclass then
            grant insert (
                method, url, headers, body, timeout_milliseconds,
                policy, not_before, expires, priority, order_key, on_response, context, secrets, sign_with, store
            ) on net.http_request_queue to public;
        end if;
    end loop;

    -- The function that got another argument.
    if current_setting('net_update.may_delete') <> '' then
        revoke execute on function net.http_delete(text, jsonb, jsonb, integer, jsonb) from public;
        for caller in
            select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
            from aclexplode(current_setting('net_update.may_delete')::aclitem[]) a
        loop
            execute format('grant execute on function net.http_delete(text, jsonb, jsonb, integer, jsonb) to %s', caller);
        end loop;
    end if;

    -- Where PUBLIC may not make requests, it may not by the new function either.
    select bool_and(a.grantee is not null)
        into public_calls
        from pg_proc p
            left join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a on a.grantee = 0
        where p.pronamespace = 'net'::regnamespace and p.proname in ('http_get', 'http_post', 'http_delete');
    if not public_calls then
        revoke execute on function net.request from public;
    end if;

    -- Before 0.12 who could call the functions needed nothing else. Where PUBLIC could not, those who could still can.
    if current_setting('net_update.of_definer')::boolean then
        for caller in
            select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end
            from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            where p.pronamespace = 'net'::regnamespace and p.proname in ('http_get', 'http_post', 'http_delete')
                and a.grantee <> p.proowner and (a.grantee <> 0 or public_calls)
        loop
            execute format('grant usage on schema net to %s', caller);
            execute format('grant select on net.http_request_queue, net._http_response, net.responses to %s', caller);
            execute format(
                'grant insert (method, url, headers, body, timeout_milliseconds, policy, not_before, expires, priority,'
                    || ' order_key, on_response, context, secrets, sign_with, store) on net.http_request_queue to %s',
                caller);
        end loop;
    end if;

    -- While PUBLIC may restart the worker, what a role was given beside is nobody's decision.
    if exists (select from pg_proc, aclexplode(proacl) a
            where oid = 'net.worker_restart()'::regprocedure and a.grantee = 0) then
        execute (
            select format('revoke all on function net.worker_restart() from public%s',
                string_agg(distinct ', ' || a.grantee::regrole, ''))
            from pg_proc, aclexplode(proacl) a
            where oid = 'net.worker_restart()'::regprocedure and a.grantee not in (0, proowner));
        grant execute on function net.worker_restart() to pg_signal_backend;
    end if;
end $$;

-- A trigger function is called by its trigger whoever writes; this keeps it from tables that are not ours.
revoke execute on function
    net._queue_request(), net._requests_removed(), net._responses_deleted(), net._responses_truncated(), net._check_policy(),
    net._check_callback(), net._schedule(), net._check_host(), net._hosts_changed(), net._secrets_changed(), net._check_webhook()
    from public;

grant select on net.policies, net._callbacks, net._delivery, net.attempts, net.dead_letters, net._details,
    net.requests, net.stats, net.stat_host, net.secrets, net._webhooks, net.webhooks to public;
grant insert (
    name, owner, relation, url, events, columns, condition, headers, policy, timeout, format, strict, for_each_row,
    enabled, disabled_because
) on net._webhooks to public;
grant update (
    url, events, columns, condition, headers, policy, timeout, format, secret, strict, for_each_row, enabled
) on net._webhooks to public;
grant update (url, columns, condition, headers, policy, timeout, enabled) on net.webhooks to public;
grant select (
    pattern, policy, timeout, connect_timeout, max_in_flight, rate, per, burst, breaker, store, roles, paused, comment
) on net.hosts to public;

-- What pg_dump takes for the extension's own must not hold what a DBA granted, or a restore would not grant it; nor lack
-- what a DBA revoked.
update pg_init_privs i
    set initprivs = array(
        select item
        from unnest(i.initprivs) item
        where (select bool_and(a.grantee in (0, c.relowner)) from aclexplode(array[item]) a))
    from pg_class c
    where i.classoid = 'pg_class'::regclass and i.objoid = c.oid
        and c.oid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass);
update pg_init_privs i
    set initprivs = acldefault('f', p.proowner)
    from pg_proc p
    where i.classoid = 'pg_proc'::regclass and i.objoid = p.oid and p.pronamespace = 'net'::regnamespace
        and p.proname not in (
            '_queue_request', '_requests_removed', '_responses_deleted', '_responses_truncated', '_check_policy',
            '_check_callback', '_schedule', '_check_host', '_hosts_changed', '_secrets_changed', '_check_webhook', 'worker_restart');
update pg_init_privs i
    set initprivs = acldefault('T', t.typowner)
    from pg_type t
    where i.classoid = 'pg_type'::regclass and i.objoid = t.oid and t.typnamespace = 'net'::regnamespace;


-- The worker reads the whole queue when this commits. What of it cannot be sent becomes an error row.
select net.wake();
