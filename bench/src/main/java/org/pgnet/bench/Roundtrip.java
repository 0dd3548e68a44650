package org.pgnet.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A client that makes a request and waits for its response. It sleeps in {@code net.http_collect_response} meanwhile, so
 * what it costs is two statements; the second's way to the server and back counts as part of the latency. One thread.
 */
final class Roundtrip implements AutoCloseable {
    private final Connection connection;
    private final PreparedStatement get;
    private final PreparedStatement collect;

    /** Owns the connection. */
    Roundtrip(Connection connection, String url) throws SQLException {
        this.connection = connection;
        get = connection.prepareStatement("SELECT net.http_get('" + url + "')");
        collect = connection.prepareStatement("SELECT status FROM net.http_collect_response(?, async := false)");
    }

    /** Makes a request and returns its id when it is committed. */
    long commit() throws SQLException {
        try (ResultSet row = get.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Makes a request; milliseconds from the moment its commit was confirmed until its response was seen. */
    double millisToResponse() throws SQLException {
        long id = commit();
        long committed = System.nanoTime();
        collect.setLong(1, id);
        try (ResultSet row = collect.executeQuery()) {
            row.next();
            double millis = (System.nanoTime() - committed) / 1e6;
            if (!row.getString(1).equals("SUCCESS")) {
                throw new AssertionError("request " + id + ": " + row.getString(1));
            }
            return millis;
        }
    }

    @Override
    public void close() throws SQLException {
        get.close();
        collect.close();
        connection.close();
    }
}
