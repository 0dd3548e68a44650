package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Many large responses at once, and little memory for them. */
@PgNetTest(
        settings = {"pg_net.max_response_memory = '32MB'", "shared_buffers = '16MB'"},
        cluster = Sharing.WITH_NONE)
class ResponseMemoryIT {
    private static final int RESPONSES = 40;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int BLOCKS = 10;
    /** A body that needs no memory of the budget for large ones when it comes alone. */
    private static final int MEDIUM_BYTES = 1_000_000;

    private static final int MEDIUM_RESPONSES = 400;
    /** The JVM and PostgreSQL need about 100 MB; 40 bodies of 10 MB would add 400. */
    private static final long MOST_KILOBYTES = 300 * 1024;

    private final CountDownLatch lastBlock = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private ExecutorService threads;
    private HttpServer large;

    @Given
    private HttpServerFixture small;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @BeforeEach
    void start() throws IOException, SQLException {
        threads = Executors.newCachedThreadPool();
        large = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
        large.setExecutor(threads);
        large.createContext("/length", exchange -> answer(exchange, BLOCKS * BLOCK_BYTES, BLOCK_BYTES));
        large.createContext("/chunked", exchange -> answer(exchange, 0, BLOCK_BYTES));
        large.createContext("/medium", exchange -> answer(exchange, 0, MEDIUM_BYTES / BLOCKS));
        large.start();
        // Shared buffers count as memory of every process that touches them.
    }

    @AfterEach
    void stop() throws SQLException {
        lastBlock.countDown();
        large.stop(0);
        threads.shutdownNow();
    }

    @Test
    void largeResponsesWaitForMemoryAndAllArriveWhileSmallOnesGoOn() throws SQLException, IOException {
        long worker = cluster.awaitWorker();
        get("/length", RESPONSES - 10);
        get("/chunked", 10);
        Eventually.until("all are sent", Duration.ofSeconds(20), () -> begun.get() == RESPONSES);
        for (int i = 0; i < 20; i++) {
            assertThat(session.collect(session.get(small.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        assertThat(session.number("SELECT count(*) FROM net.responses WHERE url LIKE '%/get'"))
                .isEqualTo(20);
        assertThat(session.number("SELECT count(*) FROM net._http_response")).isEqualTo(20);

        lastBlock.countDown();

        session.await("SELECT count(*) FROM net._http_response", RESPONSES + 20);
        assertThat(session.number("SELECT count(*) FROM net._http_response WHERE length(content) = "
                        + BLOCKS * BLOCK_BYTES + " AND error_msg IS NULL"))
                .isEqualTo(RESPONSES);
        assertThat(cluster.workerPid("postgres")).contains(worker);
        assertThat(mostMemoryKilobytes(worker)).isLessThan(MOST_KILOBYTES);
    }

    @Test
    void hundredsOfResponsesOfLessThanAMegabyteAreBoundedToo() throws SQLException, IOException {
        cluster.set(
                "pg_net.batch_size = 1000",
                "pg_net.max_connections_per_host = 1000",
                "pg_net.max_response_size = '2MB'");
        cluster.reload();
        long worker = cluster.awaitWorker();
        get("/medium", MEDIUM_RESPONSES);
        Eventually.until("all are sent", Duration.ofSeconds(20), () -> begun.get() == MEDIUM_RESPONSES);
        for (int i = 0; i < 20; i++) {
            assertThat(session.collect(session.get(small.url("/get")))).startsWith("SUCCESS|ok|200");
        }

        lastBlock.countDown();

        session.await(
                "SELECT count(*) FROM net._http_response WHERE length(content) = " + MEDIUM_BYTES
                        + " AND error_msg IS NULL",
                MEDIUM_RESPONSES);
        assertThat(mostMemoryKilobytes(worker)).isLessThan(MOST_KILOBYTES);
    }

    private void get(String path, int count) throws SQLException {
        String url = "http://127.0.0.1:" + large.getAddress().getPort() + path;
        session.execute("SELECT net.http_get('" + url + "', timeout_milliseconds := 15000)"
                + " FROM generate_series(1, " + count + ")");
    }

    /** Sends all blocks but the last, and that when it may. */
    private void answer(HttpExchange exchange, long length, int blockBytes) throws IOException {
        begun.incrementAndGet();
        byte[] block = new byte[blockBytes];
        Arrays.fill(block, (byte) 'x');
        exchange.sendResponseHeaders(200, length);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 1; i < BLOCKS; i++) {
                out.write(block);
            }
            out.flush();
            lastBlock.await();
            out.write(block);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** VmHWM of proc(5): the largest resident set so far. */
    private static long mostMemoryKilobytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findAny()
                .orElseThrow();
    }
}
