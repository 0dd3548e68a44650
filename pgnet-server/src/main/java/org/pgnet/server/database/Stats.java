package org.pgnet.server.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * What net.stats shows, at a cost that does not grow with the queue: rows are counted up to a thousand. Of more, who sees all rows
 * is told the number that PostgreSQL keeps of the table, and others that there are more.
 */
public final class Stats {
    private static final int COUNTED = 1_000;
    private static final String QUERY = """
            select c.*, %s net._worker_state() as worker_state, net._worker_failure() as worker_failure,
                %s, %s, %s, d.scheduled, d.retrying, d.looked > 1000 as scheduled_capped, d.looked > 1000 as retrying_capped,
                (select extract(epoch from clock_timestamp() - created)::float8
                    from net.http_request_queue order by id limit 1) as oldest_seconds
            from net._worker_counters() c,
                -- Those that are due next: an index has the moments, and none the attempts.
                (select count(*) filter (where attempts = 0) as scheduled, count(*) filter (where attempts > 0) as retrying,
                        count(*) as looked
                    from (select attempts from net._delivery where due > '-infinity' order by due limit 1001) w) d, %s, %s, %s %s
            """;

    private Stats() {}

    /** One row, with the columns of net.stats, those that are capped as they are shown too, and the worker's state. */
    public static Row read(Connection connection, Capabilities has) throws SQLException {
        String sql = QUERY.formatted(
                has.latency() ? "l.p50, l.p90, l.p99, l.since," : "",
                counted("net.http_request_queue", "queued"),
                counted("net.dead_letters", "dead"),
                counted("net._callbacks", "callbacks"),
                rows("net.http_request_queue", "queued"),
                rows("net.dead_letters", "dead"),
                rows("net._callbacks", "callbacks"),
                has.latency() ? ", net._latency() l" : "");
        return Sql.row(connection, sql).orElse(new Row(Map.of()));
    }

    /** Whether a figure is only a lower bound. */
    public static boolean isCapped(Row stats, String figure) {
        return stats.flag(figure + "_capped");
    }

    private static String counted(String table, String name) {
        String rows = "of_" + name + ".rows";
        String all = "not row_security_active('" + table + "')";
        return "case when " + rows + " > " + COUNTED + " and " + all + " then greatest(" + rows
                + ", pg_stat_get_live_tuples('" + table + "'::regclass)) else " + rows + " end as " + name + ", " + rows
                + " > " + COUNTED + " and not (" + all + ") as " + name + "_capped";
    }

    /** Counted once: where row-level security hides most rows, that takes longest. */
    private static String rows(String table, String name) {
        return "(select count(*) as rows from (select from " + table + " limit " + (COUNTED + 1) + ") t) of_" + name;
    }
}
