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
-- Every function, view, trigger, policy and column that version 1.0 adds. A test compares this with pg_net.sql.
added (kind, name) as (values
    ('function', 'net._require_preload()'),
    ('function', 'net._requester()'),
    ('column', 'net.http_request_queue.owner'),
    ('column', 'net.http_request_queue.created'),
    ('function', 'net._queue_request()'),
    ('trigger', '_queue_request on net.http_request_queue'),
    ('function', 'net._requests_removed()'),
    ('trigger', '_requests_removed on net.http_request_queue'),
    ('column', 'net._http_response.body'),
    ('column', 'net._http_response.attempts'),
    ('column', 'net._http_response.duration'),
    ('column', 'net._http_response.method'),
    ('column', 'net._http_response.url'),
    ('column', 'net._http_response.owner'),
    ('function', 'net._urlencode_string(varchar)'),
    ('function', 'net._encode_url_with_params_array(text, text[])'),
    ('function', 'net._url_with_params(text, jsonb)'),
    ('function', 'net._header(jsonb, text)'),
    ('function', 'net._with_default_header(jsonb, text, text)'),
    ('function', 'net.http_get(text, jsonb, jsonb, integer)'),
    ('function', 'net.http_post(text, jsonb, jsonb, jsonb, integer)'),
    ('function', 'net.http_delete(text, jsonb, jsonb, integer, jsonb)'),
    ('function', 'net._queue(text, text, jsonb, bytea, integer)'),
    ('function', 'net.http_request(text, text, jsonb, jsonb, jsonb, integer)'),
    ('function', 'net.http_request(text, text, text, jsonb, jsonb, integer)'),
    ('function', 'net.http_request(text, text, bytea, jsonb, jsonb, integer)'),
    ('function', 'net.cancel(bigint)'),
    ('function', 'net._await_response(bigint)'),
    ('function', 'net._await_response_until(bigint, timestamptz)'),
    ('function', 'net.await(bigint[], interval)'),
    ('function', 'net.http_collect_response(bigint, boolean)'),
    ('function', 'net._http_collect_response(bigint, boolean)'),
    ('function', 'net.wake()'),
    ('function', 'net.worker_restart()'),
    ('function', 'net._worker_state()'),
    ('function', 'net._worker_failure()'),
    ('function', 'net.check_worker_is_up()'),
    ('function', 'net.wait_until_running()'),
    ('function', 'net._worker_counters()'),
    ('view', 'net.stats'),
    ('policy', 'of_owner on net.http_request_queue'),
    ('policy', 'of_owner on net._http_response')
),
pg_net_table (oid) as (
    values (to_regclass('net.http_request_queue')::oid), (to_regclass('net._http_response')::oid)
),
member as (
    select classid, objid from pg_depend
    where deptype = 'e' and refclassid = 'pg_extension'::regclass
        and refobjid = (select oid from pg_extension where extname = 'pg_net')
),
-- The types of the tables' rows, and all that contain them: a table with such a column keeps its rows from being rewritten.
row_type (oid) as (
    select t.oid from pg_type t where t.typrelid in (select oid from pg_net_table)
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
select 'function ' || name || ' is not the extension''s, which has one of this name' as what,
    'ALTER FUNCTION ' || name || ' SET SCHEMA public;' as remedy
from added
    cross join lateral (select case kind when 'function' then to_regprocedure(name) end) f (oid)
where f.oid is not null and ('pg_proc'::regclass, f.oid::oid) not in (select classid, objid from member)
union all
select 'relation ' || name || ' is not the extension''s, which has a view of this name',
    format('ALTER %s %s SET SCHEMA public;',
        case relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'S' then 'SEQUENCE' else 'TABLE' end, name)
from added
    join pg_class on pg_class.oid = case kind when 'view' then to_regclass(name)::oid end
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
)
select 1, what, remedy from obstacle;
rollback;
