package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Whatever Java throws ends the worker, with one line in the log, and never the server. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class JavaFailureIT {
    private static final String ENDS = "WARNING: +pg_net worker ends and starts again in ";

    @Given
    private HttpServerFixture server;

    private static PatchedWorker patched;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    /** Before the clusters start. */
    @BeforeAll
    static void patch() throws IOException {
        patched = PatchedWorker.failing();
    }

    @AfterAll
    static void restore() throws IOException {
        patched.close();
    }

    /** The session lives through it all: the server was not restarted. */
    @ParameterizedTest
    @CsvSource({
        "597, java.lang.OutOfMemoryError: Java heap space",
        "598, java.lang.StackOverflowError",
        "599, java.lang.InternalError: injected"
    })
    void errorOfTheTransferThread(int status, String error) throws SQLException {
        session.execute("SELECT net.http_get('" + server.url("/get?id=") + "' || n) FROM generate_series(1, 100) n");
        long poison = session.get(server.url("/status/" + status));
        session.execute("SELECT net.http_get('" + server.url("/get?id=") + "' || n) FROM generate_series(101, 200) n");

        assertThat(session.collect(poison))
                .isEqualTo("ERROR|not sent again: the worker ended abnormally three times while this request was in"
                        + " flight");
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 200);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isZero();
        assertThat(cluster.log().count(ENDS + "\\d+ s: .*(" + error + "|a Java error that has no text)$", 0))
                .isEqualTo(3);
        assertOnlyTheseLines(3);
    }

    @Test
    void exceptionOfTheBackendThreadAtEachStartIsToldAfterGrowingPauses() throws SQLException {
        session.execute("SELECT net.http_get('" + server.url("/get?fails-the-backend-thread") + "')");
        for (int seconds : new int[] {1, 2, 4}) {
            cluster.log()
                    .await(ENDS + seconds + " s: java.lang.IllegalStateException: injected$", Duration.ofSeconds(30));
        }
        assertThatThrownBy(() -> session.execute("SELECT net.check_worker_is_up()"))
                .hasMessageContaining("it ended by an unexpected exception")
                .hasMessageNotContaining("injected");
        assertOnlyTheseLines(3);

        session.execute("DELETE FROM net.http_request_queue");
        cluster.reload();

        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
    }

    private void assertOnlyTheseLines(int count) {
        assertThat(cluster.log().count("pg_net worker (WARNING|ERROR|FATAL|PANIC): ++(?!pg_net worker is idle)", 0))
                .isEqualTo(count);
        assertThat(cluster.log().count("^\\s+at |Exception in thread|terminating any other", 0))
                .isZero();
    }
}
