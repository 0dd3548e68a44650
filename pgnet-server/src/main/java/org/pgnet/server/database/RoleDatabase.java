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
 * time is asked once, and what takes long is asked seldom for pages that are only kept up to date. Thread-safe; whoever waits for
 * a connection waits at most five seconds.
 */
public final class RoleDatabase implements AutoCloseable {
    private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final int HOUSEKEEPING_MILLIS = 3_000;
    /** A connection that was used so long ago is not tried before it is used again; the pool's default is half a second. */
    private static final int UNTRIED_MILLIS = 2_500;

    /** So that no question takes more than half a percent of a processor, however long the page is open. */
    private static final int PAUSES = 200;

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int MOST_CONNECTIONS = 3;
    private static final int MOST_SHARED = 200;
    private static final String QUERY_CANCELED = "57014";

    private final String role;
    private final HikariDataSource source;
    private final Map<String, Shared> shared = new ConcurrentHashMap<>();
    private final History history = new History();
    /** Whoever follows asks while holding this. */
    private final Object turn = new Object();

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
        // How often a pool looks for idle connections, half a minute otherwise: settings of all pools, by properties
        // alone.
        System.setProperty("com.zaxxer.hikari.housekeeping.periodMs", "" + HOUSEKEEPING_MILLIS);
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "" + UNTRIED_MILLIS);
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
    public <T> T read(String key, Duration age, SqlQuery<T> query) throws SQLException {
        return read(key, age, 0, query);
    }

    /**
     * Reads for a page that is kept up to date. What took long, or was given up, is asked again after a pause of two hundred times
     * as long. Such pages take turns, so that one connection is enough for them: another one would end between two looks, and a
     * login takes longer than what they ask.
     */
    public <T> T follow(String key, Duration age, SqlQuery<T> query) throws SQLException {
        return read(key, age, PAUSES, query);
    }

    @SuppressWarnings("unchecked")
    private <T> T read(String key, Duration age, int pauses, SqlQuery<T> query) throws SQLException {
        if (shared.size() > MOST_SHARED) {
            shared.clear();
        }
        Shared entry = shared.computeIfAbsent(key, ignored -> new Shared());
        synchronized (entry) {
            if (entry.isOlderThan(age, pauses)) {
                synchronized (pauses > 0 ? turn : entry) {
                    ask(entry, query);
                }
            }
            return (T) entry.answer();
        }
    }

    private void ask(Shared entry, SqlQuery<?> query) throws SQLException {
        try (Connection connection = source.getConnection()) {
            entry.ask(connection, query);
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

    /** An answer, or that it was not waited for longer. */
    private static final class Shared {
        private Object answer;
        private SQLException failure;
        private long endedNanos;
        private long tookNanos;

        void ask(Connection connection, SqlQuery<?> query) throws SQLException {
            long began = System.nanoTime();
            answer = null;
            failure = null;
            try {
                answer = query.run(connection);
            } catch (SQLException e) {
                if (!QUERY_CANCELED.equals(e.getSQLState())) {
                    throw e;
                }
                failure = e;
            }
            endedNanos = System.nanoTime();
            tookNanos = endedNanos - began;
        }

        boolean isOlderThan(Duration age, int pauses) {
            if (answer == null && failure == null) {
                return true;
            }
            long pause = Math.min(pauses * tookNanos, LONGEST_PAUSE.toNanos());
            return System.nanoTime() - endedNanos >= Math.max(answer == null ? 0 : age.toNanos(), pause);
        }

        Object answer() throws SQLException {
            if (failure != null) {
                throw failure;
            }
            return answer;
        }
    }
}
