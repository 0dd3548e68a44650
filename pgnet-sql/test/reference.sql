-- The part of docs/reference.md that the catalogue knows, a line of Markdown each.
with functions as (
    select p.oid, 'net.' || p.proname as name, p.prokind, pg_get_function_result(p.oid) as result,
        obj_description(p.oid, 'pg_proc') as comment,
        (select string_agg(
                format(e'\n    %s%s %s%s',
                    case when p.prokind = 'p' and p.proargmodes[n] = 'b' then 'inout ' end,
                    p.proargnames[n], format_type(p.proargtypes[n - 1], null),
                    ' default ' || regexp_replace(pg_get_function_arg_default(p.oid, n), '::[a-z \[\]]+$', '')),
                ',' order by n) || e'\n'
            from generate_series(1, p.pronargs) n) as arguments,
        case
            when p.proname ~ '^(http_(get|post|delete)|request|fetch|(set|drop)_secret)$' then 1
            when p.proname ~ '^(http_collect_response|await|cancel|retry)$' then 2
            when p.proname ~ '^_(http_collect_response|await_response|urlencode_string|encode_url_with_params_array)$' then 4
            else 3
        end as section
    from pg_proc p
    where p.pronamespace = 'net'::regnamespace
        and (p.proname !~ '^_'
            or p.proname ~ '^_(http_collect_response|await_response|urlencode_string|encode_url_with_params_array)$')
),
relations as (
    select c.oid, c.oid::regclass::text as name, obj_description(c.oid, 'pg_class') as comment,
        case when c.relkind = 'v' then 6 else 5 end as section
    from pg_class c
    where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v')
        and c.relname <> all ('{_response_detail, _details, _probes, _secrets, _secret_keys}')
),
types as (
    select t.oid, t.oid::regtype::text as name, obj_description(t.oid, 'pg_type') as comment
    from pg_type t left join pg_class c on c.oid = t.typrelid
    where t.typnamespace = 'net'::regnamespace and t.typtype in ('c', 'd', 'e') and coalesce(c.relkind, 'c') = 'c'
),
line (section, place, number, text) as (
    select s.section, '', 0, e'## ' || s.title || e'\n'
    from (values (1, 'Requests'), (2, 'Responses'), (3, 'The worker'), (4, 'Kept for programs written for pg_net'),
        (5, 'Tables'), (6, 'Views'), (7, 'Types'), (8, 'Settings')) as s (section, title)
    union all
    select section, name, oid::int, format(
        e'### %s\n\n```sql\n%s%s(%s)%s\n```\n\n%s\n', name, case prokind when 'p' then 'call ' end, name,
        coalesce(arguments, ''), case when prokind <> 'p' then ' returns ' || result end, comment)
    from functions
    union all
    select section, name, 0, format(e'### %s\n\n%s\n\n| column | type | what |\n| --- | --- | --- |', name, comment)
    from relations
    union all
    select r.section, r.name, a.attnum, format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
        col_description(r.oid, a.attnum))
    from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    union all
    select section, name, 9999, '' from relations
    union all
    select 7, '', 1, e'| type | what | of |\n| --- | --- | --- |'
    union all
    select 7, name, 0, format('| `%s` | %s | %s |', name, comment,
        coalesce(
            (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid),
            (select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum)
                from pg_attribute a join pg_type c on c.typrelid = a.attrelid where c.oid = t.oid and attnum > 0),
            'text'))
    from types t
    union all
    select 7, '~', 0, ''
    union all
    select 8, '', 1, e'| setting | default | what | takes effect |\n| --- | --- | --- | --- |'
    union all
    select 8, name, 0, format('| `%s` | %s | %s | %s |', name,
        case
            when name = 'pg_net.libjvm' then 'found at install'
            when boot_val = '' then 'empty'
            when unit = 's' and boot_val !~ '^-' then boot_val || ' s'
            when unit = 'kB' then pg_size_pretty(boot_val::bigint * 1024)
            else boot_val
        end,
        concat_ws(' ', short_desc, extra_desc),
        case context when 'postmaster' then 'server restart' when 'sighup' then 'reload' when 'user' then 'at once' when 'superuser' then 'at once' else context end)
    from pg_settings where name like 'pg_net.%'
    union all
    select 8, '~', 0, ''
)
select text from line order by section, place collate "C", number;
