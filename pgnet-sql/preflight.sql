-- Before an update from the C extension pg_net: what of this database the update and the differences concern, and what to do
-- about each. Run it as a superuser, in each database that has the extension, while the C extension is still in use:
--
--     psql -X -d DATABASE -f preflight.sql
--
-- It changes nothing. Lines that begin with 1 must be dealt with before ALTER EXTENSION pg_net UPDATE, which refuses
-- otherwise. Those with 2 may need something done after it. Those with 3 are for your information.

begin transaction read only;
set local search_path = pg_catalog, pg_temp;

with obstacle (what, remedy) as (
-- obstacles:
with recursive
-- Every table, function, view, trigger, policy and column that version 1.0 adds. A test compares this with pg_net.sql.
added (kind, name) as (values
    ('function', 'net._require_preload()'),
    ('table', 'net.policies'),
    ('function', 'net._check_policy()'),
    ('trigger', '_check_policy on net.policies'),
    ('trigger', '_keep_policies on net.policies'),
    ('function', 'net._host_pattern(text)'),
    ('function', 'net._check_headers(jsonb)'),
    ('table', 'net.hosts'),
    ('function', 'net._check_host()'),
    ('trigger', '_check_host on net.hosts'),
    ('function', 'net._hosts_changed()'),
    ('trigger', '_hosts_changed on net.hosts'),
    ('table', 'net._probes'),
    ('function', 'net.probe(text)'),
    ('table', 'net._secrets'),
    ('table', 'net._secret_keys'),
    ('function', 'net._secrets_changed()'),
    ('trigger', '_secrets_changed on net._secrets'),
    ('trigger', '_secrets_changed on net._secret_keys'),
    ('view', 'net.secrets'),
    ('function', 'net.set_secret(text, text, text, text[], regrole[])'),
    ('function', 'net.drop_secret(text)'),
    ('function', 'net._rotate_secret(text, text, timestamptz)'),
    ('function', 'net._secret_problem(text)'),
    ('function', 'net._new_signing_key()'),
    ('function', 'net._requester()'),
    ('column', 'net.http_request_queue.owner'),
    ('column', 'net.http_request_queue.created'),
    ('column', 'net.http_request_queue.policy'),
    ('column', 'net.http_request_queue.not_before'),
    ('column', 'net.http_request_queue.expires'),
    ('column', 'net.http_request_queue.priority'),
    ('column', 'net.http_request_queue.order_key'),
    ('column', 'net.http_request_queue.on_response'),
    ('column', 'net.http_request_queue.context'),
    ('column', 'net.http_request_queue.secrets'),
    ('column', 'net.http_request_queue.sign_with'),
    ('column', 'net.http_request_queue.store'),
    ('column', 'net.http_request_queue.webhook'),
    ('function', 'net._queue_request()'),
    ('trigger', '_queue_request on net.http_request_queue'),
    ('function', 'net._requests_removed()'),
    ('trigger', '_requests_removed on net.http_request_queue'),
    ('table', 'net._delivery'),
    ('function', 'net._schedule()'),
    ('trigger', '_schedule on net.http_request_queue'),
    ('trigger', '_reschedule on net.http_request_queue'),
    ('function', 'net._blocked_by(bigint)'),
    ('function', 'net._waits_for(bigint)'),
    ('table', 'net.attempts'),
    ('table', 'net.dead_letters'),
    ('table', 'net._response_detail'),
    ('function', 'net._may_see(bigint)'),
    ('view', 'net.responses'),
    ('function', 'net._responses_deleted()'),
    ('trigger', '_responses_deleted on net._http_response'),
    ('function', 'net._responses_truncated()'),
    ('trigger', '_responses_truncated on net._http_response'),
    ('trigger', '_responses_truncated on net._response_detail'),
    ('table', 'net._callbacks'),
    ('function', 'net._check_callback()'),
    ('trigger', '_check_callback on net._callbacks'),
    ('function', 'net._urlencode_string(varchar)'),
    ('function', 'net._encode_url_with_params_array(text, text[])'),
    ('function', 'net._url_with_params(text, jsonb)'),
    ('function', 'net._form(jsonb)'),
    ('function', 'net._header(jsonb, text)'),
    ('function', 'net._with_default_header(jsonb, text, text)'),
    ('function', 'net.http_get(text, jsonb, jsonb, integer)'),
    ('function', 'net.http_post(text, jsonb, jsonb, jsonb, integer)'),
    ('function', 'net.http_delete(text, jsonb, jsonb, integer, jsonb)'),
    ('function', 'net.request(text, jsonb, text, jsonb, jsonb, interval, text, interval, interval, text, text, text, jsonb, text[], text, text, text, bytea, jsonb)'),
    ('function', 'net.cancel(bigint)'),
    ('function', 'net.retry(bigint)'),
    ('function', 'net._retry_if_free(bigint, interval)'),
    ('function', 'net.retry_all(text, timestamptz, timestamptz, integer, boolean, numeric)'),
    ('table', 'net._webhooks'),
    ('function', 'net._webhook()'),
    ('function', 'net._webhook_table(record)'),
    ('function', 'net._webhook_names(bytea)'),
    ('function', 'net._webhook_owner(record)'),
    ('function', 'net._check_webhook_parts(text, jsonb, text[], text, text, oid, oid)'),
    ('function', 'net._set_webhook_key(text, text, text, oid)'),
    ('function', 'net._move_webhook_key(text, text, oid)'),
    ('function', 'net._rotate_webhook_key(text, text, timestamptz, oid)'),
    ('function', 'net._drop_webhook_key(text, oid)'),
    ('function', 'net._end_webhook_requests(text, oid)'),
    ('function', 'net._forget_webhook(text)'),
    ('function', 'net._check_webhook()'),
    ('trigger', '_check_webhook on net._webhooks'),
    ('trigger', '_webhooks_changed on net._webhooks'),
    ('view', 'net.webhooks'),
    ('function', 'net._set_webhook_triggers(text, oid, text[], boolean)'),
    ('function', 'net._check_webhook_table(oid, boolean)'),
    ('function', 'net.create_webhook(text, regclass, text, text[], text[], text, text, text, jsonb, text, boolean, boolean, interval, boolean)'),
    ('function', 'net.drop_webhook(text)'),
    ('function', 'net.test_webhook(text)'),
    ('function', 'net.rotate_webhook_secret(text, interval)'),
    ('function', 'net.install_supabase_functions()'),
    ('function', 'net._await_response(bigint)'),
    ('function', 'net._await_response_until(bigint, timestamptz)'),
    ('function', 'net.await(bigint[], interval)'),
    ('procedure', 'net.fetch(text, jsonb, text, jsonb, jsonb, interval, bigint, integer, text, text)'),
    ('function', 'net._pending(bigint)'),
    ('function', 'net.http_collect_response(bigint, boolean)'),
    ('function', 'net._http_collect_response(bigint, boolean)'),
    ('function', 'net.wake()'),
    ('function', 'net.worker_restart()'),
    ('function', 'net._worker_state()'),
    ('function', 'net._worker_failure()'),
    ('function', 'net.check_worker_is_up()'),
    ('function', 'net.wait_until_running()'),
    ('function', 'net._worker_counters()'),
    ('function', 'net._latency()'),
    ('function', 'net._rows_of(regclass)'),
    ('function', 'net._waiting_rows()'),
    ('view', 'net.stats'),
    ('function', 'net._host_states()'),
    ('view', 'net.stat_host'),
    ('function', 'net._explain_url(text)'),
    ('function', 'net._host_rank(text, text, integer)'),
    ('function', 'net._header_names(text)'),
    ('function', 'net._header_secrets(text)'),
    ('function', 'net.explain(text)'),
    ('function', 'net._is_sent(bigint)'),
    ('function', 'net._hindrance(oid, text, boolean, boolean)'),
    ('function', 'net._is_state_support(internal)'),
    ('function', 'net._is_state(text, text)'),
    ('view', 'net._details'),
    ('function', 'net._newest_id()'),
    ('view', 'net.requests'),
    ('function', 'net._health()'),
    ('function', 'net._amount(bigint, text, text)'),
    ('function', 'net._span(interval)'),
    ('function', 'net._moment(timestamptz)'),
    ('function', 'net._has_lz4()'),
    ('function', 'net._oldest_response()'),
    ('function', 'net._doctor_worker()'),
    ('function', 'net._doctor_hosts()'),
    ('function', 'net._doctor_failures()'),
    ('function', 'net._doctor_setup()'),
    ('function', 'net._doctor_expiry()'),
    ('function', 'net._doctor(text)'),
    ('function', 'net.doctor()'),
    ('policy', 'of_owner on net.http_request_queue'),
    ('policy', 'of_owner on net._delivery'),
    ('policy', 'of_owner on net.attempts'),
    ('policy', 'of_owner on net.dead_letters'),
    ('policy', 'of_owner on net._http_response'),
    ('policy', 'of_owner on net._webhooks'),
    ('policy', 'of_owner on net._callbacks')
),
pg_net_table (oid) as (
    values (to_regclass('net.http_request_queue')::oid), (to_regclass('net._http_response')::oid)
),
member as (
    select classid, objid from pg_depend
    where deptype = 'e' and refclassid = 'pg_extension'::regclass
        and refobjid = (select oid from pg_extension where extname = 'pg_net')
),
-- The types of the tables' rows, and all that contain them: a table with such a column keeps its rows from being rewritten,
-- as those of the queue are, and those of an unlogged table.
row_type (oid) as (
    select t.oid from pg_type t join pg_class c on c.oid = t.typrelid
    where c.oid = to_regclass('net.http_request_queue')
        or c.oid = to_regclass('net._http_response') and c.relpersistence = 'u'
    union
    select c.oid
    from row_type
        join pg_type t on t.oid = row_type.oid
        join lateral (
            select t.typarray
            union all
            select d.oid from pg_type d where d.typbasetype = t.oid
            union all
            select holder.reltype
            from pg_attribute a join pg_class holder on holder.oid = a.attrelid
            where a.atttypid = t.oid and not a.attisdropped and holder.relkind <> 'v'
        ) c (oid) on c.oid <> 0
)
select format('%s %s is not the extension''s, which has one of this name', kind, name) as what,
    format('ALTER %s %s SET SCHEMA public;', case kind when 'function' then 'FUNCTION' else 'ROUTINE' end, name) as remedy
from added
    cross join lateral (select case when kind in ('function', 'procedure') then to_regprocedure(name) end) f (oid)
where f.oid is not null and ('pg_proc'::regclass, f.oid::oid) not in (select classid, objid from member)
union all
select format('relation %s is not the extension''s, which has a %s of this name', name, kind),
    format('ALTER %s %s SET SCHEMA public;',
        case relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'S' then 'SEQUENCE' else 'TABLE' end, name)
from added
    join pg_class on pg_class.oid = case when kind in ('table', 'view') then to_regclass(name)::oid end
where ('pg_class'::regclass, pg_class.oid) not in (select classid, objid from member)
union all
select format('trigger %s on %s has a name that the extension needs', tgname, tgrelid::regclass),
    format('ALTER TRIGGER %I ON %s RENAME TO %I;', tgname, tgrelid::regclass, 'my' || tgname)
from pg_trigger
where not tgisinternal and tgrelid in (select oid from pg_net_table)
    and ('trigger', format('%s on %s', tgname, tgrelid::regclass)) in (select kind, name from added)
union all
select format('policy %s on %s has a name that the extension needs', polname, polrelid::regclass),
    format('ALTER POLICY %I ON %s RENAME TO %I;', polname, polrelid::regclass, 'my_' || polname)
from pg_policy
where polrelid in (select oid from pg_net_table)
    and ('policy', format('%s on %s', polname, polrelid::regclass)) in (select kind, name from added)
union all
select format('column %s of %s has a name that the extension needs', attname, attrelid::regclass),
    format('ALTER TABLE %s RENAME COLUMN %I TO %I;', attrelid::regclass, attname, 'my_' || attname)
from pg_attribute
where attrelid in (select oid from pg_net_table) and not attisdropped
    and ('column', format('%s.%s', attrelid::regclass, attname)) in (select kind, name from added)
    -- Up to 0.2 the queue had the time that the responses had not.
    and not (attname = 'created' and not exists (
        select from pg_attribute r
        where r.attrelid = to_regclass('net._http_response') and r.attname = 'created' and not r.attisdropped))
union all
select format('constraint %s of domain net.http_method has a name that the extension needs', conname),
    'ALTER DOMAIN net.http_method RENAME CONSTRAINT http_method_check TO my_http_method_check;'
from pg_constraint
where contypid = to_regtype('net.http_method') and conname = 'http_method_check'
    and pg_get_constraintdef(oid) not like '%VALUE ~~* ''get''::text%'
union all
select format('the primary key of %s is not its id', conrelid::regclass),
    format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname)
