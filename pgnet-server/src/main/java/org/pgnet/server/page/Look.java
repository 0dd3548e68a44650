package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.pgnet.server.database.Capabilities;
import org.pgnet.server.database.RoleDatabase;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;
import org.pgnet.server.database.SqlQuery;
import org.pgnet.server.database.Stats;
import org.pgnet.server.web.Query;

/**
 * One look at a page: whose, and with which parameters. What is asked within the same second is asked once, whoever looks.
 *
 * @param path the part of the URL after the page's name
 * @param follows whether a page is kept up to date, for which what takes long is asked more seldom; not one that somebody has
 *     just asked for
 */
public record Look(RoleDatabase database, Capabilities has, String path, Query query, boolean follows) {
    private static final Duration LIVE = Duration.ofMillis(900);
    /** For what changes slowly, or costs more. */
    private static final Duration CALM = Duration.ofSeconds(10);

    private static final Duration OLD = Duration.ofMinutes(1);

    /** Rows as they are now. */
    public List<Row> rows(String sql, Object... arguments) throws SQLException {
        return rows(LIVE, sql, arguments);
    }

    /** Rows of some seconds ago at most. */
    public List<Row> calmRows(String sql, Object... arguments) throws SQLException {
        return rows(CALM, sql, arguments);
    }

    /** Rows of a minute ago at most. */
    public List<Row> oldRows(String sql, Object... arguments) throws SQLException {
        return rows(OLD, sql, arguments);
    }

    /** What net.stats shows. */
    public Row stats() throws SQLException {
        return read("stats", LIVE, Stats::read);
    }

    private List<Row> rows(Duration age, String sql, Object... arguments) throws SQLException {
        String key = sql + "\0" + List.of(arguments);
        return read(key, age, connection -> Sql.rows(connection, sql, arguments));
    }

    private <T> T read(String key, Duration age, SqlQuery<T> query) throws SQLException {
        return follows ? database.follow(key, age, query) : database.read(key, age, query);
    }
}
