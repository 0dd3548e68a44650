package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.Session;

/**
 * However much there is to do, the worker takes no more memory and no more descriptors than it may: work waits, and none of
 * it fails. With {@code -Dbounds.full=true} as much as anybody asks for, which takes many minutes.
 */
@PgNetTest
class BoundsIT {
    private static final boolean FULL = Boolean.getBoolean("bounds.full");
    private static final Duration WITHIN = Duration.ofSeconds(FULL ? 1_800 : 120);
    private static final int MEGABYTE = 1 << 20;
    /** With the default settings, whatever comes. */
    private static final long MOST_BY_DEFAULT = 512;
    /** The heap and what the JVM, PostgreSQL and libcurl take beside it. */
    private static final long MOST_WITHOUT_BODIES = 64 + 64;

    private static final String ANSWERED = "SELECT count(*) FROM net._http_response WHERE status_code = 200";

    @Given
    private HttpServerFixture server;

    @Given
    private RawServer large;

    private PgCluster cluster;
    private long worker;

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void twoHundredLargeResponsesAtOnceAllArrive() throws Exception {
        int responses = 200;
        int megabytes = FULL ? 60 : 3;
        AtomicInteger begun = new AtomicInteger();
        large.reply("/large", out -> {
            begun.incrementAndGet();
            write(out, megabytes);
        });
        // Room for four or five bodies, as by default for those of 60 MB.
        start("pg_net.max_connections_per_host = 200", FULL ? "" : "pg_net.max_response_memory = '13MB'");

        cluster.execute("SELECT net.http_get('" + large.url("/large") + "', timeout_milliseconds := 30000)"
                + " FROM generate_series(1, " + responses + ")");
        Eventually.until("all are in flight", WITHIN, () -> begun.get() == responses);

        awaitEmptyQueue();
        assertThat(cluster.query(ANSWERED + " AND octet_length(content) = " + megabytes * MEGABYTE))
                .contains("" + responses);
        // Those that wait hold nothing, since their length was announced; what is recorded is in memory twice.
        assertMostMegabytes(
                "responses of " + megabytes + " MB",
                FULL ? MOST_BY_DEFAULT : MOST_WITHOUT_BODIES + 13 + megabytes + 32);
    }

    @Test
    void queueOfManyRequestsIsNotHeldInMemory() throws Exception {
        int requests = FULL ? 1_000_000 : 50_000;
        start();

        cluster.execute("INSERT INTO net.http_request_queue (method, url, timeout_milliseconds)" + " SELECT 'GET', '"
                + server.url("/get") + "', 60000 FROM generate_series(1, " + requests + ")");

        awaitEmptyQueue();
        assertThat(cluster.query(ANSWERED)).contains("" + requests);
        assertMostMegabytes(requests + " requests", MOST_WITHOUT_BODIES);
    }

    /** Not by the worker that is told of them, nor by the next one, which has to look at them all. */
    @Test
    void scheduledRequestsAreNotHeldInMemory() throws Exception {
        int requests = FULL ? 1_000_000 : 50_000;
        start();
        try (Session old = Session.of(cluster.connect())) {
            // Nothing that dies from here on is cleaned up.
            old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT FROM net.http_request_queue");
            cluster.execute("INSERT INTO net.http_request_queue (method, url, not_before) SELECT 'GET', '"
                    + server.url("/get") + "', now() + interval '1 day' FROM generate_series(1, " + requests + ")");
            assertOthersAreSentInTime();
            assertMostMegabytes(requests + " scheduled requests", MOST_WITHOUT_BODIES);

            cluster.execute("SELECT net.worker_restart()");
            Eventually.until("another worker", WITHIN, () -> cluster.awaitWorker() != worker);
            worker = cluster.awaitWorker();
            assertOthersAreSentInTime();
            assertMostMegabytes(requests + " scheduled requests at the start", MOST_WITHOUT_BODIES);
        }
        assertThat(cluster.query("SELECT scheduled FROM net.stats")).contains("" + requests);
    }

    private void assertOthersAreSentInTime() throws SQLException {
        cluster.execute("CREATE TABLE few AS SELECT net.request('" + server.url("/get")
                + "', delay => i * interval '10 ms') AS id FROM generate_series(101, 200) i");
        cluster.execute(
                "CREATE TABLE moments AS SELECT id, not_before FROM net.http_request_queue JOIN few USING (id)");
        Eventually.until(
                "the few are answered",
                WITHIN,
                () -> cluster.query("SELECT count(*) FROM net._http_response JOIN few USING (id)")
                        .equals(Optional.of("100")));
        String late = cluster.query(
                        "SELECT format('%s to %s', min(late), max(late)) FROM (SELECT r.created - r.duration"
                                + " - not_before AS late FROM net.responses r JOIN moments USING (id)) l")
                .orElseThrow();
        System.out.println("begun after their moments: " + late);
        assertThat(cluster.query("SELECT count(*) FROM net.responses r JOIN moments USING (id)"
                        + " WHERE r.created - r.duration < not_before"))
                .as("early")
                .contains("0");
        cluster.execute("DROP TABLE few, moments");
    }

