package org.pgnet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/**
 * A throwaway cluster with PostgreSQL's defaults and pg_net, a session on it, and {@code bare_queue}: a table of the same
 * columns as the queue with its primary key, and nothing else of it. One thread.
 */
final class Database implements AutoCloseable {
    /** As the C program does: a request that a busy machine delays counts with its delay. */
    static final String PATIENTLY = "timeout_milliseconds := 60000";

    /** A row as {@code net.http_get} makes it; to be completed with an address and FROM. */
    static final String BARE_INSERT =
            "INSERT INTO bare_queue (method, url, headers, timeout_milliseconds, owner, created)"
                    + " SELECT 'GET', '%s', '{}', 5000, 10, clock_timestamp()";

    private static final String BARE_QUEUE = """
            CREATE TABLE bare_queue (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                method text NOT NULL,
                url text NOT NULL,
                headers jsonb,
                body bytea,
                timeout_milliseconds integer NOT NULL,
                owner oid NOT NULL,
                created timestamptz NOT NULL
            )""";

    private final PgCluster cluster;
    private final Thread atInterrupt = new Thread(this::kill);
    private volatile long postmaster;
    private Session session;

    private Database(PgCluster cluster) throws SQLException {
        this.cluster = cluster;
        postmaster = postmaster();
        Runtime.getRuntime().addShutdownHook(atInterrupt);
        session = Session.of(cluster.connect());
        cluster.execute("CREATE EXTENSION pg_net", BARE_QUEUE);
        cluster.awaitWorker();
    }

    /** A cluster whose worker runs. Further settings are lines of postgresql.conf. */
    static Database start(String... settings) throws SQLException {
        List<String> lines = new ArrayList<>(List.of("fsync = on"));
        lines.addAll(List.of(settings));
        PgCluster cluster = PgCluster.started(lines.toArray(String[]::new));
        try {
            return new Database(cluster);
        } catch (SQLException e) {
            cluster.close();
            throw e;
        }
    }

    /** Another session. */
    Connection connect() throws SQLException {
        return cluster.connect();
    }

    int port() {
        return cluster.port();
    }

    WorkerProcess worker() {
        return new WorkerProcess(cluster.awaitWorker());
    }

    void execute(String... statements) throws SQLException {
        session.execute(statements);
    }

    /** The first column of the first row, as text; empty when there is no row or it is null. */
    Optional<String> query(String sql) throws SQLException {
        return session.query(sql);
    }

    long number(String sql) throws SQLException {
        return session.number(sql);
    }

    /** The first column of each row, as numbers. */
    List<Double> numbers(String sql) throws SQLException {
        return session.column(sql).stream().map(Double::valueOf).toList();
    }

    /** Seconds that statements took, the commit of each included. */
    double timed(String... statements) throws SQLException {
        long start = System.nanoTime();
        execute(statements);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Makes GETs in one transaction, and returns when it has committed. */
    void get(int count, String url) throws SQLException {
        execute("SELECT count(net.http_get('" + url + "', " + PATIENTLY + ")) FROM generate_series(1, " + count + ")");
    }

    /** Changes a setting that a reload is enough for. The worker may see it a little later than this session does. */
    void set(String name, String value) throws SQLException {
        execute("ALTER SYSTEM SET " + name + " = '" + value + "'", "SELECT pg_reload_conf()");
        Eventually.until(
                name + " = " + value,
                Duration.ofSeconds(10),
                () -> query("SELECT current_setting('" + name + "')").equals(Optional.of(value)));
    }

    /**
     * Waits until no request has no response. It sleeps in the server until the newest one is answered: hardly ever are
     * others left then, so the wait costs next to nothing.
     */
    void awaitEmptyQueue() throws SQLException {
        OptionalLong newest = newestQueued();
        while (newest.isPresent()) {
            execute("SELECT net.http_collect_response(" + newest.getAsLong() + ", async := false)");
            newest = newestQueued();
        }
    }

    private OptionalLong newestQueued() throws SQLException {
        Optional<String> id = query("SELECT id FROM net.http_request_queue ORDER BY id DESC LIMIT 1");
        return id.isPresent() ? OptionalLong.of(Long.parseLong(id.get())) : OptionalLong.empty();
    }

    /** Fails unless exactly so many responses are there, all with status 200. */
    void checkResponses(long expected) throws SQLException {
        String found = query(
                        "SELECT concat_ws(', ', count(*), count(*) FILTER (WHERE status_code = 200), min(error_msg))"
                                + " FROM net._http_response")
                .orElseThrow();
        if (!found.equals(expected + ", " + expected)) {
            throw new AssertionError(
                    "expected " + expected + " responses with status 200, but all, those, error: " + found);
        }
    }

    /** Empty tables, and nothing left for a checkpoint to do, so that rounds begin alike. */
    void clean() throws SQLException {
        execute("TRUNCATE net._http_response, net.http_request_queue, bare_queue", "CHECKPOINT");
    }

    /** Stops the server in order. The session ends. */
    void stop() throws SQLException {
        session.close();
        cluster.stop(StopMode.FAST);
    }

    /** Starts the stopped server. */
    void startAgain() throws SQLException {
        cluster.start();
        postmaster = postmaster();
        session = Session.of(cluster.connect());
    }

    @Override
    public void close() throws SQLException {
        session.close();
        cluster.close();
        Runtime.getRuntime().removeShutdownHook(atInterrupt);
    }

    private long postmaster() {
        try {
            return Long.parseLong(
                    Files.readAllLines(cluster.data().resolve("postmaster.pid")).get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** When somebody interrupts the run: an immediate stop, since the files go at the same time. */
    private void kill() {
        Command.run(Path.of("/"), Map.of(), List.of("sh", "-c", "kill -QUIT " + postmaster));
    }
}
