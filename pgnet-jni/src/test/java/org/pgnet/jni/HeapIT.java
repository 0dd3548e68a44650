package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;

/** What a request or a response holds in the Java heap is bounded, however many there are: the worker lives on. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class HeapIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    private static long worker;

    @BeforeAll
    static void start() {
        worker = cluster.awaitWorker();
    }

    @Test
    void thousandsOfLongUrlsAndHeadersAreSent() throws SQLException {
        cluster.execute("SELECT count(net.http_get('%s?id=' || n || '&long=' || repeat('x', 50000), "
                        .formatted(server.url("/get"))
                + "headers := jsonb_build_object('X-Long', repeat('y', 50000)), timeout_milliseconds := 30000)) "
                + "FROM generate_series(1, 2000) n");

        assertAllAnswered(2_000);
    }

    @Test
    void thousandsOfLongResponseHeadersAreRecorded() throws SQLException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            lines.add("X-Long-" + i + ": " + "z".repeat(20_000));
        }
        byte[] body = "ok".getBytes(StandardCharsets.US_ASCII);
        server.handle("/headers", request -> Optional.of(new Reply(200, lines, body)));
        cluster.execute("SELECT count(net.http_get('%s?id=' || n, timeout_milliseconds := 30000)) "
                        .formatted(server.url("/headers"))
                + "FROM generate_series(1, 2000) n");

        assertAllAnswered(2_000);
    }

    private static void assertAllAnswered(int count) throws SQLException {
        Eventually.until(
                "the queue is empty",
                WITHIN,
                () -> cluster.query("SELECT count(*) FROM net.http_request_queue")
                        .equals(Optional.of("0")));
        assertThat(cluster.query("SELECT count(*) FROM net._http_response WHERE status_code = 200"))
                .contains(Integer.toString(count));
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        cluster.execute("TRUNCATE net._http_response");
    }
}