    /** The backlog is looked at about once, and of it is read what is held. */
    @Test
    void backlogOfAHangingHostDelaysNobodyElse() throws Exception {
        int requests = FULL ? 1_000_000 : 50_000;
        start();
        cluster.execute("CREATE ROLE alice", "SELECT pg_stat_reset()");
        cluster.execute("INSERT INTO net.http_request_queue (method, url, body, timeout_milliseconds) SELECT 'POST', '"
                + server.url("/hang") + "', 'body', 0 FROM generate_series(1, " + requests + ")");
        long begun = System.nanoTime();
        cluster.execute(
                "SET ROLE alice",
                "SELECT net.request('" + server.url("/get") + "') FROM generate_series(1, 1000)",
                "RESET ROLE");
        Eventually.until(
                "alice's are answered", WITHIN, () -> cluster.query(ANSWERED).equals(Optional.of("1000")));
        long millis = (System.nanoTime() - begun) / 1_000_000;

        cluster.execute("SELECT net.wake()");
        // The worker shows what it counted within 10 s, though nothing follows: these requests hang.
        Eventually.until("the backlog is surveyed again", WITHIN, () -> rowsLookedAt() > 19L * requests / 10);
        cluster.execute("SET ROLE alice", "SELECT net.request('" + server.url("/get") + "')", "RESET ROLE");
        Eventually.until(
                "another one is answered", WITHIN, () -> cluster.query(ANSWERED).equals(Optional.of("1001")));
        long looked = rowsLookedAt();
        System.out.printf(
                "behind %d requests that hang 1000 others took %d ms; %d rows were looked at%n",
                requests, millis, looked);
        assertThat(millis).isLessThan(10_000);
        // Once at first, and once because of net.wake(); each with a look by the primary key.
        assertThat(looked).isLessThan(4L * requests + 20_000);
        assertMostMegabytes(requests + " requests to a host that hangs", MOST_WITHOUT_BODIES);
    }

    private long rowsLookedAt() throws SQLException {
        return Long.parseLong(cluster.query("SELECT coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_user_tables"
                        + " WHERE relname = 'http_request_queue'")
                .orElseThrow());
    }

    /** Nor is any of the looks longer than the first ones, though nothing that dies is cleaned up. */
    @Test
    void requestsOfOneOrderKeyAreNotHeldInMemory() throws Exception {
        int requests = FULL ? 1_000_000 : 3_000;
        int sent = FULL ? 20_000 : requests;
        start();
        try (Session old = Session.of(cluster.connect())) {
            old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT FROM net.http_request_queue");
            cluster.execute("INSERT INTO net.http_request_queue (method, url, order_key) SELECT 'GET', '"
                    + server.url("/get") + "', 'a' FROM generate_series(1, " + requests + ")");
            awaitAnswered(sent / 10);
            long begun = System.nanoTime();
            awaitAnswered(sent / 2);
            long half = System.nanoTime();
            awaitAnswered(sent * 9 / 10);
            double first = (half - begun) / 1e9 / (sent / 2.0 - sent / 10.0);
            double second = (System.nanoTime() - half) / 1e9 / (sent * 0.9 - sent / 2.0);
            System.out.printf(
                    "of %d requests of one order key one took %.2f ms at first and %.2f ms later%n",
                    requests, first * 1_000, second * 1_000);
            assertThat(second).isLessThan(3 * first);
        }
        assertMostMegabytes(requests + " requests of one order key", MOST_WITHOUT_BODIES);
    }

    @Test
    void manyOrderKeysAreNotHeldInMemory() throws Exception {
        int keys = FULL ? 100_000 : 5_000;
        start();
        cluster.execute("INSERT INTO net.http_request_queue (method, url, order_key) SELECT 'GET', '"
                + server.url("/get") + "', 'key ' || i % " + keys + " FROM generate_series(1, " + 4 * keys + ") i");

        awaitEmptyQueue();
        assertThat(cluster.query(ANSWERED)).contains("" + 4 * keys);
        assertThat(cluster.query("SELECT count(*) FROM net._delivery")).contains("0");
        assertMostMegabytes(keys + " order keys", MOST_WITHOUT_BODIES);
    }

    private void awaitAnswered(int responses) {
        Eventually.until(
                responses + " responses",
                WITHIN,
                () -> Long.parseLong(cluster.query(ANSWERED).orElseThrow()) >= responses);
    }

