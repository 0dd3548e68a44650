package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.sql.SQLException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Several databases in one server: some are served, others are not, and neither disturbs the other. */
@PgNetTest(sql = "CREATE DATABASE \"Second, of mine\"", databases = "Second, of mine", cluster = Sharing.WITH_NONE)
class DatabasesIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void bothNamedDatabasesAreServedEachByItsWorker() throws SQLException {
        try (Session second = cluster.session("Second, of mine", "postgres")) {
            long other = Eventually.get(
                    "the second worker", Duration.ofSeconds(20), () -> cluster.workerPid("Second, of mine"));
            assertThat(other).isNotEqualTo(cluster.awaitWorker());
            second.execute("CREATE EXTENSION pg_net");

            long idHere = session.get(server.url("/get?id=here"));
            long idThere = second.get(server.url("/get?id=there"));

            assertThat(idThere).isEqualTo(1);
            assertThat(session.collect(idHere)).contains("id=here");
            assertThat(second.collect(idThere)).contains("id=there");
            assertThat(second.number("SELECT count(*) FROM net._http_response")).isEqualTo(1);
        }
    }

    @Test
    void droppingAnotherDatabaseDoesNotWaitForRequestsThatHang() throws SQLException {
        long worker = cluster.awaitWorker();
        long before = server.hanging();
        session.execute("CREATE DATABASE other");
        long id = session.number("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 60000)");
        Eventually.until("a hanging request", Duration.ofSeconds(10), () -> server.hanging() > before);

        long start = System.nanoTime();
        session.execute("DROP DATABASE other");

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(session.collect(id, true)).startsWith("PENDING");
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS");
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    @Test
    void databaseWithoutAWorkerSaysSo() throws SQLException {
        session.execute("CREATE DATABASE unserved");
        try (Session unserved = cluster.session("unserved", "postgres")) {
            unserved.execute("CREATE EXTENSION pg_net");
            long id = unserved.get(server.url("/get?id=unserved"));

            assertThat(unserved.collect(id, true)).startsWith("PENDING");
            assertThat(messageOf(() -> unserved.collect(id)))
                    .containsIgnoringCase("no pg_net worker serves this database")
                    .contains("add \"unserved\" to pg_net.database_name");
            assertThat(messageOf(() -> unserved.execute("SELECT net.check_worker_is_up()")))
                    .contains("the pg_net background worker is not up")
                    .contains("add \"unserved\" to pg_net.database_name");
        }
    }

    private static String messageOf(ThrowingCallable call) {
        return catchThrowable(call).getMessage();
    }
}
