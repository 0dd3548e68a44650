package org.pgnet.server.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/** Connections to the database of an address. Thread-safe. */
public final class Connector {
    private static final int CONNECT_SECONDS = 5;

    private final ServerAddress address;

    public Connector(ServerAddress address) {
        this.address = address;
    }

    public ServerAddress address() {
        return address;
    }

    /** A connection as the address's own role, for a command; its statements may take any time. */
    public Connection open() throws SQLException {
        return DriverManager.getConnection(address.jdbcUrl(), properties(address.role(), address.password(), "pgnet"));
    }

    /** A connection as a role. An empty password is sent as one: it is not looked up anywhere. */
    public Connection open(String role, String password) throws SQLException {
        return DriverManager.getConnection(
                address.jdbcUrl(), properties(Optional.of(role), Optional.of(password), "pgnet ui"));
    }

    /** Whether a role may connect with a password: an SQLException says that it may not, or that nobody can. */
    public void check(String role, String password) throws SQLException {
        open(role, password).close();
    }

    /**
     * Those of a connection for pages: it only reads, names are the system's, and each statement has a time limit, one process and
     * no compiler.
     */
    Properties ofPages(Optional<String> role, Optional<String> password, Duration longestStatement) {
        Properties properties = properties(role, password, "pgnet ui");
        properties.setProperty(
                "options",
                "-c statement_timeout=" + longestStatement.toMillis()
                        + " -c default_transaction_read_only=on -c search_path=pg_catalog"
                        + " -c lock_timeout=" + longestStatement.toMillis()
                        + " -c max_parallel_workers_per_gather=0 -c jit=off"
                        + " -c idle_in_transaction_session_timeout=30000");
        properties.setProperty("socketTimeout", "15");
        return properties;
    }

    private Properties properties(Optional<String> role, Optional<String> password, String application) {
        Properties properties = address.properties();
        role.ifPresent(name -> properties.setProperty("user", name));
        password.ifPresent(text -> properties.setProperty("password", text));
        properties.setProperty("ApplicationName", application);
        properties.setProperty("connectTimeout", "" + CONNECT_SECONDS);
        properties.setProperty("loginTimeout", "" + CONNECT_SECONDS);
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
    }
}