from pg_constraint
where conrelid in (select oid from pg_net_table) and contype = 'p'
    and pg_get_constraintdef(oid) not like 'PRIMARY KEY (id)%'
union all
select format('column %s of %s holds rows of a table of pg_net', attname, attrelid::regclass),
    format('ALTER TABLE %1$s ALTER COLUMN %2$I TYPE jsonb USING to_jsonb(%2$I);', attrelid::regclass, attname)
from pg_attribute join pg_class c on c.oid = attrelid
where atttypid in (select oid from row_type) and not attisdropped and c.relkind in ('r', 'p', 'm')
    and c.oid not in (select oid from pg_net_table)
union all
select format('%s uses %s, which is replaced', pg_describe_object(d.classid, d.objid, d.objsubid),
        pg_describe_object(d.refclassid, d.refobjid, 0)),
    'Drop it, and create it again after the update.'
from pg_depend d
where d.deptype in ('n', 'a')
    and (d.refclassid = 'pg_proc'::regclass
            and d.refobjid in (to_regprocedure('net.http_delete(text, jsonb, jsonb, integer)'),
                to_regprocedure('net._check_worker_is_up()'))
            and not (d.classid = 'pg_trigger'::regclass
                and (select tgname from pg_trigger where oid = d.objid) = 'ensure_worker_is_up')
        or d.refclassid = 'pg_class'::regclass
            and d.refobjid = to_regclass('net.http_request_queue_id_seq')
            and not (d.classid = 'pg_attrdef'::regclass
                and (select adrelid from pg_attrdef where oid = d.objid) = to_regclass('net.http_request_queue')))
