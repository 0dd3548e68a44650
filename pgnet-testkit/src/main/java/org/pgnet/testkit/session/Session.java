package org.pgnet.testkit.session;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.testkit.machine.Eventually;

/**
 * One connection to a database, for statements and for requests. Each statement is a transaction, unless {@code BEGIN} was
 * executed. Arguments of a statement take the places of its question marks. One thread.
 */
public final class Session implements AutoCloseable {
    /** Far longer than any request of the tests takes, and short enough to wait for. */
    private static final String LONGEST_WAIT = "30s";

    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** On a connection that was made already; its statements may take any time. */
    public static Session of(Connection connection) {
        return new Session(connection);
    }

    /** A connection whose statements may take 30 seconds each. */
    public static Session open(String jdbcUrl, String role, String password) throws SQLException {
        Session session = new Session(DriverManager.getConnection(jdbcUrl, role, password));
        session.execute("SET statement_timeout = '" + LONGEST_WAIT + "'");
        return session;
    }

    // ---- statements

    /** Runs statements without arguments, one after the other. */
    public void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row, as text; empty when there is no row or it is null. */
    public Optional<String> query(String sql, Object... arguments) throws SQLException {
        return read(sql, arguments, rows -> rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty());
    }

    /** The first column of the first row, which must be there, as text; null when it is null. */
    public String text(String sql, Object... arguments) throws SQLException {
        return read(sql, arguments, rows -> {
            if (!rows.next()) {
                throw new AssertionError("no row: " + sql);
            }
            return rows.getString(1);
        });
    }

    /** The number in the first column of the first row, which must be there. */
    public long number(String sql, Object... arguments) throws SQLException {
        return Long.parseLong(query(sql, arguments).orElseThrow());
    }

    /** The first column of every row, as text. */
    public List<String> column(String sql, Object... arguments) throws SQLException {
        return read(sql, arguments, rows -> {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        });
    }

    /** Runs a statement, and returns the messages of the warnings and notices that it raised. */
    public List<String> notices(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            List<String> messages = new ArrayList<>();
            for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                messages.add(notice.getMessage());
            }
            return messages;
        }
    }

    /** Waits until the query's result is this number; there may be no row at first. */
    public void await(String sql, long expected) {
        await(sql, Long.toString(expected), Duration.ofSeconds(30));
    }

    /** Waits until the query's result is this text; there may be no row at first. */
    public void await(String sql, String expected, Duration within) {
        Eventually.until(sql + " = " + expected, within, () -> query(sql).equals(Optional.of(expected)));
    }

    // ---- requests

    /** Calls {@code net.http_get}, and returns the request id. */
    public long get(String url) throws SQLException {
        return number("SELECT net.http_get('" + url + "')");
    }

    /** Makes a request and returns its id, the first column of the statement. */
    public long send(String call, Object... arguments) throws SQLException {
        return number(call, arguments);
    }

    /** Waits for a response: status, message, status code and body, as far as there are. */
    public String collect(long id) throws SQLException {
        return collect(id, false);
    }

    /** What becomes or became of a request: status, message, status code and body, as far as there are. */
    public String collect(long id, boolean async) throws SQLException {
        return query("SELECT concat_ws('|', status, message, (response).status_code, (response).body)"
                        + " FROM net.http_collect_response(" + id + ", async := " + async + ")")
                .orElseThrow();
    }

    /** The row that answers a GET. */
    public ResponseRow fetch(String url) throws SQLException {
        return answer("SELECT net.http_get(?)", url);
    }

    /** The row that answers a GET with headers, a JSON object. */
    public ResponseRow fetch(String url, String headers) throws SQLException {
        return answer("SELECT net.http_get(?, headers := ?::jsonb)", url, headers);
    }

    /** The row that answers a request without a body. */
    public ResponseRow request(String method, String url) throws SQLException {
        return answer("SELECT net.request(method => ?, url => ?)", method, url);
    }

    /** The row that answers the request that a statement makes; its first column is the request's id. */
    public ResponseRow answer(String call, Object... arguments) throws SQLException {
        return answerTo(send(call, arguments));
    }

    /** Waits for the row that answers a request. */
    public ResponseRow answerTo(long id) throws SQLException {
        query("SELECT net.http_collect_response(?, false)", id);
        return read("SELECT " + ResponseRow.COLUMNS + " FROM net.responses WHERE id = ?", new Object[] {id}, rows -> {
            if (!rows.next()) {
                throw new AssertionError("no response row of request " + id);
            }
            return ResponseRow.read(rows);
        });
    }

    // ---- the connection

    /** The process of the server that this connection speaks to. */
    public long pid() throws SQLException {
        return number("SELECT pg_backend_pid()");
    }

    /** For what only JDBC can say. It ends with this session. */
    public Connection connection() {
        return connection;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    /** Without arguments a question mark is an operator: the statement is not prepared then. */
    private <T> T read(String sql, Object[] arguments, Reader<T> reader) throws SQLException {
        if (arguments.length == 0) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                return reader.read(rows);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                return reader.read(rows);
            }
        }
    }
}
