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
    'The state of a request: PENDING, then SUCCESS when a response came, whatever its status code, or ERROR when none will come.';

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
    'The result of net.http_collect_response: the state of the request, a message, and the response if one came.';


-- Policies

create table net.policies (
    name text primary key,
    delays interval[] not null,
    max_attempts integer,
    max_age interval,
    jitter real not null default 0.2,
    retry_on text[] not null default '{network,timeout,408,425,429,500,502,503,504}',
    keep_dead boolean not null default true,
    comment text
);
comment on table net.policies is
    'When failed requests are retried. Three policies are built in and cannot be changed; add your own.';
comment on column net.policies.name is 'The name that a request gives.';
comment on column net.policies.delays is 'The pauses before the second attempt, the third, and so on; the last one repeats.';
comment on column net.policies.max_attempts is 'Maximum number of attempts, the first one included; null for no limit. Status 429, and 503 with Retry-After, do not count.';
comment on column net.policies.max_age is 'How long after the first attempt was due another one may begin; null for 7 days.';
comment on column net.policies.jitter is 'Each delay is multiplied by a random number between 1 - jitter and 1 + jitter.';
comment on column net.policies.retry_on is 'What leads to another attempt: network, timeout, statuses, classes like 5xx, ranges like 500-599.';
comment on column net.policies.keep_dead is 'Whether requests that do not succeed are kept in net.dead_letters.';
comment on column net.policies.comment is 'A note for people.';

insert into net.policies (name, delays, max_attempts, retry_on, keep_dead, comment) values
    ('none', '{}', 1, '{}', false, 'One attempt: what a request without a policy has.');
insert into net.policies (name, delays, max_attempts, comment) values
    ('quick', '{1 s,2 s,4 s,8 s}', 5, 'For what must be done within seconds or not at all.'),
    ('standard', '{5 s,5 min,30 min,2 h,5 h,10 h,14 h,20 h,24 h}', 10, 'The schedule of Standard Webhooks: three days.');

-- A restored database has the built-in ones already.
select pg_extension_config_dump('net.policies', $condition$where name <> all ('{none,quick,standard}')$condition$);

create function net._check_policy() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    built_in constant text[] := '{none,quick,standard}';
    built_in_name text;
    word text;
    problem text;
    advice text;
begin
    if tg_op = 'TRUNCATE' then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = 'built-in policies cannot be removed',
            hint = 'Remove your own with DELETE FROM net.policies WHERE name = ....';
    end if;

    built_in_name := case when tg_op <> 'INSERT' and old.name = any (built_in) then old.name
        when tg_op <> 'DELETE' and new.name = any (built_in) then new.name end;
    if built_in_name is not null then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = format('policy "%s" is built in and cannot be changed', built_in_name),
            hint = format('Copy it under a name of your own: INSERT INTO net.policies SELECT ''my_%1$s'', delays, max_attempts,'
                || ' max_age, jitter, retry_on, keep_dead FROM net.policies WHERE name = ''%1$s'';', built_in_name);
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;

    if coalesce(new.name, '') !~ '^\S(.*\S)?$' or length(new.name) > 63 then
        problem := 'the name of a policy must have 1 to 63 characters and no space at its beginning or end';
        advice := 'Choose a name like ''nightly''.';
    elsif new.delays is null or array_ndims(new.delays) > 1 or array_position(new.delays, null) is not null then
        problem := 'delays must be a list of intervals';
        advice := 'Write it like ''{1 s,10 s,1 min}''.';
    elsif exists (select from unnest(new.delays) delay where delay not between '0' and interval '366 days') then
        problem := 'a delay must be from 0 to 366 days';
        advice := 'Write the delays like ''{1 s,10 s,1 min}''.';
    elsif new.max_attempts < 1 then
        problem := 'max_attempts must be at least 1: the first attempt counts';
        advice := 'Use null for no limit; then max_age ends the attempts.';
    elsif cardinality(new.delays) = 0 and new.max_attempts is distinct from 1 then
        problem := 'a policy with more than one attempt must have a delay';
        advice := 'Write delays like ''{1 s,10 s,1 min}'', or set max_attempts to 1.';
    elsif new.max_attempts is null and new.delays[cardinality(new.delays)] = '0' then
        problem := 'without max_attempts the last delay, which repeats, must be longer than 0';
        advice := 'Set max_attempts, or choose a longer last delay.';
    elsif new.max_age is not null and not (new.max_age > '0' and new.max_age <= interval '366 days') then
        problem := 'max_age must be more than 0 and at most 366 days';
        advice := 'Use null for 7 days.';
    elsif new.jitter is null or not new.jitter between 0 and 1 then
        problem := 'jitter must be a number from 0 to 1';
        advice := 'With 0.2, a delay of 10 s becomes 8 to 12 s.';
    elsif new.retry_on is null or array_ndims(new.retry_on) > 1 or array_position(new.retry_on, null) is not null then
        problem := 'retry_on must be a list of words';
        advice := 'Write it like ''{network,timeout,429,5xx}''.';
    elsif new.keep_dead is null then
        problem := 'keep_dead must be true or false';
        advice := 'Omit it for true.';
    end if;
    foreach word in array coalesce(new.retry_on, '{}') loop
        exit when problem is not null;
        if word !~ '^(network|timeout|[1-5]\d\d|[1-5]xx|[1-5]\d\d-[1-5]\d\d)$'
            or word like '___-%' and left(word, 3) > right(word, 3) then
            problem := format('retry_on cannot contain "%s"', word);
            advice := 'Use network, timeout, a status like 503, a class like 5xx or a range like 500-504.';
        end if;
    end loop;
    if problem is not null then
        raise exception using errcode = 'invalid_parameter_value', message = problem, hint = advice;
    end if;
    return new;
end $$;
comment on function net._check_policy() is
    'Checks a policy, and rejects changes of the built-in ones.';

create trigger _check_policy before insert or update or delete on net.policies
    for each row execute function net._check_policy();
comment on trigger _check_policy on net.policies is
    'Checks each policy, and rejects changes of the built-in ones.';

create trigger _keep_policies before truncate on net.policies
    for each statement execute function net._check_policy();
comment on trigger _keep_policies on net.policies is
    'Rejects TRUNCATE, which would remove the built-in policies.';


-- Hosts

create function net._host_pattern(pattern text) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_normal_host_pattern';
comment on function net._host_pattern(text) is
    'The normal form of a host pattern, the same for all spellings with the same meaning; null if it cannot match any host.';

create function net._check_headers(headers jsonb) returns void
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_check_host_headers';
comment on function net._check_headers(jsonb) is
    'Raises an error unless headers can be sent.';

-- Roles by their names: a row whose role does not exist can be restored, and is that role's again when it is made.
create table net.hosts (
    pattern text primary key,
    policy text,
    timeout interval,
    connect_timeout interval,
    max_in_flight integer,
    rate numeric,
    per interval,
    burst numeric,
    breaker boolean,
    store text,
    headers jsonb,
    roles text[],
    ca_bundle text,
    client_certificate text,
    client_key text,
    paused boolean,
    comment text
);
comment on table net.hosts is
    'Rules for requests to hosts. Each column comes from the most specific row in which it is not null. A change applies to queued requests, too.';
comment on column net.hosts.pattern is
    'api.example.com, *.example.com, * or an address, each with or without a port like :8443. Kept in lower case.';
comment on column net.hosts.policy is 'Policy of requests that name none and were made without pg_net.default_policy.';
comment on column net.hosts.timeout is 'Timeout of requests that name none; 0 for none. Without it, 5 s.';
comment on column net.hosts.connect_timeout is 'Maximum time to establish a connection.';
comment on column net.hosts.max_in_flight is 'Maximum number of requests in flight to each host and port, in addition to the limit of pg_net.max_connections_per_host.';
comment on column net.hosts.rate is
    'How many requests may start within the time per, for all hosts of the row together. Redirects and retries count.';
comment on column net.hosts.per is 'The time that rate refers to; 1 s if null.';
comment on column net.hosts.burst is
    'How many requests may start at once after a pause; if null, as many as rate allows in a second, and at least 1.';
comment on column net.hosts.breaker is 'Whether requests to a host that keeps failing are held back for a while. If null: yes for webhooks, no for other requests.';
comment on column net.hosts.store is 'What is stored of responses, unless the request says otherwise: all, status or failures.';
comment on column net.hosts.headers is 'Headers added to requests that do not have them. {{name}} stands for a secret; a header with a secret is added only for roles that may use it, and only where it may be sent.';
comment on column net.hosts.roles is 'Roles that may call these hosts, with their members; null for all roles. Checked at the call and when the request is sent.';
comment on column net.hosts.ca_bundle is 'File of CA certificates in PEM format on the server, instead of those of pg_net.ca_bundle.';
comment on column net.hosts.client_certificate is 'File of the client certificate, in PEM format on the server.';
comment on column net.hosts.client_key is 'File of its private key; null if the file of the certificate contains it.';
comment on column net.hosts.paused is 'If true, no request to these hosts starts. Requests wait, and their timeouts do not begin.';
comment on column net.hosts.comment is 'A note for people.';

create function net._check_host() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- What a dump refers to may come after it, or never: who restores one is told nothing of that.
    is_restored constant boolean := not current_setting('check_function_bodies')::boolean;
    normal constant text := net._host_pattern(new.pattern);
    file text;
    role text;
    role_names text[];
    problem text;
    advice text;
begin
    if normal is null then
        problem := case when new.pattern is null then 'pattern must not be null'
            else format('"%s" is not a host pattern', new.pattern) end;
        advice := 'Write api.example.com, *.example.com, *, or an address, each with or without a port like :8443;'
            || ' a non-ASCII name in Punycode, as in xn--...';
    elsif new.timeout < '0' or new.timeout > interval '24 days' then
        problem := 'timeout must be from 0, for none, to 24 days';
        advice := 'Use null for the default of 5 s.';
    elsif new.connect_timeout is not null
        and not (new.connect_timeout >= interval '1 ms' and new.connect_timeout <= interval '24 days') then
        problem := 'connect_timeout must be from 1 ms to 24 days';
        advice := 'Use null for the default of libcurl.';
    elsif new.max_in_flight < 1 then
        problem := 'max_in_flight must be at least 1';
        advice := 'Set paused to true to send nothing.';
    elsif new.rate is not null and not (new.rate >= 0.000001 and new.rate <= 1000000) then
        problem := 'rate must be a number from 0.000001 to 1000000';
        advice := 'Set paused to true to send nothing; use null for no limit.';
    elsif new.rate is null and num_nonnulls(new.per, new.burst) > 0 then
        problem := 'per and burst need a rate';
        advice := 'Set rate in this row, too.';
    elsif new.per is not null and not (new.per >= interval '1 ms' and new.per <= interval '366 days') then
        problem := 'per must be from 1 ms to 366 days';
        advice := 'Use null for a rate per second.';
    elsif new.burst is not null and not (new.burst >= 1 and new.burst <= 1000000) then
        problem := 'burst must be a number from 1 to 1000000';
        advice := 'Use null for as many as rate allows in a second.';
    elsif new.store <> all ('{all,status,failures}') then
        problem := format('invalid store "%s"', new.store);
        advice := 'Use all, status or failures.';
    elsif regexp_replace(new.headers::text, '\{\{(\{\{|[A-Za-z_][-A-Za-z0-9_.]{0,62}\}\})', ' ', 'g') like '%{{%' then
        problem := '{{ in headers must begin the name of a secret';
        advice := 'Write {{name}} for its value, and {{{{ for {{ itself.';
    elsif new.client_key is not null and new.client_certificate is null then
        problem := 'client_key needs a client_certificate';
        advice := 'Set client_certificate, too.';
    elsif new.policy is distinct from old.policy and new.policy is not null and not is_restored
        and not exists (select from net.policies p where p.name = new.policy) then
        problem := format('policy "%s" does not exist', new.policy);
        advice := 'SELECT name FROM net.policies lists the policies.';
    end if;

    foreach file in array array_remove(array[new.ca_bundle, new.client_certificate, new.client_key], null) loop
        if problem is null and (file !~ '^/[^[:cntrl:]]*$' or octet_length(file) > 1023) then
            problem := format('"%s" is not the path of a file', left(file, 100));
            advice := 'Write its absolute path on the server, like /etc/ssl/certs/api.pem.';
        end if;
    end loop;

    -- Names as regrole reads them, or as they are.
    foreach role in array case when new.roles is distinct from old.roles then coalesce(new.roles, '{}') else '{}' end loop
        if role is null or array_ndims(new.roles) > 1 then
            problem := coalesce(problem, 'roles must be a list of roles');
            advice := coalesce(advice, 'Write it like ''{alice,bob}''.');
            exit;
        end if;
        role_names := role_names || coalesce(
            (select rolname from pg_roles where rolname = role),
            (select rolname from pg_roles where quote_ident(rolname) = role or rolname = lower(role collate "C") limit 1),
            case when is_restored then role end);
        if role_names[cardinality(role_names)] is null and problem is null then
            problem := format('role "%s" does not exist', role);
            advice := 'Name existing roles; null lets all roles call the hosts.';
        end if;
    end loop;

    if problem is not null then
        raise exception using errcode = 'invalid_parameter_value', message = problem, hint = advice;
    end if;
    perform net._check_headers(new.headers);

    -- A file, or a header, goes where the pattern leads.
    if tg_op = 'INSERT' or new.pattern is distinct from old.pattern
        or (new.ca_bundle, new.client_certificate, new.client_key)
            is distinct from (old.ca_bundle, old.client_certificate, old.client_key) then
        if num_nonnulls(new.ca_bundle, new.client_certificate, new.client_key) > 0
            and not pg_has_role('pg_read_server_files', 'USAGE') then
            raise exception using
                errcode = 'insufficient_privilege',
                message = 'permission denied to name a file on the server',
                hint = 'Only members of pg_read_server_files may name files, or change the pattern of a row that does.';
        end if;
    end if;
    if tg_op = 'UPDATE' and new.pattern is distinct from old.pattern and old.headers is not null
        and not has_column_privilege('net.hosts', 'headers', 'SELECT') then
        raise exception using
            errcode = 'insufficient_privilege',
            message = 'permission denied to change the pattern of a row that has headers',
            hint = 'Only roles that may read the headers may send them elsewhere.';
    end if;

    new.pattern := normal;
    new.roles := coalesce(role_names, new.roles);
    return new;
end $$;
comment on function net._check_host() is
    'Checks a row of net.hosts and brings its pattern into the normal form.';

create trigger _check_host before insert or update on net.hosts
    for each row execute function net._check_host();
comment on trigger _check_host on net.hosts is
    'Checks each row and brings its pattern into the normal form.';

create function net._hosts_changed() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_hosts_written';
comment on function net._hosts_changed() is
    'Tells the worker and all sessions about changed hosts when the transaction commits. Makes pg_dump save the rows once there are any.';

create trigger _hosts_changed after insert or update or delete or truncate on net.hosts
    for each statement execute function net._hosts_changed();
comment on trigger _hosts_changed on net.hosts is
    'Tells the worker and all sessions about changed hosts when the transaction commits. Makes pg_dump save the rows once there are any.';

alter table net.hosts
    enable always trigger _check_host,
    enable always trigger _hosts_changed;

create table net._probes (
    pattern text primary key,
    asked timestamptz not null
);
comment on table net._probes is
    'Hosts to probe. net.probe writes it; the worker acts on each row once, and later calls delete rows that are an hour old.';
comment on column net._probes.pattern is 'The hosts, as in net.hosts.';
comment on column net._probes.asked is 'When net.probe was last called for it.';

create function net.probe(host text) returns bigint
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_probe';
comment on function net.probe(text) is
    'Probes hosts with open breakers at once, when this transaction commits. host is a pattern as in net.hosts, or a URL. Returns the number of open breakers there, of those that net.stat_host shows; if it is 0, nothing happens. For roles that may update net.hosts.';


-- Secrets

-- Roles by their names, as in net.hosts. No row of the two tables is ever dumped.
create table net._secrets (
    name text primary key,
    owner oid not null,
    file text,
    hosts text[] not null,
    roles text[] not null,
    changed timestamptz not null
);
comment on table net._secrets is
    'Secrets without their values. net.set_secret writes it; the view net.secrets shows it.';
comment on column net._secrets.name is 'The name that requests give.';
comment on column net._secrets.owner is 'The role that set it first; its members may change it.';
comment on column net._secrets.file is 'The name of the file in pg_net.secrets_directory that holds the value; null when a row of net._secret_keys does.';
comment on column net._secrets.hosts is 'Patterns of the hosts that it may be sent to, as in net.hosts; over https only, unless the pattern begins with http://.';
comment on column net._secrets.roles is 'Roles that may use it, beside its owner, and their members.';
comment on column net._secrets.changed is 'When it was set or got a new value.';

create table net._secret_keys (
    name text not null references net._secrets on delete cascade on update cascade,
    value bytea not null,
    added timestamptz not null default clock_timestamp(),
    until timestamptz
);
create index _secret_keys_name_idx on net._secret_keys (name);
create unique index _secret_keys_current_idx on net._secret_keys (name) where until is null;
comment on table net._secret_keys is
    'The values of secrets. Row-level security without a policy: only the table''s owner, superusers and roles with BYPASSRLS can read it.';
comment on column net._secret_keys.name is 'The secret.';
comment on column net._secret_keys.value is 'The value in UTF-8.';
comment on column net._secret_keys.added is 'When it was set.';
comment on column net._secret_keys.until is 'When it stops being valid beside a newer one; null for the current one.';

-- What ANALYZE keeps of a column are values of it.
alter table net._secret_keys alter column value set statistics 0;

