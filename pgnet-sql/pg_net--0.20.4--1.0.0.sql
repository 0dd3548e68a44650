\echo Use "ALTER EXTENSION pg_net UPDATE" to load this file. \quit

-- From pg_net 0.20.4, the C extension. The rows stay, and so does what a DBA granted, revoked or set; the rest ends as
-- pg_net.sql makes it.

-- Nothing that another role could create is found by its name while this runs.
set local search_path = pg_catalog, pg_temp;

create function net._require_preload() returns void
    language c strict as 'MODULE_PATHNAME', 'pgnet_require_preload';
comment on function net._require_preload() is
    'Raises an error unless pg_net is in shared_preload_libraries.';
select net._require_preload();

-- What there is before: its privileges are the DBA's, those of the rest are ours.
select set_config('net_update.members', array(
        select format('%s/%s', classid, objid)
        from pg_depend
        where deptype = 'e' and refclassid = 'pg_extension'::regclass
            and refobjid = (select oid from pg_extension where extname = 'pg_net'))::text, true);

-- CREATE OR REPLACE FUNCTION takes away what a DBA set on a function, SECURITY DEFINER and a search_path for example: it
-- is set again at the end.
select set_config('net_update.functions', coalesce(jsonb_agg(jsonb_build_object(
        'oid', oid, 'prosecdef', prosecdef, 'proconfig', proconfig)), '[]')::text, true)
    from pg_proc
    where pronamespace = 'net'::regnamespace and (prosecdef or proconfig is not null);


-- What the owner of a table has attached to it must not run here, with a superuser's rights, if the owner is none.

do $$
declare
    attached text;
begin
    lock table net.http_request_queue, net._http_response in access exclusive mode;
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


-- The rows. Triggers of users must not run here: until now every role could create them, and this is a superuser.

do $$
declare
    extension_owner oid := (select extowner from pg_extension where extname = 'pg_net');
    sequence text := pg_get_serial_sequence('net.http_request_queue', 'id');
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
    update net._http_response set timed_out = false where timed_out is null;

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
    alter table net._http_response
        add column body bytea,
        add column attempts integer,
        add column duration interval,
        add column method text,
        add column url text;
    execute format('alter table net._http_response add column owner oid default %s', extension_owner);
    execute enable_triggers;

    if current_setting('client_min_messages') = 'notice' then
        set local client_min_messages = warning;
    end if;
end $$;


-- The tables: logged, with keys, constraints and the new columns.

alter domain net.http_method drop constraint http_method_check;
alter domain net.http_method add constraint http_method_check
    check (value ~ '^[-!#$%&''*+.^_`|~0-9A-Za-z]+$');

create function net._requester() returns oid
    language c stable parallel safe as 'MODULE_PATHNAME', 'pgnet_requester';
comment on function net._requester() is
    'The OID of the role in force: current_user.';

alter table net.http_request_queue
    alter column timeout_milliseconds set default 5000,
    alter column owner set default net._requester(),
    add column created timestamptz not null default clock_timestamp(),
    set logged;

alter table net._http_response
    alter column timed_out set not null,
    alter column owner drop default,
    set logged;
create index if not exists _http_response_created_idx on net._http_response (created);

do $$
begin
    -- A DBA may have given a table its key already.
    if not exists (select from pg_constraint where conrelid = 'net.http_request_queue'::regclass and contype = 'p') then
        alter table net.http_request_queue add primary key (id);
    end if;
    if not exists (select from pg_constraint where conrelid = 'net._http_response'::regclass and contype = 'p') then
        alter table net._http_response add primary key (id);
    end if;
end $$;

create function net._queue_request() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_queue_request';
comment on function net._queue_request() is
    'Checks a request and hands its id to the worker when the transaction commits.';

create trigger _queue_request before insert or update on net.http_request_queue
    for each row execute function net._queue_request();
comment on trigger _queue_request on net.http_request_queue is
    'Checks each request and hands its id to the worker when the transaction commits.';

create function net._requests_removed() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_requests_removed';
comment on function net._requests_removed() is
    'Wakes those who wait for the response of a request that was deleted, when the transaction commits.';

create trigger _requests_removed after delete or truncate on net.http_request_queue
    for each statement execute function net._requests_removed();
comment on trigger _requests_removed on net.http_request_queue is
    'Wakes those who wait for the response of a request that was deleted, when the transaction commits.';

