package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.Session;

/** Good and failing requests for as long as one likes: memory, descriptors and threads do not grow. {@code make soak}. */
@EnabledIfSystemProperty(named = "soak.minutes", matches = ".+", disabledReason = "make soak runs it")
@PgNetTest(
        settings = {
            // Shared buffers count as memory of every process that touches them.
            "shared_buffers = '16MB'",
            "max_wal_size = '2GB'",
            "pg_net.ttl = '20 s'",
            "pg_net.batch_size = 1000",
            "pg_net.max_connections_per_host = 300",
            "pg_net.jvm_options = '-Xlog:gc:file=gc.log'"
        },
        resolver = true)
class SoakIT {
    private static final int ROUND = 1_000;
    /** So many rounds are waiting or on their way while the next one is made. */
    private static final long WAITING = 8;

    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(1);

    @Given
    private Resolver resolver;

    @Given
    private HttpServerFixture server;

    @Given
    private RawServer raw;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    private final List<WorkerSample> samples = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        raw.reply("/cut", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut");
        raw.reply("/garbage", "\u0001\u0002\u0003");
        raw.reply("", "HTTP/1.1 400 Bad\r\n\r\n");
        List<String> moved = List.of("Location: /get");
        server.handle("/late", request -> {
            Thread.sleep(300);
            return Optional.of(Reply.text(200, "late"));
        });
        server.handle("/moved", request -> Optional.of(new Reply(302, moved, new byte[0])));
        byte[] large = "large".repeat(400_000).getBytes(StandardCharsets.US_ASCII);
        server.handle("/large", request -> Optional.of(new Reply(200, List.of(), large)));
        byte[] noText = {'a', 0, (byte) 0xff};
        server.handle("/bytes", request -> Optional.of(new Reply(200, List.of("Content-Type: text/plain"), noText)));
    }

    @Test
    void workerDoesNotGrow() throws Exception {
        long worker = cluster.awaitWorker();
        long end = System.nanoTime() + (long) (Double.parseDouble(System.getProperty("soak.minutes")) * 60e9);
        long nextSample = System.nanoTime();
        long rounds = 0;
        while (System.nanoTime() < end) {
            session.execute(round());
            long done = (++rounds - WAITING) * ROUND;
            Eventually.until("few are waiting", Duration.ofSeconds(60), () -> settled() >= done);
            if (System.nanoTime() >= nextSample) {
                samples.add(WorkerSample.take(worker, settled(), cluster.data().resolve("gc.log")));
                nextSample += BETWEEN_SAMPLES.toNanos();
            }
        }
        session.await("SELECT count(*) FROM net.http_request_queue", 0);

        System.out.printf(
                "%d requests, %s of them failed%n",
                settled(), session.query("SELECT failed FROM net.stats").orElseThrow());
        Growth growth = new Growth(samples);
        System.out.print(growth.table());
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        assertThat(growth.excess()).isEmpty();
    }

    /** Requests of a round, of which one in ten is odd or fails, each tenth in another way. */
    private String round() {
        String odd = String.join(
                ",",
                literal(server.url("/drop")),
                literal(server.url("/moved")),
                literal(server.url("/large")),
                literal(server.url("/bytes")),
                literal(server.url("/late")),
                literal(raw.url("/cut")),
                literal(raw.url("/garbage")),
                literal(raw.url("/").replace("http:", "https:")),
                literal("http://unknown.test/"),
                literal("http://127.0.0.1:1/"));
        return "SELECT count(CASE WHEN n % 10 > 0"
                + " THEN net.http_post(" + literal(server.url("/post"))
                + ", jsonb_build_object('n', n, 'x', repeat('x', n)),"
                + " timeout_milliseconds := 30000)"
                + " ELSE net.http_get((ARRAY[" + odd + "])[1 + n / 10 % 10], timeout_milliseconds :="
                + " CASE n / 10 % 10 WHEN 4 THEN 20 ELSE 30000 END) END)"
                + " FROM generate_series(1, " + ROUND + ") n";
    }

    private static String literal(String url) {
        return "'" + url + "'";
    }

    /** From shared memory; the queue need not be read. */
    private long settled() throws SQLException {
        return session.number("SELECT done + failed FROM net._worker_counters()");
    }
}