create function net._secrets_changed() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_secrets_written';
comment on function net._secrets_changed() is
    'Tells the worker and all sessions about changed secrets when the transaction commits.';

create trigger _secrets_changed after insert or update or delete or truncate on net._secrets
    for each statement execute function net._secrets_changed();
comment on trigger _secrets_changed on net._secrets is
    'Tells the worker and all sessions about changed secrets when the transaction commits.';

create trigger _secrets_changed after insert or update or delete or truncate on net._secret_keys
    for each statement execute function net._secrets_changed();
comment on trigger _secrets_changed on net._secret_keys is
    'Tells the worker and all sessions about changed secrets when the transaction commits.';

alter table net._secrets enable always trigger _secrets_changed;
alter table net._secret_keys enable always trigger _secrets_changed;

create view net.secrets with (security_barrier) as
    select s.name, s.owner, case when s.file is null then 'value' else 'file' end as source, s.hosts, s.roles, s.changed
    from net._secrets s
    where pg_catalog.pg_has_role(s.owner, 'USAGE')
        or exists (
            select from pg_catalog.pg_roles r
            where r.rolname operator(pg_catalog.=) any (s.roles) and pg_catalog.pg_has_role(r.oid, 'USAGE'));
comment on view net.secrets is
    'The secrets that the reader may use, without their values. net.set_secret makes and changes them, net.drop_secret removes them.';
comment on column net.secrets.name is 'The name that requests give.';
comment on column net.secrets.owner is 'The role that set it first; its members may use, change and drop it.';
comment on column net.secrets.source is 'value: stored in the database; file: in a file of pg_net.secrets_directory.';
comment on column net.secrets.hosts is 'Patterns of the hosts that it may be sent to, as in net.hosts; over https only, unless the pattern begins with http://.';
comment on column net.secrets.roles is 'Roles that may use it, beside its owner, and their members.';
comment on column net.secrets.changed is 'When it was set or got a new value.';

create function net.set_secret(
    name text,
    value text default null,
    file text default null,
    hosts text[] default null,
    roles regrole[] default '{}'
) returns void
    language c volatile parallel unsafe as 'MODULE_PATHNAME', 'pgnet_set_secret';
comment on function net.set_secret(text, text, text, text[], regrole[]) is
    'Creates or changes a secret, a value that requests refer to by name and that is filled in when they are sent. Give either value or file, the name of a file in pg_net.secrets_directory, and the hosts that the secret may be sent to.';

create function net.drop_secret(name text) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_drop_secret';
comment on function net.drop_secret(text) is
    'Removes a secret. Returns false if no secret has this name.';

-- For those who rotate keys: the new value is sent and signed with from the commit on, the one before it signs beside it until
-- that moment; null for not at all.
create function net._rotate_secret(name text, value text, old_until timestamptz) returns void
    language c volatile parallel unsafe as 'MODULE_PATHNAME', 'pgnet_rotate_secret';
comment on function net._rotate_secret(text, text, timestamptz) is
    'Gives a secret of the current role a new value; the old value stays valid beside it until the given time.';

create function net._secret_problem(name text) returns text
    language c stable strict as 'MODULE_PATHNAME', 'pgnet_secret_problem';
comment on function net._secret_problem(text) is
    'Why the file of a secret cannot be read now; null when it can, when there is none, or when the current role may not use the secret.';

create function net._new_signing_key() returns text
    language c volatile as 'MODULE_PATHNAME', 'pgnet_new_signing_key';
comment on function net._new_signing_key() is
    'A key for signatures: whsec_ and 32 random bytes in base64.';


-- The queue

create function net._requester() returns oid
    language c stable parallel safe as 'MODULE_PATHNAME', 'pgnet_requester';
comment on function net._requester() is
    'The OID of the current role: current_user.';

create table net.http_request_queue (
    id bigint generated always as identity primary key,
    method net.http_method not null,
    url text not null,
    headers jsonb,
    body bytea,
    timeout_milliseconds integer default 5000,
    owner oid not null default net._requester(),
    created timestamptz not null default clock_timestamp(),
    policy text,
    not_before timestamptz,
    expires timestamptz,
    priority text,
    order_key text,
    on_response text,
    context jsonb,
    secrets text[],
    sign_with text,
    store text,
    webhook text
);
comment on table net.http_request_queue is
    'Requests without a response. A row stays until its response is committed. A row that you insert is sent like a call.';
comment on column net.http_request_queue.id is 'The request id, as the request functions return it.';
comment on column net.http_request_queue.method is 'The request method.';
comment on column net.http_request_queue.url is 'The URL, absolute, http or https.';
comment on column net.http_request_queue.headers is 'A JSON object. An array sends one header line for each of its elements, null sends none.';
comment on column net.http_request_queue.body is 'The body, byte for byte.';
comment on column net.http_request_queue.timeout_milliseconds is 'Milliseconds from sending to the end of the response; 0 means no timeout; null means that of net.hosts, or 5000.';
comment on column net.http_request_queue.owner is 'The role that made the request; its members may see it.';
comment on column net.http_request_queue.created is 'When the request was made.';
comment on column net.http_request_queue.policy is 'The name of its policy in net.policies; null for none.';
comment on column net.http_request_queue.not_before is 'No attempt begins before this moment; null for at once.';
comment on column net.http_request_queue.expires is 'No attempt begins after this moment; null for no limit.';
comment on column net.http_request_queue.priority is 'The order in which its owner''s requests to the same origin start: urgent, normal or bulk; null means normal.';
comment on column net.http_request_queue.order_key is 'Requests of one owner with the same key are sent one at a time, in the order of their ids; null for no order.';
comment on column net.http_request_queue.on_response is 'The function that is called with the outcome: its name, with its schema.';
comment on column net.http_request_queue.context is 'Passed to the function with the response, and shown in net.responses.';
comment on column net.http_request_queue.secrets is 'Names of the secrets whose values replace {{name}} when the request is sent.';
comment on column net.http_request_queue.sign_with is 'The secret whose keys sign the request when it is sent; null for no signature.';
comment on column net.http_request_queue.store is 'What is stored of the response. all, or null: everything; status: everything but headers and content; failures: nothing if its status is 2xx.';
comment on column net.http_request_queue.webhook is 'The webhook that made it; null for any other request.';

create function net._queue_request() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_queue_request';
comment on function net._queue_request() is
    'Checks a request, and passes its id to the worker when the transaction commits. Skips rows that a subscription applies.';

create trigger _queue_request before insert or update on net.http_request_queue
    for each row execute function net._queue_request();
comment on trigger _queue_request on net.http_request_queue is
    'Checks each request, and passes its id to the worker when the transaction commits. Skips rows that a subscription applies.';

create function net._requests_removed() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_requests_removed';
comment on function net._requests_removed() is
    'Wakes sessions that wait for a deleted request, when the transaction commits.';

create trigger _requests_removed after delete or truncate on net.http_request_queue
    for each statement execute function net._requests_removed();
comment on trigger _requests_removed on net.http_request_queue is
    'Wakes sessions that wait for a deleted request, when the transaction commits.';