union all
select format('publication %I is FOR ALL TABLES, and would carry requests, tokens and responses', pubname),
    format('DROP PUBLICATION %I, and CREATE PUBLICATION for the tables that are meant. If its subscribers can take the tables,'
        || ' SET net_update.publish = on before the update.', pubname)
from pg_publication
where puballtables and coalesce(current_setting('net_update.publish', true), '') <> 'on'
union all
select pg_describe_object(classid, objid, 0) || ' would carry requests, tokens and responses',
    'ALTER PUBLICATION ... DROP TABLES IN SCHEMA net; or, if its subscribers can take the tables,'
        || ' SET net_update.publish = on before the update.'
from pg_depend
where classid = to_regclass('pg_publication_namespace') and refclassid = 'pg_namespace'::regclass
    and refobjid = to_regnamespace('net') and coalesce(current_setting('net_update.publish', true), '') <> 'on'
-- end of obstacles
),
pg_net_table (oid) as (
    values (to_regclass('net.http_request_queue')::oid), (to_regclass('net._http_response')::oid)
),
installed as (select * from pg_extension where extname = 'pg_net'),
-- Functions of users in whose text pg_net occurs.
user_function as (
    select p.oid, p.oid::regprocedure::text as name, p.prosrc as text, p.prosecdef, p.proowner
    from pg_proc p
    where p.prosrc ~* 'http_request_queue|_http_response|\mnet\s*\.'
        and p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        and not exists (
            select from pg_depend d
            where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
),
request_function as (
    select p.oid, p.oid::regprocedure::text as name, p.prosecdef, p.proowner, p.proconfig
    from pg_proc p
    where p.pronamespace = to_regnamespace('net') and p.proname in ('http_get', 'http_post', 'http_delete')
),
total as (
    select (select count(*) from net.http_request_queue) as queued, (select count(*) from net._http_response) as responses,
        (select sum(pg_total_relation_size(oid)) from pg_net_table) as bytes
),
finding (step, what, remedy) as (
    select 1, what, remedy from obstacle

    union all
    select 1, format('PostgreSQL %s is older than 15', current_setting('server_version')),
        'Run pg_upgrade to 15 or later first: docs/migrating.md, "pg_upgrade".'
    where current_setting('server_version_num')::int < 150000

    union all
    select 2, format('trigger %s on %s runs %s', tgname, tgrelid::regclass, tgfoid::regprocedure),
        'It stays. Read the function: the worker runs it with the rights of the table''s owner.'
    from pg_trigger
    where tgrelid in (select oid from pg_net_table) and not tgisinternal and tgname <> 'ensure_worker_is_up'

    union all
    select 2, format('view %s reads %s', r.ev_class::regclass, string_agg(distinct d.refobjid::regclass::text, ', ')),
        format('It shows the rows that its owner, %s, may see: those of the roles that it is a member of.',
            min(pg_get_userbyid(c.relowner)))
    from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class c on c.oid = r.ev_class
    where d.classid = 'pg_rewrite'::regclass and d.refobjid in (select oid from pg_net_table)
    group by r.ev_class

    union all
    select 2, format('function %s reads the queue, which gets the columns owner and created', name),
        'They are behind those that there are: name columns in INSERT ... SELECT, and qualify the two names.'
    from user_function
    where text ~* 'http_request_queue' and text ~* '(select\s+([a-z_]+\.)?\*|\m(owner|created)\M)'

    union all
    select 2, format('function %s deletes or changes rows of pg_net', name),
        format('GRANT DELETE, UPDATE, TRUNCATE ON net.http_request_queue, net._http_response TO %s;',
            case when prosecdef then quote_ident(pg_get_userbyid(proowner)) else 'role_that_calls_it' end)
    from user_function
    where text ~* '(delete\s+from|update|truncate(\s+table)?)\s+(only\s+)?(net\s*\.\s*)?(_http_response|http_request_queue)'
        and not (prosecdef and pg_has_role(proowner, (select extowner from installed), 'USAGE'))

    union all
    select 2, format('function %s inserts into the queue itself', name),
        'Leave the column id out: use RETURNING id. The row is sent when the transaction commits, net.wake() or not.'
    from user_function
    where text ~* 'insert\s+into\s+(net\s*\.\s*)?http_request_queue'

    union all
    select 2, format('function %s calls net.worker_restart', name),
        format('GRANT pg_signal_backend TO %s;',
            case when prosecdef then quote_ident(pg_get_userbyid(proowner)) else 'role_that_calls_it' end)
    from user_function
    where text ~* 'worker_restart'

    union all
    select 2, format('function %s reads responses', name),
        'It finds those of the role that it runs as, and of roles that this is a member of: GRANT requester TO reader;'
    from user_function
    where text ~* '(_http_response|http_collect_response)' and not prosecdef

    union all
    select 2, format('roles that may read the tables and are not members of %s: %s', pg_get_userbyid(extowner),
            (select string_agg(quote_ident(rolname), ', ' order by rolname)
            from pg_roles
            where rolcanlogin and not pg_has_role(pg_roles.oid, extowner, 'USAGE')
                and has_schema_privilege(pg_roles.oid, 'net', 'USAGE')
                and has_table_privilege(pg_roles.oid, 'net._http_response', 'SELECT'))),
        'Each sees its own rows only, and none of before the update. Where one must see all, after the update:'
            || ' CREATE POLICY all_rows ON net._http_response FOR SELECT TO role USING (true);'
    from installed
    where exists (
        select from pg_roles
        where rolcanlogin and not pg_has_role(pg_roles.oid, extowner, 'USAGE')
            and has_schema_privilege(pg_roles.oid, 'net', 'USAGE')
            and has_table_privilege(pg_roles.oid, 'net._http_response', 'SELECT'))

    union all
    select 2, format('%s is SECURITY DEFINER: all its requests are those of %s', name, pg_get_userbyid(proowner)),
        'It stays so. Who should see only his own requests needs a function that is not: ALTER FUNCTION '
            || name || ' SECURITY INVOKER;'
    from request_function
    where prosecdef and (proconfig is not null or to_regprocedure('net.worker_restart()') is not null)

    union all
    select 2, format('event trigger %s runs %s', evtname, evtfoid::regprocedure),
        'It changes the functions of pg_net at CREATE EXTENSION. What it did stays; it does not run at ALTER EXTENSION.'
    from pg_event_trigger join pg_proc p on p.oid = evtfoid
    where p.prosrc ~* 'pg_net|net\.http_'

    union all
    select 2, 'pg_cron is installed', 'See its jobs: SELECT jobid, username, command FROM cron.job WHERE command ~* ''net\.'';'
        || ' the rows of a job are those of its username.'
    from pg_extension where extname = 'pg_cron'

    union all
    select 2, format('subscription of this database: %s', string_agg(subname, ', ')),
        'It leaves out the tables of pg_net from the update on: each server sends its own requests.'
    from pg_subscription s join pg_database d on d.oid = s.subdbid and d.datname = current_database()
    having count(*) > 0

    union all
    select 2, format('grants on the tables by name: %s', string_agg(distinct g.grant_text, ', ')), 'They stay.'
    from (
        select format('%s to %I on %s', a.privilege_type, pg_get_userbyid(a.grantee), c.oid::regclass) as grant_text
        from pg_class c, aclexplode(c.relacl) a
        where c.oid in (select oid from pg_net_table) and a.grantee not in (0, c.relowner)) g
    having count(*) > 0

    union all
    select 3, format('pg_net %s, %s requests queued, %s responses, %s', extversion, queued, responses, pg_size_pretty(bytes)),
        format('The update locks both tables for about %s s: it writes their rows anew. Fewer rows, less time:'
            || ' DELETE FROM net._http_response WHERE id < ...;',
            ceil(0.5 + queued * 0.00001 + responses * 0.000015 + bytes / 50e6))
    from installed, total

    union all
    select 3, format('%s of the queued requests are answered: versions up to 0.2 leave them there', count(*)),
        'The update removes them; they are not sent again.'
    from net.http_request_queue q join net._http_response r using (id)
    where exists (
        select from pg_constraint
        where contype = 'f' and conrelid = to_regclass('net._http_response'))
    having count(*) > 0

    union all
    select 3, format('pg_net.database_name is %s', coalesce(current_setting('pg_net.database_name', true), '(not loaded)')),
        case when current_setting('pg_net.database_name', true) = current_database() then 'It names this database. Keep it.'
            else format('Requests of this database are sent when it names %I.', current_database()) end

    union all
    select 3, format('pg_net.username is %s', current_setting('pg_net.username', true)),
        'The worker connects as that role; what it does in the tables it does as their owner. Keep it.'
    where current_setting('pg_net.username', true) <> ''
)
select step, what, remedy from finding order by step, what;
rollback;
