package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.Resolver;

/**
 * However much there is to do, the worker takes no more memory and no more descriptors than it may: work waits, and none of
 * it fails. With {@code -Dbounds.full=true} as much as anybody asks for, which takes many minutes.
 */
@PgNetTest
class BoundsIT {
    private static final boolean FULL = BoundedWorker.FULL;
    private static final int MEGABYTE = 1 << 20;
    /** Of the worker's own memory, with the default settings, whatever comes; 512 with files and shared buffers. */
    private static final long MOST_BY_DEFAULT = 512 - 64;

    @Given
    private HttpServerFixture server;

    @Given
    private RawServer large;

    private final BoundedWorker worker = new BoundedWorker();

    @AfterEach
    void stop() {
        worker.close();
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
        worker.start("pg_net.max_connections_per_host = 200", FULL ? "" : "pg_net.max_response_memory = '13MB'");

        worker.cluster()
                .execute("SELECT net.http_get('" + large.url("/large") + "', timeout_milliseconds := 30000)"
                        + " FROM generate_series(1, " + responses + ")");
        Eventually.until("all are in flight", BoundedWorker.WITHIN, () -> begun.get() == responses);

        worker.awaitEmptyQueue();
        assertThat(worker.cluster()
                        .query(BoundedWorker.ANSWERED + " AND octet_length(content) = " + megabytes * MEGABYTE))
                .contains("" + responses);
        // Those that wait hold nothing, since their length was announced; what is recorded is in memory twice.
        worker.assertMostMegabytes(
                "responses of " + megabytes + " MB",
                FULL ? MOST_BY_DEFAULT : BoundedWorker.MOST_WITHOUT_BODIES + 13 + megabytes + 32);
    }

    @Test
    void queueOfManyRequestsIsNotHeldInMemory() throws Exception {
        int requests = FULL ? 1_000_000 : 50_000;
        worker.start();

        worker.cluster()
                .execute("INSERT INTO net.http_request_queue (method, url, timeout_milliseconds)" + " SELECT 'GET', '"
                        + server.url("/get") + "', 60000 FROM generate_series(1, " + requests + ")");

        worker.awaitEmptyQueue();
        assertThat(worker.cluster().query(BoundedWorker.ANSWERED)).contains("" + requests);
        worker.assertMostMegabytes(requests + " requests", BoundedWorker.MOST_WITHOUT_BODIES);
    }

    @Test
    void largeBodiesOfQueuedRequestsAreNotHeldInMemory() throws Exception {
        int requests = FULL ? 100_000 : 1_000;
        worker.start();
        worker.cluster()
                .execute("CREATE TABLE large AS SELECT convert_to(repeat('x', " + MEGABYTE + "), 'UTF8') AS body");

        worker.cluster()
                .execute("INSERT INTO net.http_request_queue (method, url, body, timeout_milliseconds)"
                        + " SELECT 'POST', '" + server.url("/get") + "', body, 60000"
                        + " FROM large, generate_series(1, " + requests + ")");

        worker.awaitEmptyQueue();
        assertThat(worker.cluster().query(BoundedWorker.ANSWERED)).contains("" + requests);
        // What is held of requests is at most 64 MB and one body.
        worker.assertMostMegabytes(requests + " requests of 1 MB", BoundedWorker.MOST_WITHOUT_BODIES + 65);
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 4096})
    void nothingFailsForLackOfADescriptor(int hardLimit) throws Exception {
        int requests = 4_000;
        int hosts = 40;
        try (Resolver resolver = new Resolver()) {
            worker.create("pg_net.batch_size = 2000", "pg_net.max_connections_per_host = 2000");
            worker.cluster().setEnvironment(resolver.environment());
            worker.cluster().limitDescriptors(1024, hardLimit);
            worker.begin();

            worker.cluster()
                    .execute("SELECT net.http_get('http://h' || n % " + hosts + " || '.test:" + server.port()
                            + "/delay?ms=200', timeout_milliseconds := 60000) FROM generate_series(1, " + requests
                            + ") n");

            worker.awaitEmptyQueue();
            assertThat(worker.cluster().query(BoundedWorker.ANSWERED)).contains("" + requests);
            worker.assertUnchanged();
            assertThat(worker.cluster().log().count("Too many open files|out of file descriptors", 0))
                    .isZero();
        }
    }

    /** Each process has those of all others. */
    @Test
    void ringsOfIoUringAreNoDescriptorsOfRequests() throws Exception {
        int requests = 300;
        worker.create("io_method = io_uring", "max_connections = 800", "pg_net.max_connections_per_host = 200");
        worker.cluster().limitDescriptors(1024, 1024);
        try {
            worker.begin();
        } catch (AssertionError e) {
            assumeFalse(
                    e.getMessage().contains("io_"), "needs PostgreSQL 18 or later, and a kernel that permits io_uring");
            throw e;
        }

        worker.cluster()
                .execute("SELECT net.http_get('" + server.url("/delay?ms=100")
                        + "', timeout_milliseconds := 60000) FROM generate_series(1, " + requests + ")");

        worker.awaitEmptyQueue();
        assertThat(worker.cluster().query(BoundedWorker.ANSWERED)).contains("" + requests);
        worker.assertUnchanged();
        assertThat(worker.cluster().log().count("Too many open files|out of file descriptors", 0))
                .isZero();
    }

    @Test
    void namesThatHangTakeNeitherAllDescriptorsNorAllSlots() throws Exception {
        int hanging = 700;
        int good = 300;
        try (Resolver resolver = new Resolver()) {
            worker.create();
            worker.cluster().setEnvironment(resolver.environment());
            worker.cluster().limitDescriptors(1024, 1024);
            worker.begin();
            worker.cluster().execute("SELECT net.http_get('http://known.test:" + server.port() + "/get')");
            worker.awaitEmptyQueue();

            worker.cluster()
                    .execute("SELECT count(net.http_get('http://hang' || n || '.test/', timeout_milliseconds := 100))"
                            + " FROM generate_series(1, " + hanging + ") n");
            worker.cluster()
                    .execute(
                            "SELECT count(net.http_get('http://' || (ARRAY['127.0.0.1', 'known.test'])[1 + n % 2] || ':"
                                    + server.port() + "/get', timeout_milliseconds := 60000)) FROM generate_series(1, "
                                    + good + ") n");
            Eventually.until(
                    "the good are answered",
                    BoundedWorker.WITHIN,
                    () -> worker.cluster().query(BoundedWorker.ANSWERED).equals(Optional.of("" + (good + 1))));

            // Not only has none of them failed: the others wait.
            assertThat(Long.parseLong(worker.cluster()
                            .query("SELECT count(*) FROM net.http_request_queue")
                            .orElseThrow()))
                    .isGreaterThan(hanging / 4);
            assertThat(WorkerMemory.threads(worker.pid())).isLessThan(400);
            resolver.release();
            worker.awaitEmptyQueue();
            assertThat(worker.cluster()
                            .query("SELECT count(*) FROM net._http_response WHERE error_msg ~ '^(Timeout of 100 ms"
                                    + "|Couldn.t resolve host name)'"))
                    .contains("" + hanging);
            assertThat(worker.cluster().log().count("Too many open files|out of file descriptors", 0))
                    .isZero();
        }
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