-- What changes of a request while it waits: the queue's row is wide, and stays as it is.
create table net._delivery (
    request_id bigint primary key,
    version bigint not null,
    owner oid not null,
    due timestamptz not null,
    attempts integer not null default 0,
    counted integer not null default 0,
    first_due timestamptz not null,
    last_status integer,
    last_error text,
    left_alone_until timestamptz,
    key bigint
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index _delivery_due_idx on net._delivery (due, request_id);
create index _delivery_key_idx on net._delivery (owner, key, request_id) where key is not null;
create index _delivery_begun_idx on net._delivery (owner, key, request_id) where key is not null and attempts > 0;
create index _delivery_secret_idx on net._delivery (first_due) where pg_catalog.starts_with(last_error, 'secret "');
comment on table net._delivery is
    'Requests that wait until a time, for their delay to pass or for the next attempt, and requests with an order key. Other requests have no row.';
comment on column net._delivery.request_id is 'The request id.';
comment on column net._delivery.version is 'The version of the row in the queue. The worker compares it to notice a changed request.';
comment on column net._delivery.owner is 'The role that made the request; its members may see it.';
comment on column net._delivery.due is 'When the next attempt may begin; -infinity for a first attempt that waits for no time.';
comment on column net._delivery.attempts is 'Number of failed attempts.';
comment on column net._delivery.counted is 'Number of failed attempts that count towards max_attempts of the policy.';
comment on column net._delivery.first_due is 'When its first attempt was due.';
comment on column net._delivery.last_status is 'The status code of the last attempt, null when no response came.';
comment on column net._delivery.last_error is 'Why no response came, null when one came.';
comment on column net._delivery.left_alone_until is 'Until when the receiver asked for a pause, by Retry-After; null if it did not. No attempt is moved to before this time.';
comment on column net._delivery.key is 'A number for its order key, null for none; the key itself is in the queue.';

create function net._schedule() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_schedule';
comment on function net._schedule() is
    'Records in net._delivery when a scheduled request is due, and order keys.';

create trigger _schedule after insert on net.http_request_queue
    for each row when (new.not_before is not null or new.order_key is not null) execute function net._schedule();
comment on trigger _schedule on net.http_request_queue is
    'Records in net._delivery when a scheduled request is due, and order keys.';

create trigger _reschedule after update on net.http_request_queue
    for each row execute function net._schedule();
comment on trigger _reschedule on net.http_request_queue is
    'Records in net._delivery when a changed request is due, and order keys.';

-- One that was begun comes first: it may be behind a request with a lower id that was committed later.
create function net._blocked_by(request_id bigint) returns bigint
    language plpgsql stable strict parallel safe
as $$
declare
    waiting net._delivery;
    head pg_catalog.int8;
begin
    select d.* into waiting from net._delivery d where d.request_id operator(pg_catalog.=) _blocked_by.request_id;
    if waiting.key is null then
        return null;
    end if;
    select d.request_id into head from net._delivery d
        where d.owner operator(pg_catalog.=) waiting.owner and d.key operator(pg_catalog.=) waiting.key
            and d.key is not null and d.attempts operator(pg_catalog.>) 0
        order by d.request_id limit 1;
    if head is null then
        select d.request_id into head from net._delivery d
            where d.owner operator(pg_catalog.=) waiting.owner and d.key operator(pg_catalog.=) waiting.key and d.key is not null
            order by d.request_id limit 1;
    end if;
    return case when head operator(pg_catalog.<>) request_id then head end;
end $$;
comment on function net._blocked_by(bigint) is
    'The request of the same order key that a request waits for; null when it waits for none.';

create function net._waits_for(request_id bigint) returns text
    language sql stable strict parallel safe
as $$
    select pg_catalog.format('request waits for request %s of order key %s%s', b.id, q.order_key,
        case when d.due operator(pg_catalog.>) pg_catalog.now() then
            pg_catalog.format(', next attempt at %s', pg_catalog.date_trunc('second', d.due)) end)
    from (select net._blocked_by(request_id) as id) b
        join net._delivery d on d.request_id operator(pg_catalog.=) b.id
        join net.http_request_queue q on q.id operator(pg_catalog.=) _waits_for.request_id
$$;
comment on function net._waits_for(bigint) is
    'Which request of its order key a request waits for, in words; null when it waits for none.';

-- With session_replication_role = replica too, as it is where the changes of a publisher are applied.
alter table net.http_request_queue
    enable always trigger _queue_request,
    enable always trigger _requests_removed,
    enable always trigger _schedule,
    enable always trigger _reschedule;

create table net.attempts (
    request_id bigint not null,
    attempt integer not null,
    started timestamptz not null,
    duration interval not null,
    status_code integer,
    timed_out boolean not null,
    error_msg text,
    owner oid,
    dns interval,
    connect interval,
    tls interval,
    first_byte interval
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index attempts_request_id_idx on net.attempts (request_id);
create index attempts_started_idx on net.attempts (started);
comment on table net.attempts is
    'The history of requests that needed more than one attempt. Rows older than the setting pg_net.attempt_ttl are deleted.';
comment on column net.attempts.request_id is 'The request id.';
comment on column net.attempts.attempt is 'Number of the attempt, from 1.';
comment on column net.attempts.started is 'When it began.';
comment on column net.attempts.duration is 'How long it took.';
comment on column net.attempts.status_code is 'The status code, null when no response came.';
comment on column net.attempts.timed_out is 'Whether the request''s timeout ended it.';
comment on column net.attempts.error_msg is 'Why no response came, null when one came.';
comment on column net.attempts.owner is 'The role that made the request; its members may see it.';
comment on column net.attempts.dns is 'Time to resolve the name of the host. Like connect and tls, 0 on a connection that was open already.';
comment on column net.attempts.connect is 'Time to open the connection.';
comment on column net.attempts.tls is 'Time for the TLS handshake.';
comment on column net.attempts.first_byte is 'Time from then to the first byte of the response. The rest of duration is the time to receive the response.';

-- Whole, so that they can be sent again. A function that was given up is told of here, too; its request has a response.
create table net.dead_letters (
    id bigint not null,
    method text,
    url text,
    headers jsonb,
    body bytea,
    timeout_milliseconds integer,
    owner oid not null,
    created timestamptz,
    policy text,
    not_before timestamptz,
    expires timestamptz,
    priority text,
    order_key text,
    on_response text,
    context jsonb,
    secrets text[],
    sign_with text,
    store text,
    webhook text,
    attempts integer not null,
    status_code integer,
    error_msg text,
    reason text not null,
    died timestamptz not null,
    responded timestamptz,
    host text generated always as (pg_catalog.lower(
        pg_catalog.substring(url, '^[^:/?#]+://(?:[^/?#]*@)?(\[[^]/?#]*\]|[^:/?#]*)') collate pg_catalog."C")) stored
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index dead_letters_id_idx on net.dead_letters (id);
create index dead_letters_died_idx on net.dead_letters (died);
create index dead_letters_host_idx on net.dead_letters (host, died);
create index dead_letters_owner_idx on net.dead_letters (owner, died);
create index dead_letters_callback_idx on net.dead_letters (died) where reason = 'callback';
comment on table net.dead_letters is
    'Requests that did not succeed, under a policy that keeps them, and functions of on_response that kept failing. net.retry tries them again. Rows older than the setting pg_net.dead_letter_ttl are deleted.';
comment on column net.dead_letters.id is 'The request id.';
comment on column net.dead_letters.method is 'The request method.';
comment on column net.dead_letters.url is 'The URL.';
comment on column net.dead_letters.headers is 'The headers as given; null for reason callback.';
comment on column net.dead_letters.body is 'The body, byte for byte; null for reason callback.';
comment on column net.dead_letters.timeout_milliseconds is 'Milliseconds from sending to the end of the response; 0 means no timeout.';
comment on column net.dead_letters.owner is 'The role that made the request; its members may see it and retry it.';
comment on column net.dead_letters.created is 'When the request was made.';
comment on column net.dead_letters.policy is 'Its policy.';
comment on column net.dead_letters.not_before is 'The moment before which no attempt began; null for none.';
comment on column net.dead_letters.expires is 'The moment after which no attempt began; null for none.';
comment on column net.dead_letters.priority is 'As in net.http_request_queue.';
comment on column net.dead_letters.order_key is 'As in net.http_request_queue.';
comment on column net.dead_letters.on_response is 'The function that is called with the outcome.';
comment on column net.dead_letters.context is 'Passed to the function with the response.';
comment on column net.dead_letters.secrets is 'As in net.http_request_queue.';
comment on column net.dead_letters.sign_with is 'As in net.http_request_queue.';
comment on column net.dead_letters.store is 'What is stored of the response.';
comment on column net.dead_letters.webhook is 'The webhook that made it; null for any other request.';
comment on column net.dead_letters.attempts is 'How often the request was sent; for reason callback, how often the function was called.';
comment on column net.dead_letters.status_code is 'The status code of the last attempt, null when no response came.';
comment on column net.dead_letters.error_msg is 'Why no response came, null when one came; for reason callback, how the function failed.';
comment on column net.dead_letters.reason is 'exhausted: no attempts or no time left; rejected: its policy does not retry this outcome; refused: it may not or cannot be sent as things are; expired; gone: its webhook is disabled or was dropped; callback: the function of on_response kept failing.';
comment on column net.dead_letters.died is 'When it became a dead letter.';
comment on column net.dead_letters.responded is 'When its response was complete; distinguishes it from the response of another request with the same id.';
comment on column net.dead_letters.host is 'The host of the URL.';


-- The responses

-- pg_net's columns and no more: programs say INSERT INTO archive SELECT * FROM net._http_response.
create table net._http_response (
    id bigint primary key,
    status_code integer,
    content_type text,
    headers jsonb,
    content text,
    timed_out boolean,
    error_msg text,
    created timestamptz not null default now()
);
create index _http_response_created_idx on net._http_response (created);
comment on table net._http_response is
    'Responses, and the errors of requests that got none. Rows older than the setting pg_net.ttl are deleted.';
comment on column net._http_response.id is 'The request id.';
comment on column net._http_response.status_code is 'The status code, null when no response came.';
comment on column net._http_response.content_type is 'The value of the header Content-Type.';
comment on column net._http_response.headers is 'The headers; a header that came more than once is an array, in order.';
comment on column net._http_response.content is
    'The body as text; null when it is empty or not text in its charset, see body of net.responses.';
comment on column net._http_response.timed_out is 'Whether the request''s timeout ended it.';
comment on column net._http_response.error_msg is 'Why no response came, null when one came.';
comment on column net._http_response.created is 'When the response was complete.';

-- What is known beyond these. There is no foreign key: it would cost more than the row.
create table net._response_detail (
    id bigint primary key,
    owner oid,
    attempts integer,
    duration interval,
    method text,
    url text,
    body bytea,
    context jsonb
);
comment on table net._response_detail is
    'Further columns of each response. Only the extension reads this table; net.responses shows it.';

comment on column net._response_detail.id is 'The request id.';
comment on column net._response_detail.owner is 'The role that made the request; its members may see the response.';
comment on column net._response_detail.attempts is 'How often the request was sent.';
comment on column net._response_detail.duration is 'From sending to the end of the response, in the last attempt.';
comment on column net._response_detail.method is 'The method of the request.';
comment on column net._response_detail.url is 'The URL of the request.';
comment on column net._response_detail.body is 'The body byte for byte, when it is not text in its charset.';
comment on column net._response_detail.context is 'The context that the request was made with.';

create function net._may_see(id bigint) returns boolean
    language c stable strict parallel safe cost 20 as 'MODULE_PATHNAME', 'pgnet_may_see';
comment on function net._may_see(bigint) is
    'Whether the current role may see a response: it made the request, or is a member of the role that did.';

create view net.responses with (security_barrier) as
    select
        r.id,
        r.status_code,
        r.content_type,
        r.headers,
        r.content,
        r.timed_out,
        r.error_msg,
        r.created,
        d.owner,
        d.method,
        d.url,
        d.attempts,
        d.duration,
        d.body,
        d.context
    from net._http_response r left join net._response_detail d on d.id operator(pg_catalog.=) r.id
    -- Who sees all rows of the table, by BYPASSRLS for example, sees all of these. A row that its owner has inserted has nothing
    -- beside it.
    where (select not pg_catalog.row_security_active('net._http_response'::pg_catalog.regclass)) or pg_catalog.pg_has_role(
        coalesce(d.owner, (select c.relowner from pg_catalog.pg_class c
            where c.oid operator(pg_catalog.=) 'net._http_response'::pg_catalog.regclass)),
        'USAGE');
comment on view net.responses is
    'Responses, with method, URL and attempts of their requests. A role sees the rows of roles that it is a member of, or all rows if row-level security does not apply to it.';
comment on column net.responses.id is 'The request id.';
comment on column net.responses.status_code is 'The status code, null when no response came.';
comment on column net.responses.content_type is 'The value of the header Content-Type.';
comment on column net.responses.headers is 'The headers; a header that came more than once is an array, in order.';
comment on column net.responses.content is 'The body as text; null when it is empty or not text in its charset, see body.';
comment on column net.responses.timed_out is 'Whether the request''s timeout ended it.';
comment on column net.responses.error_msg is 'Why no response came, null when one came.';
comment on column net.responses.created is 'When the response was complete.';
comment on column net.responses.owner is 'The role that made the request; its members may see the response.';
comment on column net.responses.method is 'The method of the request.';
comment on column net.responses.url is 'The URL of the request.';
comment on column net.responses.attempts is 'How often the request was sent.';
comment on column net.responses.duration is 'From sending to the end of the response, in the last attempt.';
comment on column net.responses.body is 'The body byte for byte, when it is not text in its charset.';
comment on column net.responses.context is 'The context that the request was made with.';

create function net._responses_deleted() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_responses_deleted';
comment on function net._responses_deleted() is
    'Deletes the rows of net._response_detail that belong to deleted responses.';

create trigger _responses_deleted after delete on net._http_response
    referencing old table as deleted
    for each statement execute function net._responses_deleted();
comment on trigger _responses_deleted on net._http_response is
    'Deletes the rows of net._response_detail that belong to deleted responses.';

create function net._responses_truncated() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_responses_truncated';
comment on function net._responses_truncated() is
    'Truncates one of net._http_response and net._response_detail when the other was truncated.';

create trigger _responses_truncated after truncate on net._http_response
    for each statement execute function net._responses_truncated();
comment on trigger _responses_truncated on net._http_response is
    'Truncates net._response_detail too.';

create trigger _responses_truncated after truncate on net._response_detail
    for each statement execute function net._responses_truncated();
comment on trigger _responses_truncated on net._response_detail is
    'Truncates net._http_response too.';

-- With session_replication_role = replica, too: nothing else would ever delete the row.
alter table net._http_response enable always trigger _responses_deleted;
alter table net._http_response enable always trigger _responses_truncated;
alter table net._response_detail enable always trigger _responses_truncated;

-- Callbacks

-- Narrow, and short-lived: a row goes in the transaction in which its function has run.
create table net._callbacks (
    request_id bigint primary key,
    owner oid not null,
    function text not null,
    created timestamptz,
    responded timestamptz,
    store text,
    attempts integer not null default 0,
    due timestamptz not null default clock_timestamp(),
    error_msg text
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index _callbacks_due_idx on net._callbacks (owner, due);
comment on table net._callbacks is
    'Pending calls of on_response functions. A row is inserted with the response and deleted in the transaction of the call, or when it becomes a dead letter.';
comment on column net._callbacks.request_id is 'The request id.';
comment on column net._callbacks.owner is 'The role that made the request, as which the function is called.';
comment on column net._callbacks.function is 'The function, with its schema.';
comment on column net._callbacks.created is 'When the request was made.';
comment on column net._callbacks.responded is 'When its response was complete; distinguishes it from the response of another request with the same id.';
comment on column net._callbacks.store is 'What is stored of the response once the function has succeeded.';
comment on column net._callbacks.attempts is 'How often it was called.';
comment on column net._callbacks.due is 'When it is called next.';
comment on column net._callbacks.error_msg is 'How its last attempt failed, or that it has not ended.';

create function net._check_callback() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_check_callback_row';
comment on function net._check_callback() is
    'Rejects calls as a role that the writer of the row is not a member of. Skips rows that a subscription applies.';

create trigger _check_callback before insert or update on net._callbacks
    for each row execute function net._check_callback();
comment on trigger _check_callback on net._callbacks is
    'Rejects calls as a role that the writer of the row is not a member of. Skips rows that a subscription applies.';

alter table net._callbacks enable always trigger _check_callback;


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
    'Percent-encodes every byte but letters, digits and - . _ ~';

create function net._encode_url_with_params_array(url text, params_array text[]) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_encode_url_with_params_array';
comment on function net._encode_url_with_params_array(text, text[]) is
    'Adds encoded parameters of the form name=value to the query of a URL. Skips null elements.';

create function net._url_with_params(url text, params jsonb) returns text
    language c immutable parallel safe as 'MODULE_PATHNAME', 'pgnet_url_with_params';
comment on function net._url_with_params(text, jsonb) is
    'Adds the members of a JSON object, percent-encoded, to the query of a URL. Skips null members.';

create function net._form(form jsonb) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_form';
comment on function net._form(jsonb) is
    'Encodes the members of a JSON object as an HTML form does: name=value, percent-encoded, joined by &. Skips null members.';

create function net._header(headers jsonb, name text) returns text
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_header';
comment on function net._header(jsonb, text) is
    'The value of a header; null if it is missing. Case does not matter.';

create function net._with_default_header(headers jsonb, name text, value text) returns jsonb
    language c immutable parallel safe as 'MODULE_PATHNAME', 'pgnet_with_default_header';
comment on function net._with_default_header(jsonb, text, text) is
    'Adds a header, unless there is one of that name. Case does not matter.';

-- The cost is that of the functions that they were: a planner puts them behind what is cheaper.
create function net.http_get(
    url text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000
) returns bigint
    language c volatile parallel unsafe cost 100 as 'MODULE_PATHNAME', 'pgnet_http_get';
comment on function net.http_get(text, jsonb, jsonb, integer) is
    'Queues a GET request, to be sent when the transaction commits. Returns the request id.';

create function net.http_post(
    url text,
    body jsonb default '{}',
    params jsonb default '{}',
    headers jsonb default '{"Content-Type": "application/json"}',
    timeout_milliseconds integer default 5000
) returns bigint
    language c volatile parallel unsafe cost 100 as 'MODULE_PATHNAME', 'pgnet_http_post';
comment on function net.http_post(text, jsonb, jsonb, jsonb, integer) is
    'Queues a POST request with a JSON body, to be sent when the transaction commits. Returns the request id.';

create function net.http_delete(
    url text,
    params jsonb default '{}',
    headers jsonb default '{}',
    timeout_milliseconds integer default 5000,
    body jsonb default null
) returns bigint
    language c volatile parallel unsafe cost 100 as 'MODULE_PATHNAME', 'pgnet_http_delete';
comment on function net.http_delete(text, jsonb, jsonb, integer, jsonb) is
    'Queues a DELETE request, to be sent when the transaction commits. Returns the request id.';

create function net.request(
    url text,
    body jsonb default null,
    method text default null,
    headers jsonb default null,
    params jsonb default null,
    timeout interval default null,
    policy text default null,
    delay interval default null,
    expires_after interval default null,
    priority text default 'normal',
    order_key text default null,
    on_response text default null,
    context jsonb default null,
    secrets text[] default null,
    sign_with text default null,
    store text default null,
    body_text text default null,
    body_bytes bytea default null,
    form jsonb default null
) returns bigint
    language c volatile parallel unsafe cost 100 as 'MODULE_PATHNAME', 'pgnet_request';
comment on function net.request(text, jsonb, text, jsonb, jsonb, interval, text, interval, interval, text, text, text, jsonb, text[], text, text, text, bytea, jsonb) is
    'Queues a request of any method but CONNECT and TRACE, to be sent when the transaction commits: GET without a body and POST with one, unless method says otherwise. Returns the request id.';

create function net.cancel(request_id bigint) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_cancel';
comment on function net.cancel(bigint) is
    'Cancels a request when this transaction commits: it is not sent, or leaves no response. If it has ended, discards its dead letter or its pending function call. Returns false if nothing of the request is left.';

create function net.retry(request_id bigint) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_retry';
comment on function net.retry(bigint) is
    'Sends a request when this transaction commits, if it is dead or waits for its delay or its next attempt. For the reason callback it calls the function and sends nothing. Returns false if the request neither waits nor is dead.';

create function net._retry_if_free(request_id bigint, after interval) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_retry_if_free';
comment on function net._retry_if_free(bigint, interval) is
    'net.retry after a delay, which returns null instead of an error if another request has, or will get, the id of the dead letter.';

create function net.retry_all(
    inout host text,
    since timestamptz,
    until timestamptz default now(),
    max_requests integer default 1000,
    dry_run boolean default true,
    per_second numeric default null,
    out reason text,
    out requests bigint,
    out oldest timestamptz
) returns setof record
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- A collation of the argument's would be that of all variables, and regular expressions do not take each.
    host_pattern constant text collate "C" := lower(regexp_replace(host collate "C", ':\d+$', ''));
    port_pattern constant text collate "C" := substring(host collate "C", ':(\d+)$');
    until_moment constant timestamptz := coalesce(until, now());
    only_counted constant boolean := coalesce(dry_run, true);
    beyond bigint;
    taken bigint;
    dead_total bigint := 0;
    waiting_total bigint := 0;
    beyond_total bigint := 0;
    taken_total bigint := 0;
begin
    if host is null or since is null then
        raise exception using
            errcode = 'null_value_not_allowed',
            message = 'host and since must not be null',
            hint = 'host is like api.example.com, *.example.com, or * for all; since is the start of the outage.';
    end if;
    if max_requests < 0 then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = 'max_requests must not be negative',
            hint = 'Use null for no limit.';
    end if;
    if per_second <= 0 then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = 'per_second must be more than 0',
            hint = 'Use null to send as fast as the rules of the host allow.';
    end if;

    for host, reason, requests, oldest, beyond, taken in
        with failed as (
            select d.id, d.reason, coalesce(d.created, d.died) as created, d.url
            from net.dead_letters d
            where d.died between since and until_moment
            union all
            select q.id, 'waiting', q.created, q.url
            from net._delivery w
                join net.http_request_queue q on q.id = w.request_id
                left join lateral (
                    select max(a.started + a.duration) as ended
                    from net.attempts a where a.request_id = q.id and a.started >= q.created) last on true
            where w.attempts > 0 and w.due > clock_timestamp()
                and coalesce(last.ended, q.created) between since and until_moment
        ),
        chosen as materialized (
            select f.id, f.reason, f.created, p.parts[2] as of_host, row_number() over (order by f.created, f.id) as place
            from failed f, regexp_match(
                lower(f.url collate "C"), '^([^:/?#]+)://(?:[^/?#]*@)?(\[[^]/?#]*\]|[^:/?#]*)(?::(\d+))?') p (parts)
            where (host_pattern = '*' or p.parts[2] = host_pattern
                    or host_pattern like '*.%' and right(p.parts[2], length(host_pattern) - 1) = substr(host_pattern, 2))
                and (port_pattern is null
                    or port_pattern = coalesce(p.parts[3], case p.parts[1] when 'https' then '443' else '80' end))
        ),
        retried as materialized (
            select c.*, case
                    when only_counted then true
                    when c.place > max_requests then false
                    else net._retry_if_free(c.id, make_interval(secs => coalesce((c.place - 1) / per_second, 0)::double precision))
                end as done
            from chosen c order by c.place
        )
        select r.of_host, r.reason, count(*) filter (where r.done), min(r.created) filter (where r.done),
            count(*) filter (where not only_counted and r.place > max_requests), count(*) filter (where r.done is null)
        from retried r group by r.of_host, r.reason order by r.of_host, r.reason
    loop
        beyond_total := beyond_total + beyond;
        taken_total := taken_total + taken;
        continue when requests = 0;
        if reason = 'waiting' then
            waiting_total := waiting_total + requests;
        else
            dead_total := dead_total + requests;
        end if;
        return next;
    end loop;
    raise notice '%', concat(
        ltrim(to_char(dead_total, '999,999,999,990')), ' dead, ',
        ltrim(to_char(waiting_total, '999,999,999,990')), ' waiting for their next attempt',
        case when only_counted then '; nothing was sent: dry_run is true' else ', sent again when this commits' end,
        case when beyond_total > 0 then '; max_requests leaves ' || ltrim(to_char(beyond_total, '999,999,999,990')) end,
        case when taken_total > 0 then format('; %s left, whose ids other requests have', taken_total) end);
end $$;
comment on function net.retry_all(text, timestamptz, timestamptz, integer, boolean, numeric) is
    'Resends requests that failed at a host between two moments: dead letters, and requests that wait for their next attempt. Only counts them, unless dry_run is false. per_second spreads the requests over time, the oldest first.';


-- Webhooks

-- Roles by their names, as in net.hosts. What is known of them and of the table by OID holds where the row was made.
create table net._webhooks (
    name text primary key,
    owner text not null,
    owner_oid oid,
    relation oid,
    url text not null,
    events text[] not null,
    columns text[],
    condition text,
    headers jsonb,
    policy text not null,
    timeout interval not null,
    format text not null,
    secret text,
    secrets text[],
    strict boolean not null,
    for_each_row boolean not null,
    enabled boolean not null default true,
    disabled_because text,
    created timestamptz not null default now()
);
comment on table net._webhooks is
    'The webhooks of tables. net.create_webhook writes it; the view net.webhooks shows it.';
comment on column net._webhooks.name is 'The name, which the triggers of its table have as an argument.';
comment on column net._webhooks.owner is 'The role that owns its table, and its requests.';
comment on column net._webhooks.owner_oid is 'The same role in this database cluster; null when it did not exist when the row was stored.';
comment on column net._webhooks.relation is 'The table in this database; null when the row was restored from a dump.';
comment on column net._webhooks.url is 'Where its requests go.';
comment on column net._webhooks.events is 'Which of insert, update, delete and truncate it reacts to.';
comment on column net._webhooks.columns is 'Columns of which one must differ after an UPDATE; null for any.';
comment on column net._webhooks.condition is 'An expression over new, old and event; null for none.';
comment on column net._webhooks.headers is 'Headers of its requests.';
comment on column net._webhooks.policy is 'The policy of its requests.';
comment on column net._webhooks.timeout is 'The timeout of its requests; 0 for none.';
comment on column net._webhooks.format is 'standard or supabase.';
comment on column net._webhooks.secret is 'The secret that signs its requests; null for none.';
comment on column net._webhooks.secrets is 'The secrets that url and headers name.';
comment on column net._webhooks.strict is 'Whether a row for which it cannot be evaluated fails the statement.';
comment on column net._webhooks.for_each_row is 'Whether its triggers are row triggers.';
comment on column net._webhooks.enabled is 'Whether it makes requests, and its queued requests are sent.';
comment on column net._webhooks.disabled_because is 'Why it makes no requests; null when it does.';
comment on column net._webhooks.created is 'When it was made, or restored from a dump.';

create function net._webhook() returns trigger
    language c as 'MODULE_PATHNAME', 'pgnet_webhook';
comment on function net._webhook() is
    'Queues the requests of the webhooks that its arguments name. net.create_webhook makes the triggers that call it.';

create function net._webhook_table(webhook record) returns oid
    language c stable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_sql_webhook_table';
comment on function net._webhook_table(record) is
    'The table that a webhook is on: one whose trigger names it. Null when it is gone.';

create function net._webhook_names(arguments bytea) returns text[]
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_webhook_names';
comment on function net._webhook_names(bytea) is
    'The webhooks that a trigger names in its arguments, as pg_trigger has them.';

create function net._webhook_owner(webhook record) returns oid
    language c stable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_sql_webhook_owner';
comment on function net._webhook_owner(record) is
    'The role whose members may see and change a webhook: the owner of its table.';

create function net._check_webhook_parts(
    url text, headers jsonb, secrets text[], sign_with text, condition text, relation oid, owner oid
) returns void
    language c volatile as 'MODULE_PATHNAME', 'pgnet_check_webhook_parts';
comment on function net._check_webhook_parts(text, jsonb, text[], text, text, oid, oid) is
    'Raises an error unless a role can have a webhook of this URL, these headers, secrets and condition.';

create function net._set_webhook_key(secret text, key text, url text, owner oid) returns void
    language c volatile strict as 'MODULE_PATHNAME', 'pgnet_set_webhook_key';
comment on function net._set_webhook_key(text, text, text, oid) is
    'Makes the secret that signs the requests of a webhook, for the host of its URL.';

create function net._move_webhook_key(secret text, url text, owner oid) returns void
    language c volatile strict as 'MODULE_PATHNAME', 'pgnet_move_webhook_key';
comment on function net._move_webhook_key(text, text, oid) is
    'Makes the secret of a webhook valid for the host of another URL, and for the role that took the webhook over.';

create function net._rotate_webhook_key(secret text, key text, old_until timestamptz, owner oid) returns void
    language c volatile strict as 'MODULE_PATHNAME', 'pgnet_rotate_webhook_key';
comment on function net._rotate_webhook_key(text, text, timestamptz, oid) is
    'Gives the secret of a webhook a new key; the old one stays valid beside it for a while.';

create function net._drop_webhook_key(secret text, owner oid) returns void
    language c volatile strict as 'MODULE_PATHNAME', 'pgnet_drop_webhook_key';
comment on function net._drop_webhook_key(text, oid) is
    'Removes the secret of a webhook.';

create function net._end_webhook_requests(webhook text, owner oid) returns void
    language c volatile strict as 'MODULE_PATHNAME', 'pgnet_end_webhook_requests';
comment on function net._end_webhook_requests(text, oid) is
    'Turns the queued requests of a dropped webhook into dead letters.';

create function net._forget_webhook(name text) returns void
    language c volatile as 'MODULE_PATHNAME', 'pgnet_forget_webhook';
comment on function net._forget_webhook(text) is
    'Deletes a webhook of the current role, and those of all roles whose tables have gone.';

create function net._check_webhook() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- What a dump refers to may come after it, or never: who restores one is told nothing of that.
    is_restored constant boolean := not current_setting('check_function_bodies')::boolean;
    all_events constant text[] := '{insert,update,delete,truncate}';
    placeholder constant text := '\{\{([A-Za-z_][A-Za-z0-9_.-]{0,62})\}\}';
    of_table oid;
    table_owner oid;
    missing_column text;
    of_owner record;
    text_with_secrets text;
    problem text;
    advice text;
begin
    if tg_op = 'INSERT' then
        new.owner_oid := (select oid from pg_roles where rolname = new.owner);
        new.created := now();
        if is_restored then
            new.relation := null;
        end if;
        of_table := new.relation;
        table_owner := (select relowner from pg_class where oid = of_table);
        if table_owner <> new.owner_oid then
            table_owner := null;
            of_table := null;
            new.relation := null;
        end if;
    else
        if (new.name, new.owner, new.created) is distinct from (old.name, old.owner, old.created) then
            raise exception using
                errcode = 'invalid_parameter_value',
                message = 'name and owner of a webhook cannot be changed',
                hint = 'Its owner is the owner of its table. Make another webhook with net.create_webhook.';
        end if;
        of_table := net._webhook_table(old);
        table_owner := (select relowner from pg_class where oid = of_table);
        new.owner_oid := old.owner_oid;
        new.relation := coalesce(of_table, old.relation);
        -- Who was given the table takes the webhook over when he says that it is enabled.
        if new.enabled and table_owner is not null then
            new.owner_oid := table_owner;
            new.owner := pg_get_userbyid(table_owner);
        end if;
    end if;

    new.columns := nullif(new.columns, '{}');
    new.headers := nullif(new.headers, '{}');
    if coalesce(new.name, '') !~ '^[A-Za-z_][A-Za-z0-9_.-]{0,54}$' then
        problem := 'the name of a webhook must have 1 to 55 ASCII letters, digits, _, - and dots, and begin with a letter or _';
        advice := 'Choose one like orders.';
    elsif new.url is null then
        problem := 'url must not be null';
        advice := 'Write it like https://hooks.example.com/orders.';
    elsif cardinality(new.events) = 0 or new.events is null or array_position(new.events, null) is not null then
        problem := 'events must not be empty';
        advice := 'Write them like ''{insert,update,delete}''.';
    elsif not new.events <@ all_events then
        problem := format('invalid event "%s"', (select e from unnest(new.events) e where e <> all (all_events) limit 1));
        advice := 'An event is insert, update, delete or truncate.';
    elsif array_ndims(new.columns) > 1 or array_position(new.columns, null) is not null then
        problem := 'columns must be a list of columns';
        advice := 'Write it like ''{status}''; null means any column.';
    elsif new.columns is not null and not 'update' = any (new.events) then
        problem := 'columns need the event update';
        advice := 'They choose which updates trigger the webhook.';
    elsif new.format is null or new.format not in ('standard', 'supabase') then
        problem := format('invalid format "%s"', new.format);
        advice := 'A format is standard or supabase.';
    elsif new.timeout is null or not (new.timeout >= '0' and new.timeout <= interval '24 days') then
        problem := 'timeout must be from 0, for none, to 24 days';
        advice := 'Omit it for 15 s.';
    elsif new.enabled is null or new."strict" is null or new.for_each_row is null then
        problem := 'enabled, strict and for_each_row must be true or false';
        advice := 'Do not use null.';
    elsif new.policy is null or not is_restored and not exists (select from net.policies p where p.name = new.policy) then
        problem := format('policy "%s" does not exist', new.policy);
        advice := 'SELECT name FROM net.policies lists the policies.';
    end if;
    -- What is read by the worker, and by whoever writes to any table that has a webhook. Whoever may write this row sees those
    -- of its owner.
    new.disabled_because := left(new.disabled_because, 500);
    if problem is null and (tg_op = 'INSERT'
            or (new.url, new.headers, new.condition, new.columns, new.policy)
                is distinct from (old.url, old.headers, old.condition, old.columns, old.policy)) then
        select count(*), sum(octet_length(w::text)) into of_owner from net._webhooks w where w.owner = new.owner and w.name <> new.name;
        if of_owner.count >= 1000 then
            problem := 'the tables of a role have at most 1,000 webhooks';
            advice := 'Drop some with net.drop_webhook.';
        elsif octet_length(new::text) > 100000 then
            problem := 'a webhook is longer than 100 kB';
            advice := 'Its url, headers, condition and columns count together.';
        elsif of_owner.sum + octet_length(new::text) > 4000000 then
            problem := 'the webhooks of a role''s tables are longer than 4 MB together';
            advice := 'Their urls, headers, conditions and columns count.';
        end if;
    end if;
    if problem is null and of_table is not null then
        select c into missing_column
            from unnest(new.columns) c
            where not exists (select from pg_attribute
                where attrelid = of_table and attname = c and attnum > 0 and not attisdropped)
            limit 1;
        if missing_column is not null then
            problem := format('table %s has no column "%s"', of_table::regclass, missing_column);
            advice := 'columns must name columns of the table.';
        end if;
    end if;
    if problem is not null then
        raise exception using errcode = 'invalid_parameter_value', message = problem, hint = advice;
    end if;

    new.events := array(select e from unnest(all_events) e where e = any (new.events));
    -- {{{{ is {{, and begins no name of a secret.
    text_with_secrets := replace(concat(new.url, ' ', new.headers), '{{{{', '');
    new.secrets := nullif(array(select distinct m[1] from regexp_matches(text_with_secrets, placeholder, 'g') m order by 1), '{}');
    if is_restored then
        return new;
    end if;
    if tg_op = 'UPDATE' and (new.url, new.owner_oid) is distinct from (old.url, old.owner_oid)
        and new.secret = 'webhook.' || new.name then
        perform net._move_webhook_key(new.secret, new.url, new.owner_oid);
    end if;
    if tg_op = 'INSERT' or new.enabled
        or (new.url, new.headers, new.condition) is distinct from (old.url, old.headers, old.condition) then
        perform net._check_webhook_parts(
            replace(new.url, '{{{{', '{{'), replace(new.headers::text, '{{{{', '{{')::jsonb, new.secrets, new.secret,
            new.condition, of_table, coalesce(table_owner, new.owner_oid));
    end if;
    if new.enabled then
        new.disabled_because := null;
    elsif tg_op = 'UPDATE' and old.enabled and new.disabled_because is null then
        new.disabled_because := format('disabled by role "%s" at %s', current_user, date_trunc('second', now()));
    end if;
    return new;
end $$;
comment on function net._check_webhook() is
    'Checks a webhook, and keeps its name and its owner.';

create trigger _check_webhook before insert or update on net._webhooks
    for each row execute function net._check_webhook();
comment on trigger _check_webhook on net._webhooks is
    'Checks each webhook, and keeps its name and its owner.';

create trigger _webhooks_changed after insert or update or delete or truncate on net._webhooks
    for each statement execute function net._hosts_changed();
comment on trigger _webhooks_changed on net._webhooks is
    'Tells the worker and all sessions about changed webhooks when the transaction commits. Makes pg_dump save the rows once there are any.';

alter table net._webhooks
    enable always trigger _check_webhook,
    enable always trigger _webhooks_changed;

create view net.webhooks with (security_barrier, security_invoker) as
    select
        w.name,
        (select pg_catalog.format('%I.%I', n.nspname, c.relname)
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.oid = net._webhook_table(w)) as table_name,
        (select pg_catalog.pg_get_userbyid(net._webhook_owner(w))) as owner,
        w.url,
        w.events,
        w.columns,
        w.condition,
        w.headers,
        w.policy,
        w.timeout,
        w.format,
        w.secret,
        w.strict,
        w.for_each_row,
        w.enabled,
        case
            when not w.enabled then w.disabled_because
            when net._webhook_owner(w)
                <> coalesce(w.owner_oid, (select r.oid from pg_catalog.pg_roles r where r.rolname = w.owner), 0)
                and not coalesce(pg_catalog.pg_has_role(
                    w.owner_oid, net._webhook_owner(w), 'USAGE'), false) then
                pg_catalog.format('the table belongs to role "%s", and the webhook was made by "%s": look at it, then set enabled to true',
                    pg_catalog.pg_get_userbyid(net._webhook_owner(w)), w.owner)
        end as disabled_because,
        w.created
    from net._webhooks w
    where net._webhook_table(w) is not null;
comment on view net.webhooks is
    'Webhooks of tables that the reader, or a role that the reader is a member of, owns. url, condition, columns, headers, policy, timeout and enabled can be updated; net.create_webhook changes the rest.';
comment on column net.webhooks.name is 'Its name.';
comment on column net.webhooks.table_name is 'The current name of its table.';
comment on column net.webhooks.owner is 'The owner of the table, and of the requests.';
comment on column net.webhooks.url is 'Where its requests go; {{name}} stands for the value of a secret, {{{{ for {{.';
comment on column net.webhooks.events is 'Which of insert, update, delete and truncate it reacts to.';
comment on column net.webhooks.columns is 'Columns of which one must differ after an UPDATE, byte for byte; null for any.';
comment on column net.webhooks.condition is 'One SQL expression over new, old and event; only rows for which it is true are sent. Null for all.';
comment on column net.webhooks.headers is 'Headers of its requests; {{name}} stands for the value of a secret.';
comment on column net.webhooks.policy is 'The policy of its requests, in net.policies.';
comment on column net.webhooks.timeout is 'The timeout of its requests; 0 for none.';
comment on column net.webhooks.format is 'The format of its requests: standard, as in Standard Webhooks, or supabase, as in Supabase''s database webhooks.';
comment on column net.webhooks.secret is 'The secret that signs its requests; null for none.';
comment on column net.webhooks.strict is 'Whether the user''s statement fails if the webhook cannot be evaluated for a row. Otherwise the row becomes a dead letter.';
comment on column net.webhooks.for_each_row is 'Whether it uses row triggers, which also see rows that are written to partitions directly.';
comment on column net.webhooks.enabled is 'Whether it makes requests, and its queued requests are sent.';
comment on column net.webhooks.disabled_because is 'Why it makes no requests; null when it does.';
comment on column net.webhooks.created is 'When it was made, or restored from a dump.';

create function net._set_webhook_triggers(webhook text, of_table oid, wanted_events text[], for_each_row boolean) returns boolean
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    webhook_function constant regprocedure := 'net._webhook()';
    wanted record;
    found_name name;
    names_before text[];
    names text[];
    wanted_types constant integer[] := array(
        -- the bits of pg_trigger.tgtype: of a row 1, of the events 4, 8, 16, 32
        select e.bit + (for_each_row and e.event <> 'truncate')::integer
        from (values ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 32)) e (event, bit)
        where e.event = any (wanted_events) order by 1);
begin
    if wanted_types = array(
        select t.tgtype::integer from pg_trigger t
        where t.tgrelid = of_table and t.tgparentid = 0 and t.tgfoid = webhook_function
            and webhook = any (net._webhook_names(t.tgargs))
        order by 1) then
        return false;
    end if;
    -- Whoever else changes the names waits.
    execute format('lock table only %s in share row exclusive mode', of_table::regclass);
    for wanted in
        select e.event, r.is_row, e.bit + r.is_row::integer as type, e.rows,
            e.bit + r.is_row::integer = any (wanted_types) as is_wanted
        from (values
                ('insert', 4, 'referencing new table as new_rows'),
                ('update', 16, 'referencing old table as old_rows new table as new_rows'),
                ('delete', 8, 'referencing old table as old_rows'),
                ('truncate', 32, '')) e (event, bit, rows),
            (values (false), (true)) r (is_row)
        where e.event <> 'truncate' or not r.is_row
    loop
        found_name := null;
        names_before := '{}';
        select t.tgname, net._webhook_names(t.tgargs) into found_name, names_before
            from pg_trigger t
            where t.tgrelid = of_table and t.tgparentid = 0 and t.tgfoid = webhook_function and t.tgtype = wanted.type
            order by t.tgname limit 1;
        names := coalesce(names_before, '{}');
        if wanted.is_wanted and not webhook = any (names) then
            names := names || webhook;
        elsif not wanted.is_wanted then
            names := array_remove(names, webhook);
        end if;
        continue when names = coalesce(names_before, '{}');
        if names = '{}' then
            execute format('drop trigger %I on %s', found_name, of_table::regclass);
        else
            execute format('create %s trigger %I after %s on %s %s for each %s execute function net._webhook(%s)',
                case when found_name is not null then 'or replace' end,
                coalesce(found_name, format('net_webhook_%s%s', wanted.event, case when wanted.is_row then '_row' end)),
                wanted.event, of_table::regclass,
                case when not wanted.is_row then wanted.rows end,
                case when wanted.is_row then 'row' else 'statement' end,
                (select string_agg(quote_literal(n), ', ') from unnest(names) n));
        end if;
    end loop;
    return true;
end $$;
comment on function net._set_webhook_triggers(text, oid, text[], boolean) is
    'Makes the triggers of a table name a webhook for these events, and for no others. Returns false if they did already.';

create function net._check_webhook_table(of_table oid, for_each_row boolean) returns void
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    found_table pg_class;
    problem text;
    advice text := 'Name an ordinary or partitioned table.';
begin
    select * into found_table from pg_class c where c.oid = of_table;
    if found_table.oid is null then
        raise exception using errcode = 'undefined_table', message = format('table with OID %s does not exist', of_table);
    end if;
    if not pg_has_role(found_table.relowner, 'USAGE') then
        raise exception using
            errcode = 'insufficient_privilege',
            message = format('must be owner of table %s', found_table.relname),
            hint = 'The owner of a table makes its webhooks.';
    end if;
    if found_table.oid < 16384 or found_table.relnamespace = 'pg_toast'::regnamespace then
        problem := format('"%s" is a system catalog', found_table.relname);
    elsif found_table.relkind not in ('r', 'p') then
        problem := format('"%s" is %s', found_table.relname, case found_table.relkind
            when 'v' then 'a view' when 'm' then 'a materialized view' when 'f' then 'a foreign table' when 'S' then 'a sequence'
            when 'c' then 'a composite type' else 'an index' end);
    elsif found_table.relpersistence = 't' then
        problem := format('"%s" is a temporary table', found_table.relname);
    elsif exists (select from pg_depend
            where classid = 'pg_class'::regclass and objid = of_table and deptype = 'e'
                and refclassid = 'pg_extension'::regclass
                and refobjid = (select oid from pg_extension where extname = 'pg_net')) then
        problem := format('"%s" is a table of pg_net, whose requests would make requests', found_table.relname);
    elsif found_table.relispartition and not for_each_row then
        problem := format('"%s" is a partition, and statements on its parent would not trigger the webhook', found_table.relname);
        advice := 'Make the webhook on the parent, or with for_each_row => true.';
    elsif not for_each_row and exists (
            with recursive child as (
                select i.inhrelid as oid from pg_inherits i where i.inhparent = of_table
                union
                select i.inhrelid from pg_inherits i join child on i.inhparent = child.oid)
            select from child join pg_class c using (oid) where c.relkind = 'f') then
        problem := format('"%s" has children that are foreign tables, and statements that write to these would fail', found_table.relname);
        advice := 'Make the webhook with for_each_row => true.';
    end if;
    if problem is not null then
        raise exception using errcode = 'wrong_object_type', message = problem, hint = advice;
    end if;
end $$;
comment on function net._check_webhook_table(oid, boolean) is
    'Raises an error unless the current role may make a webhook on a table.';

create function net.create_webhook(
    name text,
    table_name regclass,
    url text,
    events text[] default '{insert,update,delete}',
    columns text[] default null,
    condition text default null,
    policy text default 'standard',
    format text default 'standard',
    headers jsonb default '{}',
    secret text default null,
    signed boolean default true,
    strict boolean default false,
    timeout interval default '15 s',
    for_each_row boolean default false,
    out outcome text,
    out new_key text
)
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    own_secret constant text := 'webhook.' || create_webhook.name;
    wanted net._webhooks;
    present net._webhooks;
    is_same boolean;
begin
    if table_name is null then
        raise exception using errcode = 'null_value_not_allowed', message = 'table_name must not be null';
    end if;
    perform net._check_webhook_table(table_name, coalesce(for_each_row, false));

    select * into present from net._webhooks w where w.name = create_webhook.name;
    if present.name is not null and net._webhook_table(present) is null then
        perform net._forget_webhook(present.name);
        present := null;
    else
        perform net._forget_webhook(null);
    end if;

    wanted.name := create_webhook.name;
    wanted.owner := (select pg_get_userbyid(c.relowner) from pg_class c where c.oid = table_name);
    wanted.relation := table_name;
    wanted.url := create_webhook.url;
    wanted.events := array(select lower(e) from unnest(create_webhook.events) e);
    wanted.columns := nullif(create_webhook.columns, '{}');
    wanted.condition := create_webhook.condition;
    wanted.headers := nullif(create_webhook.headers, '{}');
    wanted.policy := create_webhook.policy;
    wanted.timeout := create_webhook.timeout;
    wanted.format := create_webhook.format;
    wanted."strict" := create_webhook."strict";
    wanted.for_each_row := create_webhook.for_each_row;
    wanted.secret := case when create_webhook.secret is not null then create_webhook.secret
        when create_webhook.signed then coalesce(present.secret, own_secret) end;
    wanted.enabled := coalesce(present.enabled, true);
    wanted.disabled_because := present.disabled_because;

    if present.name is not null and net._webhook_table(present) <> table_name then
        -- It moves to another table; the secret stays.
        perform net._set_webhook_triggers(present.name,
            net._webhook_table(present), '{}', false);
        perform net._forget_webhook(present.name);
    end if;
    is_same := (present.url, present.columns, present.condition, present.headers, present.policy, present.timeout,
            present.format, present."strict", present.for_each_row, present.secret, present.owner)
        is not distinct from (wanted.url, wanted.columns, wanted.condition, wanted.headers, wanted.policy, wanted.timeout,
            wanted.format, wanted."strict", wanted.for_each_row, wanted.secret, wanted.owner)
        and present.events <@ wanted.events and present.events @> wanted.events;

    if exists (select from net._webhooks w where w.name = wanted.name) then
        if not is_same then
            update net._webhooks w
                set url = wanted.url, events = wanted.events, columns = wanted.columns, condition = wanted.condition,
                    headers = wanted.headers, policy = wanted.policy, timeout = wanted.timeout, format = wanted.format,
                    strict = wanted."strict", for_each_row = wanted.for_each_row,
                    secret = case when w.secret = wanted.secret then w.secret end
                where w.name = wanted.name;
        end if;
    else
        begin
            insert into net._webhooks (name, owner, relation, url, events, columns, condition, headers, policy, timeout, format,
                    strict, for_each_row, enabled, disabled_because)
                values (wanted.name, wanted.owner, wanted.relation, wanted.url, wanted.events, wanted.columns, wanted.condition,
                    wanted.headers, wanted.policy, wanted.timeout, wanted.format, wanted."strict", wanted.for_each_row,
                    wanted.enabled, wanted.disabled_because);
        exception when unique_violation then
            raise exception using
                errcode = 'duplicate_object',
                message = pg_catalog.format('webhook "%s" belongs to another role', wanted.name),
                hint = 'Choose another name.';
        end;
    end if;
    is_same := not net._set_webhook_triggers(wanted.name, table_name, wanted.events, wanted.for_each_row)
        and is_same and present.name is not null;

    -- Behind all that may be refused: a key that is made is told this once.
    if not is_same then
        if wanted.secret = own_secret and create_webhook.secret is null and present.secret is distinct from own_secret then
            new_key := net._new_signing_key();
            perform net._set_webhook_key(own_secret, new_key, wanted.url, c.relowner) from pg_class c where c.oid = table_name;
        end if;
        if wanted.secret is not null then
            update net._webhooks w set secret = wanted.secret where w.name = wanted.name;
        end if;
        -- What is queued is still sent with it.
        if present.secret = own_secret and wanted.secret is distinct from own_secret
            and not exists (select from net.http_request_queue q where q.sign_with = own_secret) then
            perform net._drop_webhook_key(own_secret, c.relowner) from pg_class c where c.oid = table_name;
        end if;
    end if;
    outcome := case when is_same then 'unchanged' when present.name is null then 'created' else 'changed' end;
end $$;
comment on function net.create_webhook(text, regclass, text, text[], text[], text, text, text, jsonb, text, boolean, boolean, interval, boolean) is
    'Sends each row that is written to a table to a URL, when the transaction commits. Changes the webhook of this name if there is one. The key for its signatures is returned once, when it is made.';

create function net.drop_webhook(name text) returns boolean
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    present net._webhooks;
    of_table oid;
    table_owner oid;
begin
    select * into present from net._webhooks w where w.name = drop_webhook.name;
    if present.name is null then
        return false;
    end if;
    of_table := net._webhook_table(present);
    table_owner := coalesce((select c.relowner from pg_class c where c.oid = of_table), present.owner_oid);
    if of_table is not null then
        perform net._set_webhook_triggers(present.name, of_table, '{}', false);
    end if;
    -- Behind the lock of the triggers: all that was written is committed.
    perform net._end_webhook_requests(present.name, table_owner);
    if exists (select from net.secrets s where s.name = 'webhook.' || present.name and s.owner = table_owner) then
        perform net._drop_webhook_key('webhook.' || present.name, table_owner);
    end if;
    perform net._forget_webhook(present.name);
    return true;
end $$;
comment on function net.drop_webhook(text) is
    'Removes a webhook, its triggers and the key that was made for it. Its queued requests become dead letters. Returns false if no webhook has this name.';

create function net.test_webhook(name text) returns bigint
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_test_webhook';
comment on function net.test_webhook(text) is
    'Sends a request of a webhook, with the event test and without a row, when this transaction commits. Returns the request id.';

create function net.rotate_webhook_secret(name text, overlap interval default '24 hours') returns text
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    present net._webhooks;
    owner_oid oid;
    new_key constant text := net._new_signing_key();
begin
    select * into present from net._webhooks w where w.name = rotate_webhook_secret.name;
    if present.name is null then
        raise exception using
            errcode = 'undefined_object',
            message = format('webhook "%s" does not exist', rotate_webhook_secret.name),
            hint = 'SELECT name FROM net.webhooks lists your webhooks.';
    end if;
    if present.secret is distinct from 'webhook.' || present.name then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = format('webhook "%s" %s', present.name,
                coalesce(format('is signed with secret "%s"', present.secret), 'is not signed')),
            hint = 'This rotates only keys that net.create_webhook made.';
    end if;
    if overlap < '0' or overlap > interval '366 days' then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = 'overlap must be from 0 to 366 days',
            hint = 'For that long, requests are signed with the old key, too.';
    end if;
    owner_oid := net._webhook_owner(present);
    if exists (select from net.secrets s where s.name = present.secret) then
        perform net._rotate_webhook_key(present.secret, new_key, now() + overlap, owner_oid);
    else
        -- Restored from a dump, which has no keys.
        perform net._set_webhook_key(present.secret, new_key, present.url, owner_oid);
    end if;
    return new_key;
end $$;
comment on function net.rotate_webhook_secret(text, interval) is
    'Makes a new key for the signatures of a webhook and returns it, only once. During overlap, requests are signed with the old key, too.';

create function net.install_supabase_functions() returns void
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regnamespace('supabase_functions') is null then
        create schema supabase_functions;
        grant usage on schema supabase_functions to public;
    end if;
    if to_regclass('supabase_functions.hooks') is null then
        create table supabase_functions.hooks (
            id bigint generated by default as identity primary key,
            hook_table_id integer not null,
            hook_name text not null,
            created_at timestamptz not null default now(),
            request_id bigint
        );
        create index hooks_request_id_idx on supabase_functions.hooks (request_id);
        create index hooks_table_and_name_idx on supabase_functions.hooks (hook_table_id, hook_name);
        comment on table supabase_functions.hooks is 'The requests that triggers of supabase_functions.http_request made.';
        grant insert (hook_table_id, hook_name, request_id) on supabase_functions.hooks to public;
    end if;
    if to_regprocedure('supabase_functions.http_request()') is null then
        create function supabase_functions.http_request() returns trigger
            language plpgsql
            set search_path = pg_catalog, pg_temp
        as $function$
        declare
            arguments constant text[] := array(select nullif(argument, 'null') from unnest(tg_argv) argument);
            url constant text := arguments[1];
            method constant text := arguments[2];
            headers constant jsonb := coalesce(arguments[3], '{"Content-Type": "application/json"}');
            params constant jsonb := coalesce(arguments[4], '{}');
            timeout_milliseconds constant integer := coalesce(arguments[5], '1000');
            request_id bigint;
        begin
            if url is null then
                raise exception 'url argument is missing';
            elsif method is null then
                raise exception 'method argument is missing';
            elsif method = 'GET' then
                request_id := net.http_get(url, params, headers, timeout_milliseconds);
            elsif method = 'POST' then
                request_id := net.http_post(url, jsonb_build_object('type', tg_op, 'table', tg_table_name,
                    'schema', tg_table_schema, 'record', new, 'old_record', old), params, headers, timeout_milliseconds);
            else
                raise exception 'method argument % is invalid', method;
            end if;
            insert into supabase_functions.hooks (hook_table_id, hook_name, request_id)
                values (tg_relid::bigint::integer, tg_name, request_id);
            return coalesce(new, old);
        end $function$;
        comment on function supabase_functions.http_request() is
            'Sends the row that was written: a trigger with the arguments URL, method, headers, params and timeout in milliseconds.';
    end if;
end $$;
comment on function net.install_supabase_functions() is
    'Creates supabase_functions.http_request and supabase_functions.hooks, which Supabase''s database webhooks use, if they are missing.';


-- Responses

create function net._await_response(request_id bigint) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_await_response';
comment on function net._await_response(bigint) is
    'Waits until a request has its response. Returns false at once if the request does not exist, and null if it has succeeded meanwhile and stores no response.';

create function net._await_response_until(request_id bigint, deadline timestamptz) returns boolean
    language c volatile strict parallel unsafe as 'MODULE_PATHNAME', 'pgnet_await_response_until';
comment on function net._await_response_until(bigint, timestamptz) is
    'Waits until a request has its response. Returns false if the deadline comes first, or the request does not exist.';

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
    'Waits until all of these requests have a response, or the timeout has passed. Returns the responses that came.';

create procedure net.fetch(
    url text,
    body jsonb default null,
    method text default null,
    headers jsonb default null,
    params jsonb default null,
    timeout interval default null,
    inout request_id bigint default null,
    inout status_code integer default null,
    inout content text default null,
    inout error_msg text default null
)
    language c as 'MODULE_PATHNAME', 'pgnet_fetch_procedure';
comment on procedure net.fetch(text, jsonb, text, jsonb, jsonb, interval, bigint, integer, text, text) is
    'Queues a request like net.request, commits, waits and returns the response, for use by hand. Cannot be called inside a transaction block or a function: use net.request and net.await there.';

create function net._pending(request_id bigint) returns text
    language plpgsql stable strict parallel safe
as $$
begin
    return (
        select coalesce(
            (select case
                when d.attempts operator(pg_catalog.=) 0 and d.due operator(pg_catalog.=) '-infinity' then
                    net._waits_for(d.request_id)
                when d.attempts operator(pg_catalog.=) 0 then
                    pg_catalog.format('request is scheduled for %s', pg_catalog.date_trunc('second', d.due))
                else pg_catalog.format('attempt %s%s failed%s, next at %s',
                    d.attempts,
                    -- What does not count makes the numbers differ.
                    case when d.counted operator(pg_catalog.=) d.attempts then
                        (select pg_catalog.format(' of %s', p.max_attempts) from net.policies p
                            where p.name operator(pg_catalog.=) q.policy and p.max_attempts is not null) end,
                    case when d.last_status is null then pg_catalog.format(': %s', d.last_error)
                        else pg_catalog.format(' with status %s', d.last_status) end,
                    pg_catalog.date_trunc('second', d.due))
                end
            from net._delivery d
            where d.request_id operator(pg_catalog.=) q.id
                -- A rewrite of the queue changes versions, and nothing of the requests.
                and (d.version operator(pg_catalog.=) ((q.xmin::pg_catalog.text::pg_catalog.int8 operator(pg_catalog.<<) 32)
                        operator(pg_catalog.|) q.tableoid::pg_catalog.int8)
                    or d.owner operator(pg_catalog.=) q.owner
                        and d.first_due operator(pg_catalog.=) greatest(q.created, q.not_before))),
            'request is pending')
        from net.http_request_queue q where q.id operator(pg_catalog.=) _pending.request_id);
end $$;
comment on function net._pending(bigint) is
    'What a queued request waits for, in words; null when the queue does not have it.';

create function net.http_collect_response(
    request_id bigint,
    async boolean default true
) returns net.http_response_result
    language plpgsql volatile parallel unsafe
as $$
declare
    found_response net._http_response;
    message pg_catalog.text;
    awaited pg_catalog.bool := false;
begin
    if not async then
        awaited := net._await_response(request_id);
    end if;
    -- First the queue: a response that is recorded just now is found then. One that is there beside a queued request is
    -- that of an older request, of before the ids were restarted.
    message := net._pending(request_id);
    if message is not null then
        return row('PENDING', message, null)::net.http_response_result;
    end if;
    select r.* into found_response from net._http_response r where r.id operator(pg_catalog.=) request_id;
    if found_response.id is null then
        if awaited is null and request_id is not null then
            return row('SUCCESS', 'ok: a 2xx status, and the response is not stored', null)::net.http_response_result;
        end if;
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
    'Returns the response of a request, or its state. Waits for the response if async is false.';

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
    'net.http_collect_response as in older versions of pg_net: a pending request is reported as not found.';


-- The worker

create function net.wake() returns void
    language c as 'MODULE_PATHNAME', 'pgnet_wake';
comment on function net.wake() is
    'Forces a rescan of the queue when this transaction commits. You should not need it.';

create function net.worker_restart() returns boolean
    language c as 'MODULE_PATHNAME', 'pgnet_worker_restart';
comment on function net.worker_restart() is
    'Reloads the configuration and restarts the worker of this database. Returns false if no worker serves the database.';

create function net._worker_state() returns text
    language c as 'MODULE_PATHNAME', 'pgnet_worker_state';
comment on function net._worker_state() is
    'State of the worker of this database: running, starting, halted (it runs, but sends nothing), resting (the next request starts it) or none (no worker will start).';

create function net._worker_failure() returns text
    language c as 'MODULE_PATHNAME', 'pgnet_worker_failure';
comment on function net._worker_failure() is
    'Why the worker of this database could not start, or sends nothing; null otherwise.';

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
    'Waits until the worker of this database is running.';

create function net._worker_counters(
    out in_flight bigint,
    out done bigint,
    out failed bigint,
    out timed_out bigint,
    out bytes_in bigint,
    out bytes_out bigint,
    out set_aside bigint,
    out attempts bigint
)
    language c volatile as 'MODULE_PATHNAME', 'pgnet_worker_counters';
comment on function net._worker_counters() is
    'Counters of this database since the server started; in_flight and set_aside are of now.';

create function net._latency(out p50 interval, out p90 interval, out p99 interval, out since timestamptz)
    language c volatile as 'MODULE_PATHNAME', 'pgnet_latency';
comment on function net._latency() is
    'How long the attempts of this database took.';

-- A small table is counted. Of a large one PostgreSQL's own statistics tell, which a crash empties: the last VACUUM knows then.
create function net._rows_of(relation regclass) returns bigint
    language sql volatile strict
    set search_path = pg_catalog, pg_temp
    as $$
    select coalesce(nullif(pg_stat_get_live_tuples(relation), 0), greatest(reltuples, 0)::bigint) from pg_class where oid = relation
$$;
comment on function net._rows_of(regclass) is
    'About how many rows a table has.';

create function net._waiting_rows(
    out queued bigint,
    out oldest timestamptz,
    out scheduled bigint,
    out retrying bigint,
    out dead bigint,
    out callbacks bigint
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    counted_bytes constant bigint := 2 << 20;
    sampled_bytes constant bigint := 1 << 20;
    counted_rows constant integer := 1000;
    ids bigint;
    looked bigint;
    share double precision;
begin
    select created into oldest from net.http_request_queue order by id limit 1;
    if pg_relation_size('net.http_request_queue') <= counted_bytes then
        select count(*) into queued from net.http_request_queue;
    elsif oldest is null then
        queued := 0;
    else
        -- There are never more than ids from the lowest to the highest.
        select max(id) - min(id) + 1 into ids from net.http_request_queue;
        queued := least(ids, net._rows_of('net.http_request_queue'));
        queued := coalesce(nullif(queued, 0), ids);
    end if;

    if pg_relation_size('net._delivery') <= counted_bytes then
        select count(*) filter (where attempts = 0 and due > '-infinity'), count(*) filter (where attempts > 0)
            into scheduled, retrying from net._delivery;
    else
        -- Of the few rows that are left in a table that was large, a sample says nothing.
        select count(*) filter (where attempts = 0 and due > '-infinity'), count(*) filter (where attempts > 0), count(*)
            into scheduled, retrying, looked
            from (select attempts, due from net._delivery order by due desc, request_id desc limit counted_rows + 1) d;
        if looked > counted_rows then
            -- The same one each time, or the figures would not stand still.
            share := sampled_bytes / pg_relation_size('net._delivery')::double precision;
            select count(*) filter (where attempts = 0 and due > '-infinity') / share, count(*) filter (where attempts > 0) / share
                into scheduled, retrying from net._delivery tablesample system (100 * share) repeatable (0);
        end if;
    end if;

    if pg_relation_size('net.dead_letters') <= counted_bytes then
        select count(*) into dead from net.dead_letters;
    else
        dead := net._rows_of('net.dead_letters');
    end if;
    if pg_relation_size('net._callbacks') <= counted_bytes then
        select count(*) into callbacks from net._callbacks;
    else
        callbacks := net._rows_of('net._callbacks');
    end if;
end $$;
comment on function net._waiting_rows() is
    'How many requests and callbacks wait: exactly while their tables are small, and else about how many. Never reads a large table.';

create view net.stats as
    select
        w.queued,
        c.in_flight,
        clock_timestamp() - w.oldest as oldest_queued_age,
        c.done,
        c.failed,
        c.timed_out,
        c.bytes_in,
        c.bytes_out,
        w.scheduled,
        w.retrying,
        c.attempts,
        w.dead,
        w.callbacks,
        l.p50,
        l.p90,
        l.p99,
        l.since
    from net._waiting_rows() w, net._worker_counters() c, net._latency() l;
comment on view net.stats is 'One row: the queue now, and counters since the server started. Waiting requests are counted exactly while their table has at most 2 MB, otherwise estimated from the statistics of PostgreSQL.';
comment on column net.stats.queued is 'Requests without a response, including those in flight.';
comment on column net.stats.in_flight is 'Requests in flight now.';
comment on column net.stats.oldest_queued_age is 'Age of the oldest queued request.';
comment on column net.stats.done is 'Requests that got a response, whatever its status.';
comment on column net.stats.failed is 'Requests that got no response.';
comment on column net.stats.timed_out is 'Failed requests that reached their timeout.';
comment on column net.stats.bytes_in is 'Bytes of the bodies received.';
comment on column net.stats.bytes_out is 'Bytes of the bodies sent.';
comment on column net.stats.scheduled is 'Queued requests that wait for their delay to pass.';
comment on column net.stats.retrying is 'Queued requests with a failed attempt.';
comment on column net.stats.attempts is 'Attempts, including first ones.';
comment on column net.stats.dead is 'Requests and functions in net.dead_letters.';
comment on column net.stats.callbacks is 'Pending calls of on_response functions.';
comment on column net.stats.p50 is 'Half of the attempts took at most this long, from sending to the end of the response, including those that timed out. Within 3 %; null when nothing is counted.';
comment on column net.stats.p90 is '90 % of the attempts took at most this long.';
comment on column net.stats.p99 is '99 % of the attempts took at most this long.';
comment on column net.stats.since is 'When counting of done, failed, timed_out, bytes_in, bytes_out, attempts and p50 to p99 began. A crash of the server restarts it.';


-- What requests to hosts do, and why

create function net._host_states(
    out origin text,
    out owner oid,
    out endpoint text,
    out waiting bigint,
    out in_flight bigint,
    out tokens double precision,
    out breaker text,
    out paused_until timestamptz,
    out reason text,
    out started bigint,
    out failed bigint,
    out retried bigint,
    out last_error text,
    out last_failed timestamptz,
    out broken_since timestamptz,
    out p50 interval,
    out p90 interval,
    out p99 interval,
    out since timestamptz
) returns setof record
    language c volatile parallel unsafe as 'MODULE_PATHNAME', 'pgnet_host_states';
comment on function net._host_states() is
    'What requests to hosts do now, as reported by the worker of this database, for roles that the reader is a member of.';

create view net.stat_host as
    select
        origin, owner, endpoint, waiting, in_flight, tokens, breaker, paused_until, reason, started, failed, retried,
        last_error, last_failed, broken_since, p50, p90, p99, since
    from net._host_states();
comment on view net.stat_host is
    'What requests to each host do now, for the 200 pairs of origin and role with the most requests. Asks the worker; no row if none runs. Shows the roles that the reader is a member of, and all roles to members of pg_monitor.';
comment on column net.stat_host.origin is 'Scheme, host and port.';
comment on column net.stat_host.owner is 'The role that made the requests.';
comment on column net.stat_host.endpoint is 'Null for the origin itself. Webhooks and signed requests have a breaker for each URL. While it holds requests back, they have a row of their own, which this names: webhook orders, or signed with stripe.';
comment on column net.stat_host.waiting is 'Requests that may be sent and are not in flight.';
comment on column net.stat_host.in_flight is 'Requests in flight now.';
comment on column net.stat_host.tokens is 'How many may start now under the rate of net.hosts; null without a rate.';
comment on column net.stat_host.breaker is 'closed; open: requests wait until the host works again; probing: one of them tries; null without a breaker.';
comment on column net.stat_host.paused_until is 'Until when the host asked for a pause; null if it did not.';
comment on column net.stat_host.reason is 'Why waiting requests do not start; null when they only wait for their turn.';
comment on column net.stat_host.started is 'How often requests were sent since the worker started, redirects not counted.';
comment on column net.stat_host.failed is 'How many of the requests got no response.';
comment on column net.stat_host.retried is 'How many of them were scheduled for another attempt.';
comment on column net.stat_host.last_error is 'Why the last failed attempt failed: no response came, or one with a status of 400 or more.';
comment on column net.stat_host.last_failed is 'When that was.';
comment on column net.stat_host.broken_since is 'When the breaker opened; null while it is closed.';
comment on column net.stat_host.p50 is 'Half of the attempts took at most this long, from sending to the end of the response, including those that timed out. Within 3 %; null when nothing is counted.';
comment on column net.stat_host.p90 is '90 % of the attempts took at most this long.';
comment on column net.stat_host.p99 is '99 % of the attempts took at most this long.';
comment on column net.stat_host.since is 'When counting began, for the 200 busiest pairs of origin and role of all databases. A crash of the server restarts it.';

create function net._explain_url(
    url text,
    out origin text,
    out host text,
    out port integer,
    out refusal text,
    out refused_by text
)
    language c stable strict as 'MODULE_PATHNAME', 'pgnet_explain_url';
comment on function net._explain_url(text) is
    'Where a URL leads, and what keeps the current role from calling it, as far as that is known beforehand.';

create function net._host_rank(pattern text, host text, port integer) returns integer
    language c immutable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_sql_host_rank';
comment on function net._host_rank(text, text, integer) is
    'How specific a pattern is for a host: 0 if it does not match, else higher for a more specific one.';

-- The names of headers are no secrets; their values are.
create function net._header_names(pattern text) returns text[]
    language sql stable strict security definer
    set search_path = pg_catalog, pg_temp
    as $$
    select case when h.headers is not null then array(select jsonb_object_keys(h.headers)) end
    from net.hosts h where h.pattern = _header_names.pattern
$$;
comment on function net._header_names(text) is
    'The names of the headers that a row of net.hosts has; null when it has none.';

-- Which of them the caller may use is not known here: a name is told as its digest, unless there is no such secret.
create function net._header_secrets(pattern text, out header text, out digest bytea, out missing text) returns setof record
    language sql stable strict security definer
    set search_path = pg_catalog, pg_temp
    as $$
    select distinct h.key, sha256(convert_to(m[1], 'UTF8')),
        case when not exists (select from net._secrets s where s.name = m[1]) then m[1] end
    from net.hosts r, jsonb_each(r.headers) h,
        regexp_matches(replace(h.value::text, '{{{{', ''), '\{\{([A-Za-z_][A-Za-z0-9_.-]{0,62})\}\}', 'g') m
    where r.pattern = _header_secrets.pattern
$$;
comment on function net._header_secrets(text) is
    'The secrets that headers of a row of net.hosts name, by the SHA-256 of their names.';

create function net.explain(url text) returns table (what text, value text, source text)
    language plpgsql volatile strict
    set search_path = pg_catalog, pg_temp
as $$
declare
    most_per_host constant integer := current_setting('pg_net.max_connections_per_host');
    policy_of_session constant text := nullif(current_setting('pg_net.default_policy'), '');
    target record;
    rules jsonb;
    flow record;
begin
    select * into target from net._explain_url(url);
    -- Each part with the most specific row that has it.
    select jsonb_object_agg(said.part, jsonb_build_object('value', said.text, 'pattern', said.pattern,
            'source', format('net.hosts "%s"', said.pattern)))
        into rules
    from (
        select distinct on (part.name) part.name as part, part.text, h.pattern
        from net.hosts h,
            net._host_rank(h.pattern, target.host, target.port) rank,
            lateral (values
                ('roles', case h.roles when '{}' then 'nobody' else array_to_string(h.roles, ', ') end),
                ('policy', h.policy),
                ('timeout', h.timeout::text),
                ('connect_timeout', h.connect_timeout::text),
                ('max_in_flight', h.max_in_flight::text),
                ('rate', format('%s per %s, %s at once', trim_scale(h.rate), coalesce(h.per, '1 s'),
                    trim_scale(coalesce(h.burst, greatest(1, round(h.rate / extract(epoch from coalesce(h.per, '1 s')), 3)))))),
                ('breaker', case when h.breaker then 'on' else 'off' end),
                ('store', h.store),
                ('paused', case when h.paused then 'yes' else 'no' end),
                ('headers', array_to_string(net._header_names(h.pattern), ', '))
            ) part (name, text)
        where rank > 0 and case part.name
            when 'rate' then h.rate is not null
            when 'breaker' then h.breaker is not null
            when 'paused' then h.paused is not null
            else part.text is not null end
        order by part.name, rank desc) said;

    return query select 'origin', target.origin, null;
    return query select 'allowed', coalesce('no: ' || target.refusal, 'yes'),
        coalesce(target.refused_by, rules #>> '{roles,source}', 'pg_net.allowed_hosts');
    return query select 'roles', rules #>> '{roles,value}', rules #>> '{roles,source}' where rules ? 'roles';
    return query
        select 'policy',
            chosen.name || case when exists (select from net.policies p where p.name = chosen.name) then ''
                else ' (does not exist: one attempt)' end,
            case when policy_of_session is not null then 'pg_net.default_policy' else coalesce(rules #>> '{policy,source}', 'default') end
        from coalesce(policy_of_session, rules #>> '{policy,value}', 'none') chosen (name);
    return query select 'timeout', coalesce(rules #>> '{timeout,value}', '00:00:05'), coalesce(rules #>> '{timeout,source}', 'default');
    return query select 'connect_timeout', coalesce(rules #>> '{connect_timeout,value}', '00:05:00'),
        coalesce(rules #>> '{connect_timeout,source}', 'default');
    return query select 'max_in_flight',
        least(most_per_host, (rules #>> '{max_in_flight,value}')::integer)::text,
        case when (rules #>> '{max_in_flight,value}')::integer < most_per_host then rules #>> '{max_in_flight,source}'
            else 'pg_net.max_connections_per_host' end;
    return query select 'rate', coalesce(rules #>> '{rate,value}', 'no limit'), coalesce(rules #>> '{rate,source}', 'default');
    return query select 'breaker', coalesce(rules #>> '{breaker,value}', 'off; on for webhooks'), coalesce(rules #>> '{breaker,source}', 'default');
    return query select 'store', coalesce(rules #>> '{store,value}', 'all'), coalesce(rules #>> '{store,source}', 'default');
    return query select 'paused', coalesce(rules #>> '{paused,value}', 'no'), coalesce(rules #>> '{paused,source}', 'default');
    return query
        with his as (
            select s.name, net._secret_problem(s.name) as problem,
                exists (select from unnest(s.hosts) pattern
                    where (target.origin like 'https:%' or pattern like 'http://%')
                        and net._host_rank(regexp_replace(pattern, '^http://', ''), target.host, target.port) > 0) as is_for_host
            from net.secrets s)
        select 'header',
            header.name || coalesce((
                select ' (' || string_agg(distinct state.trouble, ', ') || ')'
                from net._header_secrets(rules #>> '{headers,pattern}') named
                    left join his on sha256(convert_to(his.name, 'UTF8')) = named.digest,
                    lateral (values (case
                        when named.missing is not null then format('fails: secret "%s" does not exist', named.missing)
                        when his.name is null then 'not added: it has a secret that the role may not use'
                        when not his.is_for_host then format('not added: secret "%s" is not for this host', his.name)
                        when his.problem is not null then format('fails: secret "%s" %s', his.name, his.problem)
                    end)) state (trouble)
                where named.header = header.name), ''),
            rules #>> '{headers,source}'
        from string_to_table(rules #>> '{headers,value}', ', ') header (name) where header.name <> ''
        union all
        (select 'secret', his.name || coalesce(' (' || his.problem || ')', ''), 'net.secrets'
        from his where his.is_for_host order by his.name);
    return query
        select 'webhook', w.name || coalesce(', signed with ' || w.secret, ', not signed') || case when w.enabled then '' else ', disabled' end,
            'net.webhooks'
        from net.webhooks w where split_part(w.url, '?', 1) = split_part(explain.url collate "C", '?', 1) order by w.name;

    if has_column_privilege('net.hosts', 'ca_bundle', 'SELECT')
        and has_column_privilege('net.hosts', 'client_certificate', 'SELECT')
        and has_column_privilege('net.hosts', 'client_key', 'SELECT') then
        return query
            select file.what, file.name, format('net.hosts "%s"', of_row.pattern)
            from (
                select h.pattern, h.ca_bundle, h.client_certificate, h.client_key
                from net.hosts h, net._host_rank(h.pattern, target.host, target.port) rank
                where rank > 0 and num_nonnulls(h.ca_bundle, h.client_certificate, h.client_key) > 0
                order by rank desc limit 1) of_row,
                lateral (values
                    ('ca_bundle', of_row.ca_bundle), ('client_certificate', of_row.client_certificate),
                    ('client_key', of_row.client_key)) file (what, name)
            where file.name is not null;
    end if;

    select * into flow from net.stat_host s where s.origin = target.origin and s.owner = net._requester() and s.endpoint is null;
    return query
        select now_is.what, now_is.value, 'net.stat_host'
        from (values
            ('waiting', flow.waiting::text), ('in_flight', flow.in_flight::text), ('tokens', flow.tokens::text),
            ('breaker state', flow.breaker), ('paused until', flow.paused_until::text), ('reason', flow.reason)
        ) now_is (what, value)
        where now_is.value is not null;
end $$;
comment on function net.explain(text) is
    'What would apply to a request of the current role to this URL, and which rule says so: whether it is allowed, its policy, timeouts and limits, the names of the headers that would be added and of the secrets that it may use there, the webhooks that go there, and what requests to the host do now. Shows no value of a secret.';


-- What became of each request

create function net._is_sent(request_id bigint) returns boolean
    language c stable strict parallel safe as 'MODULE_PATHNAME', 'pgnet_is_sent';
comment on function net._is_sent(bigint) is
    'Whether a request is in flight, from its first hop until its outcome is recorded.';

create function net._hindrance(owner oid, url text, is_message boolean, holds boolean) returns text
    language c stable strict parallel restricted cost 100 as 'MODULE_PATHNAME', 'pgnet_hindrance';
comment on function net._hindrance(oid, text, boolean, boolean) is
    'Why a role''s requests to the host of a URL, or its messages to that URL, do not start: what holds them back, or only the turns of others. Asks the worker. Null for nothing, and for roles that the caller is not a member of.';

-- As = does, but that the planner expects all rows of it, and neither a hash join nor other processes: the rows of net.requests
-- then come in the order of an index, and a page of them is read and no more.
create function net._is_state_support(internal) returns internal
    language c immutable strict as 'MODULE_PATHNAME', 'pgnet_is_state_support';
comment on function net._is_state_support(internal) is
    'Tells the planner that states are the same.';

create function net._is_state(a text, b text) returns boolean
    language c immutable strict parallel unsafe support net._is_state_support as 'MODULE_PATHNAME', 'pgnet_is_state';
comment on function net._is_state(text, text) is
    'Whether two states are the same.';

-- net.requests reads this with the rights of its reader, who has none on the table.
create view net._details with (security_barrier) as
    select d.id, d.owner, d.attempts, d.duration, d.method, d.url
    from net._response_detail d
    where (select not row_security_active('net._http_response'::regclass)) or pg_has_role(d.owner, 'USAGE');
comment on view net._details is
    'What net.requests shows of requests that have ended, of roles that the reader is a member of.';
comment on column net._details.id is 'The request id.';
comment on column net._details.owner is 'The role that made the request.';
comment on column net._details.attempts is 'How often the request was sent.';
comment on column net._details.duration is 'How long the last attempt took.';
comment on column net._details.method is 'The method of the request.';
comment on column net._details.url is 'The URL of the request.';

-- No secret: whoever makes a request is told the next one. Its cost has plans ask it once, for an index, and not for each row.
create function net._newest_id() returns bigint
    language sql stable security definer cost 10000
    set search_path = pg_catalog, pg_temp
    as $$
    -- Somebody may have set the sequence back, or have ids from elsewhere.
    select greatest(
        pg_sequence_last_value(pg_get_serial_sequence('net.http_request_queue', 'id')::regclass),
        (select max(id) from net.http_request_queue),
        (select max(id) from net._http_response),
        (select max(id) from net.dead_letters))
$$;
comment on function net._newest_id() is
    'The highest id that a request has or had last, of whichever role; null before the first.';

-- A state is joined, not computed, so that a query for one reads only the tables that can have it; and each part says in which
-- order its index has it, so that a page of the newest requests is read along the indexes.
create view net.requests with (security_barrier, security_invoker) as
    (select
        q.id,
        state.name as state,
        case state.name
            when 'scheduled' then format('not before %s', date_trunc('second', d.due))
            when 'queued' then net._hindrance(q.owner, q.url, is_message, false)
            when 'held' then coalesce(
                case when d.key is not null then substr(net._waits_for(q.id), length('request ') + 1) end,
                net._hindrance(q.owner, q.url, is_message, true))
            when 'sending' then 'attempt ' || (d.attempts + 1)
            when 'retrying' then format('attempt %s%s failed%s, %s',
                d.attempts,
                -- What does not count makes the numbers differ.
                case when d.counted = d.attempts then
                    (select format(' of %s', p.max_attempts) from net.policies p where p.name = q.policy and p.max_attempts is not null)
                end,
                case when d.last_status is null then format(': %s', d.last_error) else format(' with status %s', d.last_status) end,
                case when d.due > statement_timestamp() then format('next at %s', date_trunc('second', d.due)) else 'due now' end)
        end as reason,
        q.method::text as method,
        q.url,
        q.owner,
        q.created,
        coalesce(d.attempts, 0) + case state.name when 'sending' then 1 else 0 end as attempts,
        case when state.name in ('scheduled', 'retrying') then d.due end as next_attempt,
        d.last_status as status_code,
        d.last_error as error_msg,
        null::interval as duration
    from net.http_request_queue q
        left join lateral (select * from net._delivery w where w.request_id = q.id offset 0) d
            -- A rewrite of the queue changes versions, and nothing of the requests.
            on (d.version = ((q.xmin::text::int8 << 32) | q.tableoid::int8)
                or d.owner = q.owner and d.first_due = greatest(q.created, q.not_before))
        cross join lateral (select q.webhook is not null or q.sign_with is not null as is_message) m
        cross join lateral (
            select case
                when net._is_sent(q.id) then 'sending'
                when d.due > statement_timestamp() then case when d.attempts > 0 then 'retrying' else 'scheduled' end
                when d.key is not null and net._blocked_by(q.id) is not null then 'held'
                when net._hindrance(q.owner, q.url, is_message, true) is not null then 'held'
                when d.attempts > 0 then 'retrying'
                else 'queued'
            end as state
            offset 0 -- once for each request
        ) it
        join (
            select 'scheduled' as name
            union all select 'queued' as name
            union all select 'held' as name
            union all select 'sending' as name
            union all select 'retrying' as name
        ) state on net._is_state(state.name, it.state)
    order by q.id desc)
    union all
    (select r.id, state.name, null, d.method, d.url, d.owner, r.created, d.attempts, null, r.status_code, r.error_msg, d.duration
    from net._http_response r
        left join lateral (select * from net._details d where d.id = r.id offset 0) d on true
        join (
            select 'succeeded' as name
            union all select 'failed' as name
        ) state on net._is_state(state.name, case when r.error_msg is null and r.status_code < 400 then 'succeeded' else 'failed' end)
    where (select true from net.dead_letters l where l.id = r.id and l.responded = r.created limit 1) is null
    order by r.id desc)
    union all
    select d.id, 'dead',
        case d.reason
            when 'exhausted' then 'exhausted: no attempt, or no time, is left'
            when 'rejected' then 'rejected: its policy does not retry this outcome'
            when 'refused' then 'refused: it cannot be sent as things are'
            when 'expired' then 'expired: it was not begun in time'
            when 'gone' then 'gone: the receiver answered 410, or the webhook is disabled or was dropped'
            when 'callback' then format('callback: function %s was given up', d.on_response)
            else d.reason
        end,
        d.method, d.url, d.owner, d.created, d.attempts, null, d.status_code, d.error_msg, null
    from net.dead_letters d;
comment on view net.requests is
    'One row for each request, in any state. A role sees the requests of the roles that it is a member of.';
comment on column net.requests.id is 'The request id.';
comment on column net.requests.state is
    'scheduled: waits for its delay to pass; queued: waits for its turn; held: a limit, breaker, pause or order key holds it back; sending; retrying: failed and will be sent again; succeeded: status 2xx or 3xx; failed; dead: did not succeed and is kept, see net.retry.';
comment on column net.requests.reason is 'Why it is in this state, in words; null when there is nothing to say.';
comment on column net.requests.method is 'The request method.';
comment on column net.requests.url is 'The URL.';
comment on column net.requests.owner is 'The role that made the request; its members may see it.';
comment on column net.requests.created is 'When the request was made; for state succeeded or failed, when its response was complete.';
comment on column net.requests.attempts is 'How often it was sent, including the attempt in flight. For a dead letter of reason callback, how often the function was called.';
comment on column net.requests.next_attempt is 'When it is sent next, if it is scheduled or retrying.';
comment on column net.requests.status_code is 'The status code of the last attempt, null when no response came.';
comment on column net.requests.error_msg is 'Why no response came, null when one came.';
comment on column net.requests.duration is 'How long the last attempt took, if it succeeded or failed.';


-- What is wrong, and what to do

create function net._health(
    out preloaded boolean,
    out standby boolean,
    out state text,
    out reason text,
    out since timestamptz,
    out ends integer,
    out first_end timestamptz,
    out last_end timestamptz,
    out last_reason text,
    out without_room name[]
)
    language c volatile parallel unsafe as 'MODULE_PATHNAME', 'pgnet_health';
comment on function net._health() is
    'State of the worker of this database, since when, its abnormal ends in a row, and the databases whose workers have no room.';

create function net._amount(n bigint, one text, many text) returns text
    language sql immutable strict parallel safe
    as $$
    select pg_catalog.ltrim(pg_catalog.to_char(n, '999,999,999,999,990')) operator(pg_catalog.||) ' '
        operator(pg_catalog.||) case when n operator(pg_catalog.=) 1 then one else many end
$$;
comment on function net._amount(bigint, text, text) is
    'A number and its unit, for people.';

create function net._span(span interval) returns text
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
    as $$
    select case
        when span < '2 minutes' then format('%s s', round(extract(epoch from span)))
        when span < '2 hours' then format('%s min', round(extract(epoch from span) / 60))
        when span < '2 days' then format('%s h', round(extract(epoch from span) / 3600))
        else format('%s days', round(extract(epoch from span) / 86400))
    end
$$;
comment on function net._span(interval) is
    'A span of time, for people.';

create function net._moment(moment timestamptz) returns text
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
    as $$
    select to_char(moment, case when moment::date = current_date then 'HH24:MI' else 'YYYY-MM-DD HH24:MI' end)
$$;
comment on function net._moment(timestamptz) is
    'A moment, for people.';

create function net._has_lz4() returns boolean
    language sql stable parallel safe
    set search_path = pg_catalog, pg_temp
    as $$
    select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'
$$;
comment on function net._has_lz4() is
    'Whether the server was built with LZ4.';

-- The age of the oldest is no secret; whose it is, and what is in it, is.
create function net._oldest_response() returns timestamptz
    language sql stable parallel safe security definer
    set search_path = pg_catalog, pg_temp
    as $$
    select created from net._http_response order by created limit 1
$$;
comment on function net._oldest_response() is
    'When the oldest response was complete.';

create function net._doctor_worker() returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    health constant record := net._health();
    database constant text := current_database();
    waiting text := '';
    set_aside bigint;
    setting text;
begin
    if not health.preloaded then
        return query select 'stopped', 'pg_net is not in shared_preload_libraries: nothing is sent.',
            'Add it and restart the server.',
            format('alter system set shared_preload_libraries = %s',
                (select string_agg(quote_literal(trim(name)), ', ')
                    from string_to_table(current_setting('shared_preload_libraries') || ',pg_net', ',') name
                    where trim(name) <> '')),
            null::timestamptz;
        return;
    elsif health.standby then
        return query select 'advice', 'This server is a standby: it sends no requests.', 'Ask the primary.', null, null::timestamptz;
        return;
    end if;

    begin
        select format('; %s, the oldest for %s', net._amount(s.queued, 'request waits', 'requests wait'), net._span(s.oldest_queued_age))
            into waiting
            from net.stats s where s.queued > 0;
        waiting := coalesce(waiting, '');
    exception when others then
        waiting := ''; -- the worker is told of all the same
    end;

    if health.state = 'none' then
        setting := concat_ws(', ', nullif(current_setting('pg_net.database_name'), ''), quote_ident(database));
        return query select 'stopped', format('No worker serves database "%s"%s.', database, waiting),
            'Name it in pg_net.database_name, and reload the configuration.',
            format('alter system set pg_net.database_name = %L; select pg_reload_conf();', setting), null::timestamptz;
    elsif health.state = 'no room' or cardinality(health.without_room) > 0 then
        setting := current_setting('max_worker_processes');
        return query select 'stopped', format('No free worker slot: max_worker_processes = %s, all used; %s not served%s.', setting,
                case cardinality(health.without_room)
                    when 0 then format('database "%s" is', database)
                    when 1 then format('database "%s" is', health.without_room[1])
                    else format('databases %s are', (select string_agg(format('"%s"', name), ', ') from unnest(health.without_room) name))
                end,
                case when database = any (health.without_room) or health.state = 'no room' then waiting else '' end),
            'Raise it and restart the server, or set pg_net.idle_stop, so that idle workers make room.',
            format('alter system set max_worker_processes = %s', setting::integer + greatest(8, 2 * cardinality(health.without_room))),
            null::timestamptz;
    elsif health.state = 'failed' then
        return query select 'stopped', format('The worker of "%s" cannot start: %s%s.', database, rtrim(health.reason, '.'), waiting),
            format('See the server''s log at %s. The worker tries again within a minute.', to_char(health.since, 'HH24:MI:SS')),
            null, health.since;
    elsif health.state = 'halted' and current_setting('pg_net.batch_size') = '0' then
        return query select 'stopped', format('Nothing is sent: pg_net.batch_size is 0%s.', waiting),
            'A restored copy? Look at net.requests first, and truncate the queue if it must not go out. Then set it to 200 and reload.',
            'alter system set pg_net.batch_size = 200; select pg_reload_conf();', health.since;
    elsif health.state = 'halted' then
        return query select 'stopped', format('The worker of "%s" sends nothing since %s: %s%s. Nothing is lost%s.', database,
                net._moment(health.since), health.reason,
                case substring(health.reason from 'SQLSTATE (\w{5})')
                    when '53100' then ' (the disk is full)'
                    when '55P03' then ' (a lock is held)'
                    when '25006' then ' (the database is read-only)'
                    when '42501' then ' (a privilege is missing)'
                    else ''
                end, waiting),
            'See the server''s log at that time. Sending resumes by itself when the cause is gone.', null, health.since;
    end if;

    if health.ends > 1 then
        return query select 'stopped', format('The worker of "%s" has ended abnormally %s times in a row in %s; last reason: %s%s.',
                database, health.ends, net._span(health.last_end - health.first_end), health.last_reason, waiting),
            format('See the server''s log at %s.%s', to_char(health.last_end, 'HH24:MI:SS'), case health.last_reason
                when 'out of memory' then ' Raise -Xmx in pg_net.jvm_options, or lower pg_net.max_response_memory.' else '' end),
            null, health.first_end;
    end if;

    set_aside := (select c.set_aside from net._worker_counters() c);
    if set_aside > 0 then
        return query select 'delayed', format('%s cannot be recorded now, while others are.', net._amount(set_aside, 'response', 'responses')),
            'A transaction holds the rows of their requests locked, or a trigger, index or constraint on the tables refuses them:'
                || ' the server''s log says which. They are tried again once a minute.',
            null, null::timestamptz;
    end if;
end $$;
comment on function net._doctor_worker() is
    'Findings of net.doctor() about the worker.';

create function net._doctor_hosts() returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    looked_at constant integer := 10000;
    flow record;
    rule net.hosts.pattern%type;
    tokens_per_second numeric;
    doomed bigint;
    seconds numeric;
begin
    for flow in
        select s.origin, substring(s.origin from '//(.*)$') as host,
            concat(substring(s.origin from '//(.*)$'), ' (' || s.endpoint || ')') as place, sum(s.waiting)::bigint as waiting, min(s.broken_since) as broken_since,
            max(s.paused_until) as paused_until,
            -- Of an endpoint nothing is counted for itself.
            (array_agg(coalesce(s.last_error, s.last_error_there) order by s.last_failed desc nulls last))[1] as last_error,
            bool_or(s.reason = 'paused') as is_paused, max(substring(s.reason from '^rate of (.*)$')) as rated_by,
            array_agg(s.owner) as owners
        from (
            select h.*, last_value(h.last_error) over (partition by h.origin, h.owner order by h.endpoint nulls last
                rows between unbounded preceding and unbounded following) as last_error_there
            from net.stat_host h) s
        group by s.origin, s.endpoint
        having min(s.broken_since) is not null or max(s.paused_until) > clock_timestamp() or bool_or(s.reason = 'paused')
            or bool_or(s.reason like 'rate of %')
        order by waiting desc
        limit 50
    loop
        if flow.broken_since is not null then
            return query select 'delayed', format('%s: breaker open for %s, %s held%s.', flow.place,
                    net._span(clock_timestamp() - flow.broken_since), net._amount(flow.waiting, 'request', 'requests'),
                    ', last error: ' || rtrim(flow.last_error, '.')),
                'Nothing to do if the receiver is down: it is probed every 5 min, more often at first. When it is up again, probe it at once.',
                format('select net.probe(%L)', flow.host), flow.broken_since;
        end if;
        if flow.paused_until > clock_timestamp() then
            select h.pattern, round(h.rate * 0.8, 3) into rule, tokens_per_second
                from net.hosts h, net._explain_url(flow.origin || '/') u, net._host_rank(h.pattern, u.host, u.port) rank
                where rank > 0 and h.rate is not null order by rank desc limit 1;
            return query select 'delayed', format('%s asked us to wait until %s (%s, Retry-After); %s held.', flow.place,
                    net._moment(flow.paused_until), coalesce(flow.last_error, '429'), net._amount(flow.waiting, 'request', 'requests')),
                'Your limit is higher than theirs: give the host a lower rate.',
                case when rule is null then
                    format('insert into net.hosts (pattern, rate) values (%L, 10) on conflict (pattern) do update set rate = excluded.rate',
                        flow.host)
                else format('update net.hosts set rate = %s where pattern = %L', trim_scale(tokens_per_second), rule) end,
                null::timestamptz;
        end if;
        if flow.is_paused then
            select h.pattern into rule
                from net.hosts h, net._explain_url(flow.origin || '/') u, net._host_rank(h.pattern, u.host, u.port) rank
                where rank > 0 and h.paused is not null order by rank desc limit 1;
            return query select 'delayed', format('%s is paused; %s.', flow.host, net._amount(flow.waiting, 'request waits', 'requests wait')),
                'A row of net.hosts pauses it. Set paused to false when requests may go out.',
                format('update net.hosts set paused = false where pattern = %L', rule), null::timestamptz;
        end if;

        continue when flow.rated_by is null;
        select h.rate / extract(epoch from coalesce(h.per, '1 s')) into tokens_per_second
            from net.hosts h where h.pattern = flow.rated_by;
        continue when tokens_per_second is null;
        seconds := flow.waiting / tokens_per_second;
        -- The last ones leave last: of those the queue is looked at from its end.
        select count(*) into doomed
            from (
                select q.url, q.expires, q.owner, row_number() over (order by q.id desc) as from_end,
                    coalesce(p.max_age, case when p.name is not null then interval '7 days' end) as max_age,
                    greatest(q.created, q.not_before) as first_due
                from (select * from net.http_request_queue order by id desc limit looked_at) q
                    left join net.policies p on p.name = q.policy and p.max_attempts is distinct from 1
            ) last
            where (starts_with(lower(last.url), flow.origin)
                    or starts_with(lower(last.url) || '/', regexp_replace(flow.origin, ':(80|443)$', '') || '/'))
                and last.owner = any (flow.owners)
                and least(last.expires, last.first_due + last.max_age)
                    < clock_timestamp() + make_interval(secs => greatest(0, seconds - last.from_end / tokens_per_second)::double precision);
        if doomed > 0 then
            return query select 'losing', format('%s: %s for a rate of %s/s, the last leaves in %s; %s%s will expire first.', flow.host,
                    net._amount(flow.waiting, 'request waits', 'requests wait'), trim_scale(round(tokens_per_second, 6)),
                    net._span(make_interval(secs => seconds::double precision)),
                    case when doomed >= looked_at then 'at least ' else '' end, ltrim(to_char(doomed, '999,999,999,990'))),
                'Raise rate, or cancel what is no longer wanted.',
                format('update net.hosts set rate = %s where pattern = %L', ceil(tokens_per_second * 10), flow.rated_by), null::timestamptz;
        end if;
    end loop;
end $$;
comment on function net._doctor_hosts() is
    'Findings of net.doctor() about hosts: breakers, pauses and rates.';

create function net._doctor_failures() returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    looked_at constant integer := 5000;
begin
    -- What died.
    return query
        select 'losing', format('%s%s to %s died in the last hour (%s%s).',
                case when d.seen >= looked_at then 'At least ' end, net._amount(d.number, 'request', 'requests'),
                coalesce(d.host, 'an unknown host'), d.reason,
                coalesce(', status ' || d.status_code, ', ' || left(d.error_msg, 100))),
            'When the receiver is well, run this. It shows what it would send; with dry_run => false it sends.',
            format('select * from net.retry_all(%L, since => %L)', d.host, date_trunc('second', d.first)), d.first
        from (
            select l.host, l.reason, count(*) as number, min(l.died) as first, sum(count(*)) over () as seen,
                (array_agg(l.status_code order by l.died desc))[1] as status_code,
                (array_agg(l.error_msg order by l.died desc))[1] as error_msg
            from (
                select n.host, n.reason, n.died, n.status_code, n.error_msg
                from net.dead_letters n
                where n.died > now() - interval '1 hour' and n.reason <> 'callback'
                order by n.died desc limit looked_at) l
            group by l.host, l.reason
            order by 3 desc limit 20) d;

    -- Functions of on_response.
    return query
        select 'losing', format('Function %s fails for %s: %s. They are kept.', d.function, net._amount(d.number, 'response', 'responses'),
                rtrim(left(d.error_msg, 200), '.')),
            'Correct it, then run this.',
            format('select net.retry(id) from net.dead_letters where reason = ''callback'' and on_response = %L', d.function), d.first
        from (
            select l.on_response as function, count(*) as number, min(l.died) as first,
                (array_agg(l.error_msg order by l.died desc))[1] as error_msg
            from (
                select n.on_response, n.died, n.error_msg from net.dead_letters n
                where n.reason = 'callback' and n.died > now() - interval '1 day' order by n.died desc limit 5000) l
            group by l.on_response
            order by 2 desc limit 20) d
        union all
        select 'delayed', format('Function %s failed for %s: %s. It is called again, next at %s.', c.function,
                net._amount(c.number, 'response', 'responses'), rtrim(left(c.error_msg, 200), '.'), net._moment(c.due)),
            'Correct it. After six calls a response is kept in net.dead_letters.', null, c.first
        from (
            select l.function, count(*) as number, min(l.responded) as first, min(l.due) as due, min(l.error_msg) as error_msg
            from (
                select b.function, b.responded, b.due, b.error_msg from net._callbacks b
                -- What is noted before the first call may be of one that runs.
                where b.attempts > 1 or b.attempts = 1 and b.error_msg not like 'the function did not end%' limit 10000) l
            group by l.function
            order by 2 desc limit 20) c;

    -- Order keys: heads that wait for a time, and those behind them.
    return query
        select 'delayed', format('Order key "%s": %s behind request %s, %s next %s.', h.order_key,
                net._amount(h.behind, 'request waits', 'requests wait'), h.request_id,
                case when h.attempts = 0 then 'scheduled,'
                    else format('attempt %s%s,', h.attempts + 1, (
                        select format(' of %s', p.max_attempts) from net.policies p
                        where p.name = h.policy and p.max_attempts is not null)) end,
                net._moment(h.due)),
            format('Run this, or net.cancel(%s) to let the others go.', h.request_id),
            format('select net.retry(%s)', h.request_id), h.first_due
        from (
            select l.*, (
                    select count(*) from (
                        select from net._delivery b
                        where b.owner = l.owner and b.key = l.key and b.key is not null and b.request_id <> l.request_id
                        limit 10000) waiting) as behind
            from (
                select d.*, q.order_key, q.policy
                from (
                        select w.request_id, w.attempts, w.due, w.first_due, w.owner, w.key from net._delivery w
                        where w.key is not null and w.due > clock_timestamp() and w.attempts > 0 limit 100) d
                    join net.http_request_queue q on q.id = d.request_id
                order by (
                    select count(*) from (
                        select from net._delivery b where b.owner = d.owner and b.key = d.key and b.key is not null limit 1000) begun) desc
                limit 10) l) h
        where h.behind > 0
        order by h.behind desc;

    -- Secrets: the error says it in the same words for each request.
    return query
        select 'delayed', format('Secret "%s" %s; %s.', f.secret, f.problem, net._amount(f.number, 'request retries', 'requests retry')),
            case when f.problem like 'cannot be read%' then
                'Make the file readable for the server''s user: chown postgres, chmod 400. No reload is needed.'
            else 'Set it with net.set_secret.' end, null, f.first
        from (
            select e.parts[1] as secret, left(e.parts[2], 200) as problem, count(*) as number, min(w.first_due) as first
            from (
                    select d.first_due, d.last_error from net._delivery d join net.http_request_queue q on q.id = d.request_id
                    where starts_with(d.last_error, 'secret "') and d.due > now() - interval '1 day'
                    order by d.first_due desc limit 5000) w,
                regexp_match(w.last_error, '^secret "([^"]+)" (cannot be read.*|does not exist|has no value)') e (parts)
            where e.parts is not null
            group by 1, 2
            order by 3 desc limit 20) f;
end $$;
comment on function net._doctor_failures() is
    'Findings of net.doctor() about requests and functions that fail.';

create function net._doctor_setup() returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- Where rows of others are hidden, few may be seen of however many: only the newest are looked for.
    lowest constant bigint := case when row_security_active('net.http_request_queue') then coalesce(net._newest_id(), 0) - 30000 else 0 end;
    publication record;
begin
    -- Tokens in clear.
    return query
        select 'advice', format('%s of the last %s requests in the queue carry Authorization in plain text (roles: %s).',
                count(*) filter (where l.in_clear), count(*), string_agg(distinct l.owner::regrole::text, ', ') filter (where l.in_clear)),
            'They are in the WAL and in backups. Use a secret from a file: net.set_secret(..., file => ...).', null,
            min(l.created) filter (where l.in_clear)
        from (
            select q.owner, q.created,
                coalesce(net._header(q.headers, 'authorization') not like '%{{%', false) as in_clear
            from (select r.owner, r.created, r.headers from net.http_request_queue r
                where r.id > lowest order by r.id desc limit 1000) q) l
        having count(*) filter (where l.in_clear) > 0;
    if has_column_privilege('net.hosts', 'headers', 'SELECT') then
        return query
            select 'advice', format('Row "%s" of net.hosts has Authorization in plain text.', h.pattern),
                'It is in the WAL and in backups. Use a secret from a file: net.set_secret(..., file => ...).', null, null::timestamptz
            from net.hosts h
            where net._header(h.headers, 'authorization') not like '%{{%';
    end if;

    -- What has gone.
    return query
        select 'losing', format('Policy "%s" does not exist; %s %s.', g.policy, g.what, g.effect),
            'Create it again, or name another one.', null, null::timestamptz
        from (
            select h.policy, format('hosts of row "%s" of net.hosts', h.pattern) as what, 'have one attempt' as effect from net.hosts h
            union all
            select l.policy, net._amount(count(*), 'queued request', 'queued requests'), case count(*) when 1 then 'has one attempt' else 'have one attempt' end
            from (select q.policy from net.http_request_queue q where q.id > lowest order by q.id desc limit 1000) l group by l.policy
            union all
            select substr(c.item, length('pg_net.default_policy=') + 1), 'calls that take it from pg_net.default_policy'
                || coalesce(' of role ' || quote_ident(r.rolname), '') || coalesce(' in database ' || quote_ident(b.datname), ''), 'fail'
            from pg_db_role_setting s
                cross join unnest(s.setconfig) c (item)
                left join pg_roles r on r.oid = s.setrole
                left join pg_database b on b.oid = s.setdatabase
            where c.item like 'pg_net.default_policy=_%'
                and (s.setdatabase = 0 or b.datname = current_database())
                and (s.setrole = 0 or pg_has_role(s.setrole, 'USAGE'))) g
        where g.policy is not null and not exists (select from net.policies p where p.name = g.policy);
    return query
        select 'advice', format('Role "%s" does not exist, and row "%s" of net.hosts names it.', r.name, h.pattern),
            'Create the role, or remove it from the row.',
            format('update net.hosts set roles = array_remove(roles, %L) where pattern = %L', r.name, h.pattern), null::timestamptz
        from net.hosts h, unnest(h.roles) r (name)
        where not exists (select from pg_roles p where p.rolname = r.name);
    return query
        select 'advice', format('Role with OID %s does not exist any more; %s.', l.owner,
                net._amount(count(*), 'queued request is its', 'queued requests are its')),
            'Only superusers see them, and no function of on_response is called for them. Cancel them if they are not wanted.',
            format('select net.cancel(id) from net.http_request_queue where owner = %s', l.owner), min(l.created)
        from (select q.owner, q.created from net.http_request_queue q where q.id > lowest order by q.id desc limit 1000) l
        where not exists (select from pg_roles p where p.oid = l.owner)
        group by l.owner;

    -- Publications.
    for publication in
        select p.pubname, p.puballtables, string_agg(format('%I.%I', t.schemaname, t.tablename), ', ' order by t.tablename) as tables
        from pg_publication p join pg_publication_tables t on t.pubname = p.pubname
        where t.schemaname = 'net'
            and format('%I.%I', t.schemaname, t.tablename)::regclass in (
                select objid from pg_depend
                where classid = 'pg_class'::regclass and deptype = 'e' and refclassid = 'pg_extension'::regclass
                    and refobjid = (select oid from pg_extension where extname = 'pg_net'))
        group by p.pubname, p.puballtables
        order by p.pubname
    loop
        return query select 'advice', format('Publication "%s" carries tables of pg_net: %s.', publication.pubname, publication.tables),
            case when publication.puballtables then
                'Requests, and the tokens in them, go to its subscribers. Name the tables of your own instead of ALL TABLES.'
            else 'Requests, and the tokens in them, go to its subscribers.' end,
            case when publication.puballtables then null
                when exists (select from pg_publication_namespace n
                    where n.pnpubid = (select p.oid from pg_publication p where p.pubname = publication.pubname)
                        and n.pnnspid = 'net'::regnamespace) then
                    format('alter publication %I drop tables in schema net', publication.pubname)
                else format('alter publication %I drop table %s', publication.pubname, publication.tables) end,
            null::timestamptz;
    end loop;

    return query
        select 'advice', format('The server was built without LZ4, and responses have %s on the average.', pg_size_pretty(s.bytes_in / s.done)),
            'A PostgreSQL built with LZ4 compresses large responses in a tenth of the time.', null, null::timestamptz
        from net.stats s where s.done > 0 and s.bytes_in / s.done > 100000 and not net._has_lz4();

    if to_regclass('net.webhooks') is not null then
        return query execute $query$
            select 'losing', format('Webhook "%s" is disabled: %s; %s.', w.name, rtrim(w.disabled_because, '.'),
                    net._amount(k.number, 'event is kept', 'events are kept')),
                'Correct its url, and set enabled to true; then send its dead letters with net.retry_all.',
                format('update net.webhooks set enabled = true where name = %L', w.name), k.first
            from net.webhooks w
                cross join lateral (
                    select count(*) as number, min(d.died) as first
                    from (
                        select l.died from net.dead_letters l
                        -- In the collation of the column, or no index has it.
                        where l.host = lower(substring(w.url, '^[^:/?#]+://(?:[^/?#]*@)?(\[[^]/?#]*\]|[^:/?#]*)') collate "C") collate "default"
                            and l.url = w.url and l.reason = 'gone'
                        limit 100000) d) k
            where w.disabled_because is not null
            limit 20 $query$;
    end if;
end $$;
comment on function net._doctor_setup() is
    'Findings of net.doctor() about the setup: tokens in plain text, policies and roles that are gone, publications, webhooks.';

create function net._doctor_expiry() returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    ttl constant interval := current_setting('pg_net.ttl');
    oldest constant timestamptz := net._oldest_response();
    holder record;
begin
    if oldest is null or oldest >= clock_timestamp() - ttl - greatest(ttl / 10, interval '1 minute') then
        return;
    end if;
    -- Whose transactions these are, everybody may see; since when, roles that have pg_read_all_stats.
    select a.pid, a.usename, a.xact_start into holder
        from pg_stat_activity a
        where a.backend_xmin is not null and a.pid <> pg_backend_pid() and a.xact_start < clock_timestamp() - interval '1 second'
        order by age(a.backend_xmin) desc, a.xact_start limit 1;
    return query select 'delayed', format('Expiry is behind: responses %s old, pg_net.ttl is %s%s.',
            net._span(clock_timestamp() - oldest), net._span(ttl),
            case when holder.pid is not null then format('; the transaction of pid %s (role %s) has held xmin for %s', holder.pid,
                holder.usename, net._span(clock_timestamp() - holder.xact_start)) end),
        case when holder.pid is null then 'See the server''s log: a lock, a trigger or a locked row may keep the worker from deleting.'
            else 'End it, or set idle_in_transaction_session_timeout.' end,
        case when holder.pid is not null then format('select pg_terminate_backend(%s)', holder.pid) end,
        oldest + ttl;
end $$;
comment on function net._doctor_expiry() is
    'Findings of net.doctor() about responses that should have been deleted.';

-- Where a table is locked, the rest is looked at all the same.
create function net._doctor(part text) returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '200ms'
as $$
declare
    holder record;
begin
    return query execute format('select * from net.%I()', '_doctor_' || part);
exception
    when lock_not_available then
        select l.pid, l.relation::regclass as of_table, a.usename, a.xact_start into holder
            from pg_locks l left join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'relation' and l.granted and l.mode in ('AccessExclusiveLock', 'ExclusiveLock')
                and l.database = (select oid from pg_database where datname = current_database())
                and l.relation in (select oid from pg_class where relnamespace = 'net'::regnamespace)
            order by a.xact_start limit 1;
        return query select 'delayed', format('Table %s is locked%s: what it holds could not be looked at.',
                coalesce(holder.of_table::text, 'of schema net'),
                case when holder.pid is not null then format(' by pid %s (role %s)%s', holder.pid, holder.usename,
                    ' for ' || net._span(clock_timestamp() - holder.xact_start)) end),
            'Requests may wait meanwhile. End the transaction that holds the lock.',
            case when holder.pid is not null then format('select pg_terminate_backend(%s)', holder.pid) end, holder.xact_start;
    when others then
        return query select 'advice', format('What concerns the %s could not be looked at: %s.', part, sqlerrm),
            'Check whether objects of the extension were altered.', null, null::timestamptz;
end $$;
comment on function net._doctor(text) is
    'Findings of one part of net.doctor(), or that its tables are locked.';

create function net.doctor() returns table (severity text, finding text, advice text, sql text, since timestamptz)
    language plpgsql volatile
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- Without the library or on a standby the rest would tell of what follows from that.
    parts constant text[] := case when (select h.preloaded and not h.standby from net._health() h)
        then '{worker,hosts,failures,expiry,setup}' else '{worker}' end;
begin
    return query
        select f.severity, f.finding, f.advice, f.sql, f.since
        from (
            select distinct on (p.finding) p.*, part.place
            from unnest(parts) with ordinality part (name, place), net._doctor(part.name) p
            order by p.finding, part.place) f
        order by array_position('{stopped,losing,delayed,advice}', f.severity), f.place, f.since, f.finding;
end $$;
comment on function net.doctor() is
    'Problems, the worst first: stopped, nothing is sent; losing, requests are lost or not delivered; delayed; advice. Each with advice, and SQL to run if there is any. No row if all is well. A role sees findings about its own requests and about the worker.';


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
        select 'routine', oid::regprocedure::text, proowner, proacl, true
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

grant select on
    net.policies, net.http_request_queue, net._delivery, net.attempts, net.dead_letters, net._http_response, net._callbacks,
    net.responses, net._details, net.requests, net.stats, net.stat_host, net.secrets, net._webhooks, net.webhooks
    to public;
-- Not what may hold tokens, and where keys are.
grant select (
    pattern, policy, timeout, connect_timeout, max_in_flight, rate, per, burst, breaker, store, roles, paused, comment
) on net.hosts to public;
grant insert (
    method, url, headers, body, timeout_milliseconds,
    policy, not_before, expires, priority, order_key, on_response, context, secrets, sign_with, store
) on net.http_request_queue to public;

-- Whose a webhook is its policy says, and what it may be its trigger. Columns, since a privilege on the table is one to lock it.
grant insert (
    name, owner, relation, url, events, columns, condition, headers, policy, timeout, format, strict, for_each_row,
    enabled, disabled_because
) on net._webhooks to public;
grant update (
    url, events, columns, condition, headers, policy, timeout, format, secret, strict, for_each_row, enabled
) on net._webhooks to public;
grant update (url, columns, condition, headers, policy, timeout, enabled) on net.webhooks to public;

alter table net.http_request_queue enable row level security;
create policy of_owner on net.http_request_queue
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net.http_request_queue is
    'A request is visible to the role that made it and to its members.';

alter table net._delivery enable row level security;
create policy of_owner on net._delivery
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net._delivery is
    'A row is visible to the role that made the request and to its members.';

alter table net.attempts enable row level security;
create policy of_owner on net.attempts
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net.attempts is
    'An attempt is visible to the role that made the request and to its members.';

alter table net.dead_letters enable row level security;
create policy of_owner on net.dead_letters
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net.dead_letters is
    'A dead letter is visible to the role that made the request and to its members.';

alter table net._http_response enable row level security;
create policy of_owner on net._http_response
    using (net._may_see(id));
comment on policy of_owner on net._http_response is
    'A response is visible to the role that made the request and to its members.';

-- Without a policy: not even members of pg_read_all_data see a value.
alter table net._secret_keys enable row level security;

alter table net._webhooks enable row level security;
create policy of_owner on net._webhooks
    using (pg_catalog.pg_has_role(net._webhook_owner(_webhooks), 'USAGE'));
comment on policy of_owner on net._webhooks is
    'A webhook is visible to the owner of its table and to the members of that role, who may change it.';

alter table net._callbacks enable row level security;
create policy of_owner on net._callbacks
    using (pg_catalog.pg_has_role(owner, 'USAGE'));
comment on policy of_owner on net._callbacks is
    'A callback is visible to the role that made the request and to its members.';

-- A trigger function is called by its trigger whoever writes; this keeps it from tables that are not ours.
revoke execute on function
    net._queue_request(), net._requests_removed(), net._responses_deleted(), net._responses_truncated(), net._check_policy(),
    net._check_callback(), net._schedule(), net._check_host(), net._hosts_changed(), net._secrets_changed(), net._check_webhook()
    from public;

revoke execute on function net.worker_restart() from public;
grant execute on function net.worker_restart() to pg_signal_backend;

-- Requests, responses, dead letters and callbacks are not dumped: a restored copy must not send old requests again.
