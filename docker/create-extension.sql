-- Runs when the entrypoint has made a cluster, in its default database, before the scripts of whoever uses the image.
-- Without the library, which `-c shared_preload_libraries=...` can leave out, there is nothing to do.
select current_setting('pg_net.database_name', true) is not null as preloaded \gset
\if :preloaded
    -- That no worker serves this database is true until the server starts anew, at the end of all this.
    set client_min_messages = error;
    set log_min_messages = error;
    create extension if not exists pg_net;

    -- Into the configuration file, where everybody looks for it, and weaker than what is given on the command line.
    \set QUIET on
    \pset format unaligned
    \pset tuples_only on
    select pg_catalog.format(E'pg_net.database_name = \'%s\'',
        replace(replace('"' || replace(current_database(), '"', '""') || '"', E'\\', E'\\\\'), '''', ''''''))
    \g |cat >>"$PGDATA/postgresql.conf"
\else
    \warn 'pg_net is not in shared_preload_libraries: the extension is not made'
\endif