comment on domain net.http_method is
    'The method of an HTTP request: a token, as in RFC 9110, section 9.1.';
comment on type net.request_status is
    'What became of a request: PENDING until a response came (SUCCESS, whatever its status code) or none will (ERROR).';
comment on type net.http_response is
    'A response: status code, headers (an array for a header that came more than once) and body as text.';
comment on type net.http_response_result is
    'What net.http_collect_response returns: the request''s status, a message, and the response if one came.';

comment on table net.http_request_queue is
    'Requests that were made and have no response yet. A row stays until its response is committed; a row inserted here is sent like a call.';
comment on column net.http_request_queue.id is 'The request id, as the request functions return it.';
comment on column net.http_request_queue.method is 'The request method.';
comment on column net.http_request_queue.url is 'The URL, absolute, http or https.';
comment on column net.http_request_queue.headers is 'A JSON object; an array sends a header line for each of its members, null none.';
comment on column net.http_request_queue.body is 'The body, byte for byte.';
comment on column net.http_request_queue.timeout_milliseconds is 'Milliseconds from sending to the end of the response; 0 means no timeout.';
comment on column net.http_request_queue.owner is 'The role that made the request; its members may see it.';
comment on column net.http_request_queue.created is 'When the request was made.';
comment on table net._http_response is
    'Responses, and the reasons of requests that got none. Rows older than the setting pg_net.ttl are deleted.';
comment on column net._http_response.id is 'The request id.';
comment on column net._http_response.status_code is 'The status code, null when no response came.';
comment on column net._http_response.content_type is 'The value of the header Content-Type.';
comment on column net._http_response.headers is 'The headers; a header that came more than once is an array, in order.';
comment on column net._http_response.content is 'The body as text; null when it is empty or not text in its charset, see body.';
comment on column net._http_response.timed_out is 'Whether the request''s timeout ended it.';
comment on column net._http_response.error_msg is 'Why no response came, null when one came.';
comment on column net._http_response.created is 'When the response was complete.';
comment on column net._http_response.body is 'The body byte for byte, when it is not text in its charset.';
comment on column net._http_response.attempts is 'How often the request was sent.';
comment on column net._http_response.duration is 'From sending to the end of the response.';
comment on column net._http_response.method is 'The method of the request.';
comment on column net._http_response.url is 'The URL of the request.';
comment on column net._http_response.owner is 'The role that made the request; its members may see the response.';

-- Publications of all tables would carry the queue, and the tokens in it, to their subscribers.
do $$
declare
    publication name;
begin
    for publication in select pubname from pg_catalog.pg_publication where puballtables loop
        raise warning using
            message = format('publication %I is FOR ALL TABLES and so publishes the requests and responses of pg_net', publication),
            hint = 'Name its tables instead, or make it FOR TABLES IN SCHEMA.';
    end loop;
end $$;


-- Requests

create or replace function net._urlencode_string(string varchar) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_urlencode_string';
comment on function net._urlencode_string(varchar) is
    'The string with every byte percent-encoded but letters, digits and - . _ ~';

create or replace function net._encode_url_with_params_array(url text, params_array text[]) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_encode_url_with_params_array';
comment on function net._encode_url_with_params_array(text, text[]) is
    'The URL with parameters of the form name=value, encoded already, added to its query. Null elements are skipped.';

create function net._url_with_params(url text, params jsonb) returns text
    language c immutable parallel safe as 'MODULE_PATHNAME', 'pgnet_url_with_params';
comment on function net._url_with_params(text, jsonb) is
    'The URL with the members of a JSON object, percent-encoded, added to its query. Null members are skipped.';

create function net._header(headers jsonb, name text) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_header';
comment on function net._header(jsonb, text) is
    'The value of a header, whatever the case of its name; null when it is not there.';

create function net._with_default_header(headers jsonb, name text, value text) returns jsonb
    language c immutable parallel safe as 'MODULE_PATHNAME', 'pgnet_with_default_header';
comment on function net._with_default_header(jsonb, text, text) is
    'The headers, with this one added unless it is there in any case.';

