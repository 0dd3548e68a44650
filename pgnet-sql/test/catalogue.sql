-- Everything the catalogue holds of the extension, a line each, but for OIDs, attribute numbers and the schema that the
-- extension is registered in (and pg_attver, a mark that some releases of the server put on columns). Privileges that are
-- the default are the same whether they are written out or not: pg_dump leaves them out. Two installations
-- are alike when this gives the same lines.
with schema as (select oid from pg_namespace where nspname = 'net'),
relation as (
    select c.*, c.oid::regclass::text as name
    from pg_class c join schema on c.relnamespace = schema.oid
),
function as (
    select p.*, p.oid::regprocedure::text as name
    from pg_proc p join schema on p.pronamespace = schema.oid
),
type as (
    select t.*, t.oid::regtype::text as name
    from pg_type t join schema on t.typnamespace = schema.oid
),
line (kind, name, rest) as (
    select 'extension', extname::text, concat_ws(' ', extversion, extrelocatable, extowner::regrole, extconfig::regclass[], extcondition)
    from pg_extension where extname = 'pg_net'
    union all
    select 'member', pg_describe_object(classid, objid, objsubid), ''
    from pg_depend
    where refclassid = 'pg_extension'::regclass and deptype = 'e'
        and refobjid = (select oid from pg_extension where extname = 'pg_net')
    union all
    select 'schema', nspname::text, concat_ws(' ', nspowner::regrole,
        (select array_agg(item::text order by item::text)
            from unnest(coalesce(nspacl, acldefault('n', nspowner))) item))
    from pg_namespace where nspname = 'net'
    union all
    select 'relation', name, concat_ws(' ', relkind, relpersistence, relowner::regrole, relrowsecurity,
        relforcerowsecurity, relreplident, relhasrules, reloptions,
        (select array_agg(item::text order by item::text)
            from unnest(coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) item))
    from relation
    union all
    select 'column', relation.name || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'not null' end, a.attidentity, a.attgenerated, a.attstorage, a.attcompression,
        a.attcollation::regcollation, a.atthasmissing, a.attislocal, a.attacl,
        (select array_agg(option) from unnest(a.attoptions) option where option not like 'pg_attver=%'),
        pg_get_expr(d.adbin, d.adrelid))
    from relation
        join pg_attribute a on a.attrelid = relation.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    union all
    select 'place of column', relation.name,
        string_agg(a.attname, ', ' order by a.attnum)
    from relation join pg_attribute a on a.attrelid = relation.oid and a.attnum > 0 and not a.attisdropped
    group by relation.name
    union all
    select 'constraint', coalesce(relation.name, type.name) || ' ' || conname,
        concat_ws(' ', pg_get_constraintdef(k.oid), convalidated, condeferrable, connoinherit)
    from pg_constraint k
        left join relation on relation.oid = k.conrelid
        left join type on type.oid = k.contypid
    where relation.oid is not null or type.oid is not null
    union all
    select 'index', i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), indisprimary, indisvalid,
        indisclustered)
    from pg_index i join relation on relation.oid = i.indrelid
    union all
    select 'trigger', relation.name || ' ' || tgname, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled)
    from pg_trigger t join relation on relation.oid = t.tgrelid where not tgisinternal
    union all
    select 'policy', relation.name || ' ' || polname, concat_ws(' ', polcmd, polpermissive, polroles::regrole[],
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    from pg_policy p join relation on relation.oid = p.polrelid
    union all
    select 'view', name, pg_get_viewdef(oid) from relation where relkind = 'v'
    union all
    select 'sequence', name, concat_ws(' ', format_type(seqtypid, null), seqstart, seqincrement, seqmax, seqmin, seqcache,
        seqcycle)
    from pg_sequence s join relation on relation.oid = s.seqrelid
    union all
    select 'function', name, concat_ws(' ', pg_get_functiondef(oid), proowner::regrole,
        (select array_agg(item::text order by item::text)
            from unnest(coalesce(proacl, acldefault('f', proowner))) item))
    from function
    union all
    select 'type', name, concat_ws(' ', typtype, typowner::regrole, typnotnull, typdefault,
        format_type(typbasetype, typtypmod),
        (select array_agg(item::text order by item::text)
            from unnest(coalesce(typacl, acldefault('T', typowner))) item),
        (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = type.oid))
    from type where typtype <> 'b'
    union all
    select 'dependency', pg_describe_object(classid, objid, objsubid),
        deptype::text || ' ' || pg_describe_object(refclassid, refobjid, refobjsubid)
    from pg_depend
    where (classid = 'pg_class'::regclass and objid in (select oid from relation)
            or classid = 'pg_proc'::regclass and objid in (select oid from function)
            or classid = 'pg_attrdef'::regclass and objid in (
                select d.oid from pg_attrdef d join relation on relation.oid = d.adrelid))
        and (refclassid, refobjid) not in (select 'pg_extension'::regclass, oid from pg_extension)
    union all
    select 'comment', pg_describe_object(classoid, objoid, objsubid), description
    from pg_description
    where objoid in (
        select oid from schema
        union all select oid from relation
        union all select oid from function
        union all select oid from type
        union all select t.oid from pg_trigger t join relation on relation.oid = t.tgrelid
        union all select p.oid from pg_policy p join relation on relation.oid = p.polrelid
        union all select oid from pg_extension where extname = 'pg_net')
    union all
    select 'initial privileges', pg_describe_object(classoid, objoid, objsubid),
        (select array_agg(item::text order by item::text) from unnest(initprivs) item)::text
    from pg_init_privs
    where objoid in (
        select oid from schema
        union all select oid from relation
        union all select oid from function
        union all select oid from type)
        and not exists (
            select from (
                select oid, acldefault('f', proowner) as acl from function
                union all select oid, acldefault('T', typowner) from type
                union all select oid, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)
                from relation
            ) standard
            where standard.oid = objoid and standard.acl @> initprivs and initprivs @> standard.acl)
)
select concat_ws(' | ', kind, name, rest) from line order by 1;
