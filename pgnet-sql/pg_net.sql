\echo Use "CREATE EXTENSION pg_net" to load this file. \quit

-- Nothing that another role could create is found by its name while this runs: CREATE EXTENSION itself would put the
-- schema that it is given, public for example, first, and a function there whose argument types match better wins.
set local search_path = pg_catalog, pg_temp;

-- The schema: made here if it is missing, so that DROP EXTENSION drops it. One that is there is used if whoever installs
-- the extension owns it, or a superuser does: anybody else could change what is in it.
do $$
declare
    schema_owner oid := (select nspowner from pg_catalog.pg_namespace where nspname = 'net');
begin
    if schema_owner is null then
        create schema net;
    elsif schema_owner <> (select oid from pg_catalog.pg_roles where rolname = current_user)
        and not (select rolsuper from pg_catalog.pg_roles where oid = schema_owner) then
        raise exception using
            errcode = 'insufficient_privilege',
            message = 'schema net belongs to role ' || quote_ident(pg_catalog.pg_get_userbyid(schema_owner)),
            hint = 'Drop the schema, or make yourself its owner with ALTER SCHEMA net OWNER TO CURRENT_USER.';
    end if;
end $$;

create function net._require_preload() returns void
    language c strict as 'MODULE_PATHNAME', 'pgnet_require_preload';
comment on function net._require_preload() is
    'Raises an error unless pg_net is in shared_preload_libraries.';
select net._require_preload();

-- By this * in pg_net.database_name finds the database, without a connection to each that there is. pg_dump takes it along.
do $$
begin
    execute format('alter database %I set pg_net.served = on', current_database());
end $$;


-- Types

create domain net.http_method as text
    check (value ~ '^[-!#$%&''*+.^_`|~0-9A-Za-z]+$');
comment on domain net.http_method is
    'The method of an HTTP request: a token, as in RFC 9110, section 9.1.';

create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');
comment on type net.request_status is
    'What became of a request: PENDING until a response came (SUCCESS, whatever its status code) or none will (ERROR).';

create type net.http_response as (
    status_code integer,
    headers jsonb,
    body text
);
comment on type net.http_response is
    'A response: status code, headers (an array for a header that came more than once) and body as text.';

create type net.http_response_result as (
    status net.request_status,
    message text,
    response net.http_response
);
comment on type net.http_response_result is
    'What net.http_collect_response returns: the request''s status, a message, and the response if one came.';


-- The queue

create function net._requester() returns oid
    language c stable parallel safe as 'MODULE_PATHNAME', 'pgnet_requester';
comment on function net._requester() is
    'The OID of the role in force: current_user.';

create table net.http_request_queue (
    id bigint generated always as identity primary key,
    method net.http_method not null,
    url text not null,
    headers jsonb,
    body bytea,
    timeout_milliseconds integer not null default 5000,
    owner oid not null default net._requester(),
    created timestamptz not null default clock_timestamp()
);
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

create function net._queue_request() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_queue_request';
comment on function net._queue_request() is
    'Checks a request and hands its id to the worker when the transaction commits; keeps requests of a publisher out.';

create trigger _queue_request before insert or update on net.http_request_queue
    for each row execute function net._queue_request();
comment on trigger _queue_request on net.http_request_queue is
    'Checks each request and hands its id to the worker when the transaction commits; keeps requests of a publisher out.';

create function net._requests_removed() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_requests_removed';
comment on function net._requests_removed() is
    'Wakes those who wait for the response of a request that was deleted, when the transaction commits.';

create trigger _requests_removed after delete or truncate on net.http_request_queue
    for each statement execute function net._requests_removed();
comment on trigger _requests_removed on net.http_request_queue is
    'Wakes those who wait for the response of a request that was deleted, when the transaction commits.';

-- With session_replication_role = replica too, as it is where the changes of a publisher are applied.
alter table net.http_request_queue
    enable always trigger _queue_request,
    enable always trigger _requests_removed;


-- The responses

create table net._http_response (
    id bigint primary key,
    status_code integer,
    content_type text,
    headers jsonb,
    content text,
    timed_out boolean not null,
    error_msg text,
    created timestamptz not null default now(),
    body bytea,
    attempts integer,
    duration interval,
    method text,
    url text,
    owner oid
);
create index _http_response_created_idx on net._http_response (created);
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

