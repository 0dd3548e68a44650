package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.SilentServer;
import org.pgnet.testkit.http.TlsServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Each way to end the worker takes less than a second, whatever the worker is doing; and then it goes on with that. */
@Tag("alone")
@PgNetTest(settings = "pg_net.max_connections_per_host = " + LeavesCleanlyIT.SLOW, cluster = Sharing.WITH_NONE)
class LeavesCleanlyIT {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    static final int SLOW = 200;
    private static final int LARGE = 8;
    private static final int HANDSHAKES = 100;

    @Given
    private PgCluster cluster;

    /** What the worker does while it is ended. */
    private interface Work {
        /** The statements that make requests, once in each database. */
        String[] requests();

        /** Waits until the worker of a database, which has just been started, is at it. */
        void await(PgCluster cluster, String database) throws SQLException;
    }

    @Test
    void transferThatHangs(SilentServer silent) throws SQLException {
        assertLeavesAtOnce(
                new Connections(silent::accepted, 1, requests("http://127.0.0.1:" + silent.port() + "/", 1)));
    }

    /** A byte now and then, to each of as many as may be in flight. */
    @Test
    void manySlowTransfers(RawServer server) throws SQLException {
        Counter begun = new Counter();
        server.reply("/slow", out -> {
            begun.increment();
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes());
            for (int i = 0; i < 100_000; i++) {
                out.write('x');
                Thread.sleep(100);
            }
        });
        assertLeavesAtOnce(new Connections(begun::count, SLOW, requests(server.url("/slow"), SLOW)));
    }

    /** 60 MB each, which together exceed pg_net.max_response_memory. */
    @Test
    void largeBodiesThatArrive(RawServer server) throws SQLException {
        Counter begun = new Counter();
        byte[] chunk = new byte[64 * 1024];
        server.reply("/large", out -> {
            begun.increment();
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n".getBytes());
            for (int sent = 0; sent + chunk.length < 60_000_000; sent += chunk.length) {
                out.write(chunk);
                Thread.sleep(20);
            }
        });
        assertLeavesAtOnce(new Connections(begun::count, LARGE, requests(server.url("/large"), LARGE)));
    }

    /** Some hang, and others are in full swing. */
    @Test
    void tlsHandshakes(@TempDir Path directory, SilentServer silent) throws Exception {
        try (TlsServer tls = TlsServer.start(directory)) {
            assertLeavesAtOnce(new Connections(
                    silent::accepted,
                    5,
                    requests("https://127.0.0.1:" + silent.port() + "/", 5),
                    requests("https://127.0.0.1:" + tls.port() + "/", HANDSHAKES)));
        }
    }

    @Test
    void recordingThatWaitsForALock(HttpServerFixture server) throws SQLException {
        assertLeavesAtOnce(new BlockedRecording(requests(server.url("/get"), 50)));
    }

    private static String requests(String url, int count) {
        return "SELECT net.http_get('" + url + "', timeout_milliseconds := 60000) FROM generate_series(1, " + count
                + ")";
    }

    private void assertLeavesAtOnce(Work work) throws SQLException {
        cluster.execute("CREATE DATABASE dropped");
        cluster.set("pg_net.database_name = 'postgres, dropped'");
        cluster.restart();
        try (Session session = cluster.session()) {
            begin(cluster, "dropped", work);
            assertQuick("DROP DATABASE", () -> session.execute("DROP DATABASE dropped WITH (FORCE)"));

            begin(cluster, "postgres", work);
            assertQuick("pg_terminate_backend", () -> terminateWorker(session, cluster.awaitWorker()));
        }
        work.await(cluster, "postgres");
        assertQuick("fast shutdown", () -> cluster.stop(StopMode.FAST));
        cluster.start();
        work.await(cluster, "postgres");
        assertThat(cluster.log().count("terminated by signal", 0)).isZero();
    }

    private static void begin(PgCluster cluster, String database, Work work) throws SQLException {
        try (Session session = cluster.session(database, "postgres")) {
            session.execute("CREATE EXTENSION IF NOT EXISTS pg_net");
            session.execute("SELECT net.wait_until_running()");
            session.execute(work.requests());
        }
        work.await(cluster, database);
    }

    private static void terminateWorker(Session session, long worker) throws SQLException {
        assertThat(session.query("SELECT pg_terminate_backend(" + worker + ", 5000)"))
                .contains("t");
    }

    private interface Action {
        void run() throws SQLException;
    }

    private static void assertQuick(String what, Action end) throws SQLException {
        long start = System.nanoTime();
        end.run();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("%s: %d ms%n", what, took.toMillis());
        assertThat(took).as(what).isLessThan(LIMIT);
    }

    private interface Count {
        int now();
    }

    /** How often something happened. Any thread. */
    private static final class Counter {
        private final AtomicInteger count = new AtomicInteger();

        void increment() {
            count.incrementAndGet();
        }

        int count() {
            return count.get();
        }
    }

    /** Transfers that do not end: they are in flight when so many more connections than before have come. */
    private static final class Connections implements Work {
        private final Count connections;
        private final int expected;
        private final String[] requests;
        private int before;

        Connections(Count connections, int expected, String... requests) {
            this.connections = connections;
            this.expected = expected;
            this.requests = requests;
        }

        @Override
        public String[] requests() {
            return requests.clone();
        }

        @Override
        public void await(PgCluster cluster, String database) {
            Eventually.until(
                    "transfers in flight", Duration.ofSeconds(20), () -> connections.now() - before >= expected);
            before = connections.now();
        }
    }

    /** Responses that are there, ids to be read, and tables that somebody holds locked. */
    private static final class BlockedRecording implements Work {
        private static final String LOCKED = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'"
                + " AND relation = 'net._http_response'::regclass";
        private static final String WAITING = "SELECT count(*) FROM pg_stat_activity"
                + " WHERE backend_type = 'pg_net worker' AND wait_event_type = 'Lock' AND datname = current_database()";

        private final String request;
        /** They end with their server or database; the driver closes connections that nobody holds. */
        private final List<Session> lockers = new ArrayList<>();

        BlockedRecording(String request) {
            this.request = request;
        }

        @Override
        public String[] requests() {
            return new String[] {request};
        }

        @Override
        public void await(PgCluster cluster, String database) throws SQLException {
            try (Session session = cluster.session(database, "postgres")) {
                if (session.number(LOCKED) == 0) {
                    Session other = cluster.session(database, "postgres");
                    lockers.add(other);
                    other.execute("BEGIN", "LOCK TABLE net._http_response");
                    session.execute(request);
                    session.await(WAITING, 1);
                    other.execute("LOCK TABLE net.http_request_queue");
                }
                session.execute("SELECT net.wake()");
                session.await(WAITING, 1);
            }
        }
    }
}
