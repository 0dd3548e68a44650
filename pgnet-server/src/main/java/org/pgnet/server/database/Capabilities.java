package org.pgnet.server.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * What the extension of this database has, and what the role may do with it: an older one has less.
 *
 * @param installed whether there is an extension
 * @param rowsMayBeHidden whether row-level security shows the role some rows alone, and how old an id is can be known
 */
public record Capabilities(
        boolean installed,
        boolean requests,
        boolean latency,
        boolean doctor,
        boolean webhooks,
        boolean secrets,
        boolean mayChangeHosts,
        boolean mayProbe,
        boolean rowsMayBeHidden) {
    private static final String QUERY = """
            select to_regclass('net.http_request_queue') is not null
                    and has_schema_privilege(coalesce(to_regnamespace('net'), 'pg_catalog'::regnamespace), 'USAGE') as installed,
                to_regclass('net.requests') is not null as requests,
                to_regprocedure('net._latency()') is not null as latency,
                to_regprocedure('net.doctor()') is not null as doctor,
                to_regclass('net.webhooks') is not null as webhooks,
                to_regclass('net.secrets') is not null as secrets,
                coalesce(has_table_privilege(to_regclass('net.hosts'), 'INSERT')
                    and has_table_privilege(to_regclass('net.hosts'), 'UPDATE'), false) as may_change_hosts,
                coalesce(has_function_privilege(to_regprocedure('net.probe(text)'), 'EXECUTE')
                    and has_table_privilege(to_regclass('net.hosts'), 'UPDATE'), false) as may_probe,
                coalesce(row_security_active(to_regclass('net._http_response')::oid), false)
                    and to_regprocedure('net._newest_id()') is not null as rows_may_be_hidden
            """;

    public static Capabilities of(Connection connection) throws SQLException {
        Row row = Sql.row(connection, QUERY).orElse(new Row(Map.of()));
        return new Capabilities(
                row.flag("installed"),
                row.flag("requests"),
                row.flag("latency"),
                row.flag("doctor"),
                row.flag("webhooks"),
                row.flag("secrets"),
                row.flag("may_change_hosts"),
                row.flag("may_probe"),
                row.flag("rows_may_be_hidden"));
    }
}
