package org.pgnet.jni;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.pgnet.jni.cluster.PgCluster;

/** A session that makes requests and reads the rows that answer them. Each statement is a transaction. One thread. */
final class Caller implements AutoCloseable {
    private final Connection connection;

    private Caller(Connection connection) {
        this.connection = connection;
    }

    /** As superuser in database postgres. */
    static Caller on(PgCluster cluster) throws SQLException {
        return on(cluster, "postgres");
    }

    static Caller on(PgCluster cluster, String database) throws SQLException {
        Caller caller = new Caller(cluster.connect(database, "postgres"));
        try (Statement statement = caller.connection.createStatement()) {
            statement.execute("SET statement_timeout = '30s'");
        }
        return caller;
    }

    /** The answer to a GET. */
    ResponseRow get(String url) throws SQLException {
        return answer("SELECT net.http_get(?)", url);
    }

    /** The answer to a GET with headers, a JSON object. */
    ResponseRow get(String url, String headers) throws SQLException {
        return answer("SELECT net.http_get(?, headers := ?::jsonb)", url, headers);
    }

    /** The answer to a request without a body. */
    ResponseRow request(String method, String url) throws SQLException {
        return answer("SELECT net.http_request(?, ?)", method, url);
    }

    /** The answer to the request that a statement makes; its first column is the request's id. */
    ResponseRow answer(String call, Object... arguments) throws SQLException {
        return collect(send(call, arguments));
    }

    /** Makes a request and returns its id, the first column of the statement. */
    long send(String call, Object... arguments) throws SQLException {
        return Long.parseLong(text(call, arguments));
    }

    /** Waits for the answer to a request. */
    ResponseRow collect(long id) throws SQLException {
        try (PreparedStatement wait = connection.prepareStatement("SELECT net.http_collect_response(?, false)");
                PreparedStatement read = connection.prepareStatement(
                        "SELECT " + ResponseRow.COLUMNS + " FROM net._http_response WHERE id = ?")) {
            wait.setLong(1, id);
            wait.execute();
            read.setLong(1, id);
            try (ResultSet rows = read.executeQuery()) {
                if (!rows.next()) {
                    throw new AssertionError("no response row of request " + id);
                }
                return ResponseRow.read(rows);
            }
        }
    }

    /** The first column of the first row, as text. */
    String text(String query, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new AssertionError("no row: " + statement);
                }
                return rows.getString(1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