create or replace function net.http_get(
    url text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql volatile parallel unsafe
as $$
declare
    request_id bigint;
begin
    insert into net.http_request_queue (method, url, headers, timeout_milliseconds)
    values ('GET', net._url_with_params(url, params), headers, timeout_milliseconds)
    returning id into request_id;
    return request_id;
end $$;
comment on function net.http_get(text, jsonb, jsonb, integer) is
    'Queues a GET request, to be sent when the transaction commits. Returns the request id.';

create or replace function net.http_post(
    url text,
    body jsonb default '{}',
    params jsonb default '{}',
    headers jsonb default '{"Content-Type": "application/json"}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql volatile parallel unsafe
as $$
declare
    request_id bigint;
begin
    headers := net._with_default_header(headers, 'Content-Type', 'application/json');
    if net._header(headers, 'Content-Type') operator(pg_catalog.<>) 'application/json' then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = 'Content-Type header must be "application/json"',
            hint = 'net.http_request sends bodies of any type.';
    end if;
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('POST', net._url_with_params(url, params), headers, pg_catalog.convert_to(body::pg_catalog.text, 'UTF8'), timeout_milliseconds)
    returning id into request_id;
    return request_id;
end $$;
comment on function net.http_post(text, jsonb, jsonb, jsonb, integer) is
    'Queues a POST request with a JSON body, to be sent when the transaction commits. Returns the request id.';

create or replace function net.http_delete(
    url text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000,
    body jsonb default null
) returns bigint
    language plpgsql volatile parallel unsafe
as $$
declare
    request_id bigint;
begin
    if body is not null then
        headers := net._with_default_header(headers, 'Content-Type', 'application/json');
    end if;
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('DELETE', net._url_with_params(url, params), headers, pg_catalog.convert_to(body::pg_catalog.text, 'UTF8'), timeout_milliseconds)
    returning id into request_id;
    return request_id;
end $$;
comment on function net.http_delete(text, jsonb, jsonb, integer, jsonb) is
    'Queues a DELETE request, to be sent when the transaction commits. Returns the request id.';

create function net._queue(method text, url text, headers jsonb, body bytea, timeout_milliseconds integer) returns bigint
    language plpgsql volatile parallel unsafe
as $$
declare
    request_id bigint;
begin
    -- In Turkish the capital of i is another letter than I.
    if pg_catalog.upper(method collate pg_catalog."C") operator(pg_catalog.=) any ('{GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS}'::pg_catalog.text[]) then
        method := pg_catalog.upper(method collate pg_catalog."C");
    end if;
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values (method, url, headers, body, timeout_milliseconds)
    returning id into request_id;
    return request_id;
end $$;
comment on function net._queue(text, text, jsonb, bytea, integer) is
    'Queues a request; the standard methods in any case.';

create function net.http_request(
    method text,
    url text,
    body jsonb default null,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql volatile parallel unsafe
as $$
begin
    if body is not null then
        headers := net._with_default_header(headers, 'Content-Type', 'application/json');
    end if;
    return net._queue(
        method, net._url_with_params(url, params), headers, pg_catalog.convert_to(body::pg_catalog.text, 'UTF8'), timeout_milliseconds);
end $$;
comment on function net.http_request(text, text, jsonb, jsonb, jsonb, integer) is
    'Queues a request of any method but CONNECT and TRACE, with a JSON body or none. Returns the request id.';

create function net.http_request(
    method text,
    url text,
    body text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql volatile parallel unsafe
as $$
begin
    if body is not null then
        headers := net._with_default_header(headers, 'Content-Type', 'text/plain; charset=utf-8');
    end if;
    return net._queue(
        method, net._url_with_params(url, params), headers, pg_catalog.convert_to(body, 'UTF8'), timeout_milliseconds);
end $$;
comment on function net.http_request(text, text, text, jsonb, jsonb, integer) is
    'Queues a request with a text body, sent in UTF-8. Returns the request id.';

create function net.http_request(
    method text,
    url text,
    body bytea,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000
) returns bigint
    language plpgsql volatile parallel unsafe
as $$
begin
    if body is not null then
        headers := net._with_default_header(headers, 'Content-Type', 'application/octet-stream');
    end if;
    return net._queue(method, net._url_with_params(url, params), headers, body, timeout_milliseconds);
end $$;
comment on function net.http_request(text, text, bytea, jsonb, jsonb, integer) is
    'Queues a request with a body that is sent byte for byte. Returns the request id.';

create function net.cancel(request_id bigint) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_cancel';
comment on function net.cancel(bigint) is
    'Takes a request back, when this transaction commits: it is not sent, or leaves no response. False if there is no such request any more.';


-- Responses

create or replace function net._await_response(request_id bigint) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_await_response';
comment on function net._await_response(bigint) is
    'Waits until a request has its response; false at once when there is no such request.';

create function net._await_response_until(request_id bigint, deadline timestamptz) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_await_response_until';
comment on function net._await_response_until(bigint, timestamptz) is
    'Waits until a request has its response; false when the deadline comes first, or there is no such request.';

create function net.await(request_ids bigint[], timeout interval default null) returns setof net._http_response
    language plpgsql volatile parallel unsafe
as $$
declare
    deadline pg_catalog.timestamptz := pg_catalog.clock_timestamp() operator(pg_catalog.+) timeout;
    request_id bigint;
begin
    foreach request_id in array coalesce(request_ids, '{}') loop
        perform net._await_response_until(request_id, coalesce(deadline, 'infinity'));
    end loop;
    return query
        select r.* from net._http_response r
        where r.id operator(pg_catalog.=) any (request_ids)
            and not exists (select from net.http_request_queue q where q.id operator(pg_catalog.=) r.id)
        order by r.id;
end $$;
comment on function net.await(bigint[], interval) is
    'Waits until all these requests have their responses, or the timeout has passed, and returns the responses that came.';

create or replace function net.http_collect_response(
    request_id bigint,
    async boolean default true
) returns net.http_response_result
    language plpgsql volatile parallel unsafe
as $$
declare
    found_response net._http_response;
begin
    if not async then
        perform net._await_response(request_id);
    end if;
    -- First the queue: a response that is recorded just now is found then. One that is there beside a queued request is
    -- that of an older request, of before the ids were restarted.
    if exists (select from net.http_request_queue q where q.id operator(pg_catalog.=) request_id) then
        return row('PENDING', 'request is pending', null)::net.http_response_result;
    end if;
    select r.* into found_response from net._http_response r where r.id operator(pg_catalog.=) request_id;
    if found_response.id is null then
        return row('ERROR', 'request matching request_id not found', null)::net.http_response_result;
    end if;
    if found_response.error_msg is not null then
        return row('ERROR', found_response.error_msg, null)::net.http_response_result;
    end if;
    return row(
        'SUCCESS',
        'ok',
        row(found_response.status_code, found_response.headers, found_response.content)::net.http_response
    )::net.http_response_result;
end $$;
comment on function net.http_collect_response(bigint, boolean) is
    'The response of a request, or its state. With async := false it waits until the response is there.';

create or replace function net._http_collect_response(
    request_id bigint,
    async boolean default true
) returns net.http_response_result
    language plpgsql volatile parallel unsafe
as $$
declare
    result net.http_response_result := net.http_collect_response(request_id, async);
begin
    if result.status operator(pg_catalog.=) 'PENDING' then
        return row('ERROR', 'request matching request_id not found', null)::net.http_response_result;
    end if;
    return result;
end $$;
comment on function net._http_collect_response(bigint, boolean) is
    'net.http_collect_response as it was: a request that is pending is not found.';


-- The worker

create or replace function net.wake() returns void
    language c as 'MODULE_PATHNAME', 'pgnet_wake';
comment on function net.wake() is
    'Makes the worker read the whole queue when this transaction commits. Never needed for requests to be sent.';

create or replace function net.worker_restart() returns boolean
    language c as 'MODULE_PATHNAME', 'pgnet_worker_restart';
comment on function net.worker_restart() is
    'Reloads the configuration and starts this database''s worker anew. False when no worker runs.';

create function net._worker_state() returns text
    language c as 'MODULE_PATHNAME', 'pgnet_worker_state';
comment on function net._worker_state() is
    'State of this database''s worker: running, starting, or none when none will run as things are.';

create function net._worker_failure() returns text
    language c as 'MODULE_PATHNAME', 'pgnet_worker_failure';
comment on function net._worker_failure() is
    'Why the last start of this database''s worker failed; null when it did not.';

create or replace function net.check_worker_is_up() returns void
    language c as 'MODULE_PATHNAME', 'pgnet_check_worker_is_up';
comment on function net.check_worker_is_up() is
    'Raises an error unless a worker serves this database.';

create or replace function net.wait_until_running() returns void
    language plpgsql
as $$
begin
    while net._worker_state() operator(pg_catalog.=) 'starting' loop
        perform pg_catalog.pg_sleep(0.01);
    end loop;
    perform net.check_worker_is_up();
end $$;
comment on function net.wait_until_running() is
    'Waits until the worker of this database runs.';

create function net._worker_counters(
    out in_flight bigint,
    out done bigint,
    out failed bigint,
    out timed_out bigint,
    out bytes_in bigint,
    out bytes_out bigint
)
    language c volatile as 'MODULE_PATHNAME', 'pgnet_worker_counters';
comment on function net._worker_counters() is
    'What the workers of this database have counted since the server started.';

create view net.stats as
    select
        (select count(*) from net.http_request_queue) as queued,
        c.in_flight,
        (select clock_timestamp() - min(created) from net.http_request_queue) as oldest_queued_age,
        c.done,
        c.failed,
        c.timed_out,
        c.bytes_in,
        c.bytes_out
    from net._worker_counters() c;
comment on view net.stats is 'One row: the queue now, and what was sent since the server started.';
comment on column net.stats.queued is 'Requests without a response, those in flight included.';
comment on column net.stats.in_flight is 'Requests that are sent now.';
comment on column net.stats.oldest_queued_age is 'How long the oldest of the queued requests has been there.';
comment on column net.stats.done is 'Requests that got a response, whatever its status.';
comment on column net.stats.failed is 'Requests that got none.';
comment on column net.stats.timed_out is 'Those of the failed whose timeout ended them.';
comment on column net.stats.bytes_in is 'Bytes of the bodies received.';
comment on column net.stats.bytes_out is 'Bytes of the bodies sent.';


-- What a DBA set on functions.

update pg_proc p
    set prosecdef = s.prosecdef, proconfig = s.proconfig
    from jsonb_to_recordset(current_setting('net_update.functions')::jsonb) as s (oid oid, prosecdef boolean, proconfig text[])
    where p.oid = s.oid;


-- What is new belongs to whoever runs this; the rest to the extension's owner, and so shall all.

do $$
declare
    updater regrole := quote_ident(current_user)::regrole;
    extension_owner regrole := (select extowner from pg_extension where extname = 'pg_net');
    object text;
begin
    for object in
        select 'function ' || oid::regprocedure
        from pg_proc where pronamespace = 'net'::regnamespace and proowner = updater
        union all
        select 'view ' || oid::regclass
        from pg_class where relnamespace = 'net'::regnamespace and relkind = 'v' and relowner = updater
    loop
        execute format('alter %s owner to %s', object, extension_owner);
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
        select classid, objid, is_new, 'function', 'f', oid::regprocedure::text, proowner, proacl, true
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
        if public_inserts and table_name = 'net.http_request_queue'::regclass then
            grant insert (method, url, headers, body, timeout_milliseconds) on net.http_request_queue to public;
        end if;
    end loop;

    -- Where PUBLIC may not make requests, it may not by the new functions either.
    select bool_and(a.grantee is not null)
        into public_calls
        from pg_proc p
            left join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a on a.grantee = 0
        where p.pronamespace = 'net'::regnamespace and p.proname in ('http_get', 'http_post', 'http_delete');
    if not public_calls then
        revoke execute on function
            net.http_request(text, text, jsonb, jsonb, jsonb, integer),
            net.http_request(text, text, text, jsonb, jsonb, integer),
            net.http_request(text, text, bytea, jsonb, jsonb, integer)
            from public;
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
revoke execute on function net._queue_request(), net._requests_removed() from public;

grant select on net.stats to public;

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
        and p.proname not in ('_queue_request', '_requests_removed', 'worker_restart');
update pg_init_privs i
    set initprivs = acldefault('T', t.typowner)
    from pg_type t
    where i.classoid = 'pg_type'::regclass and i.objoid = t.oid and t.typnamespace = 'net'::regnamespace;

alter table net.http_request_queue enable row level security;
create policy of_owner on net.http_request_queue
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net.http_request_queue is
    'A request is seen by the role that made it and its members.';

alter table net._http_response enable row level security;
create policy of_owner on net._http_response
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net._http_response is
    'A response is seen by the role that made the request and its members.';


-- The worker reads the whole queue when this commits. What of it cannot be sent becomes an error row.
select net.wake();