create function net._urlencode_string(string varchar) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_urlencode_string';
comment on function net._urlencode_string(varchar) is
    'The string with every byte percent-encoded but letters, digits and - . _ ~';

create function net._encode_url_with_params_array(url text, params_array text[]) returns text
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

create function net.http_get(
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

create function net.http_post(
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

create function net.http_delete(
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

create function net._await_response(request_id bigint) returns boolean
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

create function net.http_collect_response(
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

create function net._http_collect_response(
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

create function net.wake() returns void
    language c as 'MODULE_PATHNAME', 'pgnet_wake';
comment on function net.wake() is
    'Makes the worker read the whole queue when this transaction commits. Never needed for requests to be sent.';

create function net.worker_restart() returns boolean
    language c as 'MODULE_PATHNAME', 'pgnet_worker_restart';
comment on function net.worker_restart() is
    'Reloads the configuration and starts this database''s worker anew. False when no worker serves it.';

create function net._worker_state() returns text
    language c as 'MODULE_PATHNAME', 'pgnet_worker_state';
comment on function net._worker_state() is
    'State of this database''s worker: running, starting, halted when it sends nothing, resting until there is a request, or none when none will run as things are.';

create function net._worker_failure() returns text
    language c as 'MODULE_PATHNAME', 'pgnet_worker_failure';
comment on function net._worker_failure() is
    'Why this database''s worker could not start or sends nothing; null when neither is so.';

create function net.check_worker_is_up() returns void
    language c as 'MODULE_PATHNAME', 'pgnet_check_worker_is_up';
comment on function net.check_worker_is_up() is
    'Raises an error unless a worker serves this database and sends requests.';

create function net.wait_until_running() returns void
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


-- Privileges: everybody may make requests and see his own. Rows belong to the role that made the request.
--
-- ALTER DEFAULT PRIVILEGES has already given the new objects what it says, TRIGGER on the tables for example, and may have
-- taken PUBLIC's or even the owner's: all of it is taken back.

do $$
declare
    object record;
begin
    for object in
        with member as (
            select classid, objid from pg_depend
            where deptype = 'e' and refclassid = 'pg_extension'::regclass
                and refobjid = (select oid from pg_extension where extname = 'pg_net')
        )
        select 'schema' as kind, 'net' as name, nspowner as owner, nspacl as acl, false as of_public
        from pg_namespace where nspname = 'net'
        union all
        select case relkind when 'S' then 'sequence' else 'table' end, oid::regclass::text, relowner, relacl, false
        from pg_class where ('pg_class'::regclass, oid) in (select * from member) and relkind in ('r', 'v', 'S')
        union all
        select 'function', oid::regprocedure::text, proowner, proacl, true
        from pg_proc where ('pg_proc'::regclass, oid) in (select * from member)
        union all
        select case typtype when 'd' then 'domain' else 'type' end, oid::regtype::text, typowner, typacl, true
        from pg_type where ('pg_type'::regclass, oid) in (select * from member)
            and typtype in ('c', 'd', 'e') -- from PostgreSQL 17 on array types are members too, and have no privileges
    loop
        execute format('revoke all on %s %s from public%s', object.kind, object.name, (
            select string_agg(distinct ', ' || grantee::regrole, '')
            from aclexplode(object.acl) where grantee not in (0, object.owner)));
        execute format('grant all on %s %s to %s', object.kind, object.name, object.owner::regrole);
        if object.of_public then
            execute format('grant all on %s %s to public', object.kind, object.name);
        end if;
    end loop;
end $$;

grant usage on schema net to public;

grant select on net.http_request_queue, net._http_response, net.stats to public;
grant insert (method, url, headers, body, timeout_milliseconds) on net.http_request_queue to public;

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

-- A trigger function is called by its trigger whoever writes; this keeps it from tables that are not ours.
revoke execute on function net._queue_request(), net._requests_removed() from public;

revoke execute on function net.worker_restart() from public;
grant execute on function net.worker_restart() to pg_signal_backend;

-- Neither table is dumped: a restored copy must not send old requests again.
