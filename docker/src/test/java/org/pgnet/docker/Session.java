package org.pgnet.docker;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** One connection over TCP to the database of a container. Each statement is a transaction. One thread. */
final class Session implements AutoCloseable {
    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** As the role that the container was made with, which is a superuser. */
    static Session on(PostgreSQLContainer container) throws SQLException {
        return on(container, container.getUsername(), container.getPassword());
    }

    static Session on(PostgreSQLContainer container, String role, String password) throws SQLException {
        Session session = new Session(DriverManager.getConnection(container.getJdbcUrl(), role, password));
        session.execute("SET statement_timeout = '30s'");
        return session;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the one row, as text. */
    String query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new AssertionError("no row: " + sql);
            }
            return rows.getString(1);
        }
    }

    /** Asks every 50 ms until the first column of the one row is this text. */
    void awaitResult(String sql, String expected, Duration within) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        String seen = query(sql);
        while (!expected.equals(seen)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + within + ": " + expected + " of " + sql + ", but " + seen);
            }
            Thread.sleep(50);
            seen = query(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