    @Test
    void largeBodiesOfQueuedRequestsAreNotHeldInMemory() throws Exception {
        int requests = FULL ? 100_000 : 1_000;
        start();
        cluster.execute("CREATE TABLE large AS SELECT convert_to(repeat('x', " + MEGABYTE + "), 'UTF8') AS body");

        cluster.execute("INSERT INTO net.http_request_queue (method, url, body, timeout_milliseconds)"
                + " SELECT 'POST', '" + server.url("/get") + "', body, 60000"
                + " FROM large, generate_series(1, " + requests + ")");

        awaitEmptyQueue();
        assertThat(cluster.query(ANSWERED)).contains("" + requests);
        // What is held of requests is at most 64 MB and one body.
        assertMostMegabytes(requests + " requests of 1 MB", MOST_WITHOUT_BODIES + 65);
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 4096})
    void nothingFailsForLackOfADescriptor(int hardLimit) throws Exception {
        int requests = 4_000;
        int hosts = 40;
        try (Resolver resolver = new Resolver()) {
            create("pg_net.batch_size = 2000", "pg_net.max_connections_per_host = 2000");
            cluster.setEnvironment(resolver.environment());
            cluster.limitDescriptors(1024, hardLimit);
            begin();

            cluster.execute("SELECT net.http_get('http://h' || n % " + hosts + " || '.test:" + server.port()
                    + "/delay?ms=200', timeout_milliseconds := 60000) FROM generate_series(1, " + requests + ") n");

            awaitEmptyQueue();
            assertThat(cluster.query(ANSWERED)).contains("" + requests);
            assertThat(cluster.awaitWorker()).isEqualTo(worker);
            assertThat(cluster.log().count("Too many open files|out of file descriptors", 0))
                    .isZero();
        }
    }

    @Test
    void namesThatHangTakeNeitherAllDescriptorsNorAllSlots() throws Exception {
        int hanging = 700;
        int good = 300;
        try (Resolver resolver = new Resolver()) {
            create();
            cluster.setEnvironment(resolver.environment());
            cluster.limitDescriptors(1024, 1024);
            begin();
            cluster.execute("SELECT net.http_get('http://known.test:" + server.port() + "/get')");
            awaitEmptyQueue();

            cluster.execute("SELECT count(net.http_get('http://hang' || n || '.test/', timeout_milliseconds := 100))"
                    + " FROM generate_series(1, " + hanging + ") n");
            cluster.execute("SELECT count(net.http_get('http://' || (ARRAY['127.0.0.1', 'known.test'])[1 + n % 2] || ':"
                    + server.port() + "/get', timeout_milliseconds := 60000)) FROM generate_series(1, " + good + ") n");
            Eventually.until(
                    "the good are answered",
                    WITHIN,
                    () -> cluster.query(ANSWERED).equals(Optional.of("" + (good + 1))));

            // Not only has none of them failed: the others wait.
            assertThat(Long.parseLong(cluster.query("SELECT count(*) FROM net.http_request_queue")
                            .orElseThrow()))
                    .isGreaterThan(hanging / 4);
            assertThat(WorkerMemory.threads(worker)).isLessThan(400);
            resolver.release();
            awaitEmptyQueue();
            assertThat(cluster.query("SELECT count(*) FROM net._http_response WHERE error_msg ~ '^(Timeout of 100 ms"
                            + "|Couldn.t resolve host name)'"))
                    .contains("" + hanging);
            assertThat(cluster.log().count("Too many open files|out of file descriptors", 0))
                    .isZero();
        }
    }

    private void start(String... settings) throws SQLException {
        create(settings);
        begin();
    }

    private void create(String... settings) {
        cluster = PgCluster.create(settings);
        // Shared buffers count as memory of every process that touches them.
        cluster.set("shared_buffers = '16MB'", "max_wal_size = '4GB'");
    }

    private void begin() throws SQLException {
        cluster.start();
        cluster.execute("CREATE EXTENSION pg_net");
        worker = cluster.awaitWorker();
    }

    private void awaitEmptyQueue() {
        Eventually.until(
                "an empty queue",
                WITHIN,
                () -> cluster.query("SELECT NOT EXISTS (SELECT FROM net.http_request_queue)")
                        .equals(Optional.of("t")));
    }

    private void assertMostMegabytes(String what, long bound) throws SQLException, IOException {
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        long most = WorkerMemory.mostKilobytes(worker) / 1024;
        System.out.printf("%s: the worker took %d MB at most%n", what, most);
        assertThat(most).isLessThan(bound);
    }

    private static void write(OutputStream out, int megabytes) throws IOException {
        byte[] block = "x".repeat(MEGABYTE).getBytes(StandardCharsets.US_ASCII);
        out.write(("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + (long) megabytes * MEGABYTE
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < megabytes; i++) {
            out.write(block);
        }
    }
}
