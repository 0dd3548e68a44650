package org.pgnet.server.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * What net.stats shows, with the worker's state. The figures are those of the whole database, for every role the same: counted
 * where row-level security hides rows, they would cost the more, the fewer a role sees.
 */
public final class Stats {
    private static final String QUERY = """
            select s.*, extract(epoch from s.oldest_queued_age)::float8 as oldest_seconds,
                net._worker_state() as worker_state, net._worker_failure() as worker_failure
            from net.stats s
            """;

    private Stats() {}

    /** One row. */
    public static Row read(Connection connection) throws SQLException {
        return Sql.row(connection, QUERY).orElse(new Row(Map.of()));
    }
}
