package org.pgnet.jni;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.jni.cluster.Eventually;
import org.pgnet.jni.cluster.PgCluster;

/** One connection to a cluster. Each statement is a transaction, unless {@code BEGIN} was executed. One thread. */
final class Session implements AutoCloseable {
    /** Far longer than any request of the tests takes, and short enough to wait for. */
    private static final String LONGEST_WAIT = "30s";

    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** As superuser in database postgres. */
    static Session on(PgCluster cluster) throws SQLException {
        return on(cluster, "postgres", "postgres");
    }

    static Session on(PgCluster cluster, String database, String role) throws SQLException {
        Session session = new Session(cluster.connect(database, role));
        session.execute("SET statement_timeout = '" + LONGEST_WAIT + "'");
        return session;
    }

    void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row, as text; empty when there is no row or it is null. */
    Optional<String> query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        }
    }

    /** The number in the first column of the first row, which must be there. */
    long number(String sql) throws SQLException {
        return Long.parseLong(query(sql).orElseThrow());
    }

    /** The first column of every row, as text. */
    List<String> column(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    /** Runs a statement, and returns the messages of the warnings and notices that it raised. */
    List<String> notices(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            List<String> messages = new ArrayList<>();
            for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                messages.add(notice.getMessage());
            }
            return messages;
        }
    }

    /** Calls {@code net.http_get}, and returns the request id. */
    long get(String url) throws SQLException {
        return number("SELECT net.http_get('" + url + "')");
    }

    /** Waits for a response: status, message, status code and body, as far as there are. */
    String collect(long id) throws SQLException {
        return collect(id, false);
    }

    /** What becomes or became of a request: status, message, status code and body, as far as there are. */
    String collect(long id, boolean async) throws SQLException {
        return query("SELECT concat_ws('|', status, message, (response).status_code, (response).body)"
                        + " FROM net.http_collect_response(" + id + ", async := " + async + ")")
                .orElseThrow();
    }

    /** Waits until the query's result is this number. */
    void await(String sql, long expected) {
        Eventually.until(sql + " = " + expected, Duration.ofSeconds(30), () -> number(sql) == expected);
    }

    /** The process of the server that this connection speaks to. */
    long pid() throws SQLException {
        return number("SELECT pg_backend_pid()");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
