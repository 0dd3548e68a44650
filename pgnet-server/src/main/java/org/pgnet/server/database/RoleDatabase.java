package org.pgnet.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The database as one role sees it. Its connections end some seconds after the last look. What several pages ask at the same
 * time is asked once. Thread-safe; whoever waits for a connection waits at most five seconds.
 */
public final class RoleDatabase implements AutoCloseable {
    private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final int HOUSEKEEPING_MILLIS = 3_000;
    private static final int MOST_CONNECTIONS = 3;
    private static final int MOST_SHARED = 200;

    private final String role;
    private final HikariDataSource source;
    private final Map<String, Shared> shared = new ConcurrentHashMap<>();
    private final History history = new History();

    /** As a role that has logged in. An empty password is sent as one: it is not looked up anywhere. */
    public RoleDatabase(Connector connector, String role, String password) {
        this(connector, Optional.of(role), Optional.of(password));
    }

    /** As the connector's own role; a password that is not known is looked up in the file of passwords. */
    public RoleDatabase(Connector connector) {
        this(connector, connector.address().role(), connector.address().password());
    }

    private RoleDatabase(Connector connector, Optional<String> role, Optional<String> password) {
        this.role = role.orElse("");
        // How often a pool looks for idle connections, half a minute otherwise: a setting of all pools, by a property
        // alone.
        System.setProperty("com.zaxxer.hikari.housekeeping.periodMs", "" + HOUSEKEEPING_MILLIS);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(connector.address().jdbcUrl());
        config.setDataSourceProperties(connector.ofPages(role, password, LONGEST_STATEMENT));
        config.setPoolName("pgnet-" + System.identityHashCode(this));
        config.setMaximumPoolSize(MOST_CONNECTIONS);
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE.toMillis());
        config.setConnectionTimeout(5_000);
        config.setValidationTimeout(2_000);
        // The pool connects when it is asked, not when it is made.
        config.setInitializationFailTimeout(-1);
        source = new HikariDataSource(config);
    }

    /** The role that logged in. */
    public String role() {
        return role;
    }

    /** What this process has seen of the database's counters. */
    public History history() {
        return history;
    }

    /** Reads. */
    public <T> T read(SqlQuery<T> query) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return query.run(connection);
        }
    }

    /**
     * Reads, or takes what another page was given no longer ago than that.
     *
     * @param key says what is asked, arguments included
     */
    @SuppressWarnings("unchecked")
    public <T> T read(String key, Duration age, SqlQuery<T> query) throws SQLException {
        if (shared.size() > MOST_SHARED) {
            shared.clear();
        }
        Shared entry = shared.computeIfAbsent(key, ignored -> new Shared());
        synchronized (entry) {
            if (entry.value == null || System.nanoTime() - entry.nanoTime >= age.toNanos()) {
                entry.value = read(query);
                entry.nanoTime = System.nanoTime();
            }
            return (T) entry.value;
        }
    }

    /** Runs a statement that changes something, in a transaction of its own, and forgets what was read before. */
    public List<Row> change(String sql) throws SQLException {
        try (Connection connection = source.getConnection()) {
            // The pool rolls back what is not committed, and sets it to commit by itself again.
            connection.setAutoCommit(false);
            Sql.run(connection, "set transaction read write");
            List<Row> rows = Sql.run(connection, sql);
            connection.commit();
            return rows;
        } finally {
            shared.clear();
        }
    }

    /** How many connections there are now. */
    public int connections() {
        return source.getHikariPoolMXBean() == null
                ? 0
                : source.getHikariPoolMXBean().getTotalConnections();
    }

    @Override
    public void close() {
        source.close();
        shared.clear();
    }

    private static final class Shared {
        private Object value;
        private long nanoTime;
    }
}
