package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.machine.Eventually;

/** A cluster of a test's own, and the memory of its worker. */
final class BoundedWorker implements AutoCloseable {
    /** With {@code -Dbounds.full=true} as much as anybody asks for, which takes many minutes. */
    static final boolean FULL = Boolean.getBoolean("bounds.full");

    static final Duration WITHIN = Duration.ofSeconds(FULL ? 1_800 : 120);

    /**
     * Megabytes of the worker's own: a part of the heap, and what the JVM, PostgreSQL and libcurl take beside it. 70 were
     * measured with Java 17, 77 with Java 21 and 25.
     */
    static final long MOST_WITHOUT_BODIES = 88;

    static final String ANSWERED = "SELECT count(*) FROM net._http_response WHERE status_code = 200";

    private Optional<PgCluster> cluster = Optional.empty();
    private long pid;

    /** Makes and starts the cluster. */
    void start(String... settings) throws SQLException {
        create(settings);
        begin();
    }

    /** Makes the cluster, for settings that only a stopped one takes. */
    void create(String... settings) {
        PgCluster created = PgCluster.create(settings);
        created.set("shared_buffers = '16MB'", "max_wal_size = '4GB'");
        cluster = Optional.of(created);
    }

    /** Starts the cluster that was made. */
    void begin() throws SQLException {
        cluster().start();
        cluster().execute("CREATE EXTENSION pg_net");
        pid = cluster().awaitWorker();
    }

    /** Has another worker take the place of this one. */
    void restart() throws SQLException {
        long before = pid;
        cluster().execute("SELECT net.worker_restart()");
        Eventually.until("another worker", WITHIN, () -> cluster().awaitWorker() != before);
        pid = cluster().awaitWorker();
    }

    PgCluster cluster() {
        return cluster.orElseThrow();
    }

    long pid() {
        return pid;
    }

    void awaitEmptyQueue() {
        Eventually.until(
                "an empty queue",
                WITHIN,
                () -> cluster()
                        .query("SELECT NOT EXISTS (SELECT FROM net.http_request_queue)")
                        .equals(Optional.of("t")));
    }

    /** A number that a query gives. */
    long number(String sql) throws SQLException {
        return Long.parseLong(cluster().query(sql).orElseThrow());
    }

    /** It did not end meanwhile. */
    void assertUnchanged() {
        assertThat(cluster().awaitWorker()).isEqualTo(pid);
    }

    /** It has never had more than this, and says how much it had. */
    void assertMostMegabytes(String what, long bound) throws IOException {
        assertUnchanged();
        long most = WorkerMemory.mostOwnKilobytes(pid) / 1024;
        System.out.printf("%s: the worker took %d MB of its own at most%n", what, most);
        assertThat(most).isLessThan(bound);
    }

    @Override
    public void close() {
        cluster.ifPresent(PgCluster::close);
    }
}
