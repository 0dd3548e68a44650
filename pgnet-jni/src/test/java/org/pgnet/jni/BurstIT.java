package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Many requests at once, and how soon one alone is answered. */
@Tag("alone")
@PgNetTest
class BurstIT {
    private static final int BURST = 10_000;
    private static final int SAMPLES = 50;

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void tenThousandOfOneTransactionAreSentAndAnsweredOnceEach() throws SQLException {
        long worker = cluster.awaitWorker();

        session.execute("SELECT net.http_get('" + server.url("/get?id=") + "burst' || n)" + " FROM generate_series(1, "
                + BURST + ") n");

        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%burst%' AND status_code = 200", BURST);
        assertThat(session.number("SELECT count(*) FROM net.responses WHERE url LIKE '%burst%'"))
                .isEqualTo(BURST);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isZero();
        assertThat(server.received().entrySet().stream()
                        .filter(each -> each.getKey().startsWith("burst")))
                .hasSize(BURST)
                .allSatisfy(each -> assertThat(each.getValue()).hasSize(1));
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    @Test
    void lonelyRequestIsAnsweredInLessThanFiveMilliseconds() throws SQLException {
        long[] nanos = new long[SAMPLES];
        for (int n = -SAMPLES; n < SAMPLES; n++) {
            awaitIdleWorker();
            session.execute("BEGIN");
            long id = session.get(server.url("/get"));
            long start = System.nanoTime();
            session.execute("COMMIT");
            String row = session.collect(id);
            if (n >= 0) {
                nanos[n] = System.nanoTime() - start;
            }
            assertThat(row).startsWith("SUCCESS|ok|200");
        }
        Arrays.sort(nanos);

        Duration median = Duration.ofNanos(nanos[SAMPLES / 2]);
        System.out.printf("from idle, commit to visible response: median %.2f ms%n", median.toNanos() / 1e6);
        assertThat(median).isLessThan(Duration.ofMillis(5));
    }

    private static void awaitIdleWorker() {
        Eventually.until(
                "an idle worker",
                Duration.ofSeconds(30),
                () -> session.query("SELECT state FROM pg_stat_activity WHERE backend_type LIKE '%pg_net%'")
                        .orElse("none")
                        .equals("idle"));
    }
}
