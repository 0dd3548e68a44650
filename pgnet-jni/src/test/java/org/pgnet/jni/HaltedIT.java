package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** A worker that runs and sends nothing says so, and why, as long as that is so. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class HaltedIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @BeforeEach
    void awaitWorker() throws SQLException {
        session.execute("SELECT net.wait_until_running()");
    }

    @Test
    void batchSizeOfZero() throws SQLException {
        cluster.execute("ALTER SYSTEM SET pg_net.batch_size = 0", "SELECT pg_reload_conf()");

        assertHalted("pg_net.batch_size is 0, so requests are queued and not sent");

        cluster.execute("ALTER SYSTEM RESET pg_net.batch_size", "SELECT pg_reload_conf()");
        assertWorks();
    }

    @Test
    @PgNetTest(settings = "pg_net.batch_size = 0")
    void batchSizeOfZeroFromTheStart(PgCluster restored, Session inRestored) {
        assertThatThrownBy(() -> inRestored.execute("SELECT net.wait_until_running()"))
                .hasMessageContaining("The worker runs, but sends nothing: pg_net.batch_size is 0");
    }

    @Test
    void settingsThatContradictEachOther() throws SQLException {
        cluster.execute("ALTER SYSTEM SET pg_net.proxy = 'http://127.0.0.1:1'", "SELECT pg_reload_conf()");

        assertHalted("pg_net.denied_networks cannot be enforced through pg_net.proxy");

        cluster.execute("ALTER SYSTEM RESET pg_net.proxy", "SELECT pg_reload_conf()");
        assertWorks();
    }

    /** Nobody asks the worker to look again but the functions themselves. */
    @Test
    void tablesThatItCannotServe() throws SQLException {
        session.execute("ALTER TABLE net.http_request_queue RENAME body TO other", "SELECT net.wake()");

        assertHalted("table net.http_request_queue has no column \"body\"");

        session.execute("ALTER TABLE net.http_request_queue RENAME other TO body", "SELECT net.wait_until_running()");
        assertWorks();
    }

    @Test
    void tablesThatItCannotRead() throws SQLException {
        try (Session locker = cluster.session()) {
            locker.execute("BEGIN", "LOCK TABLE net.http_request_queue");
            session.execute("SELECT net.wake()");

            assertHalted("reading requests fails again and again with SQLSTATE 55P03");
        }
        assertWorks();
    }

    private static void assertHalted(String reason) throws SQLException {
        Eventually.until(
                "it is told",
                Duration.ofSeconds(10),
                () -> session.query("SELECT net._worker_state()").orElseThrow().equals("halted"));
        for (String call : new String[] {"check_worker_is_up", "wait_until_running"}) {
            assertThatThrownBy(() -> session.execute("SELECT net." + call + "()"))
                    .hasMessageContaining("the pg_net background worker is not up")
                    .hasMessageContaining("The worker runs, but sends nothing: " + reason);
        }
    }

    private static void assertWorks() throws SQLException {
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        Eventually.until(
                "it runs",
                Duration.ofSeconds(10),
                () -> session.query("SELECT net._worker_state()").orElseThrow().equals("running"));
        session.execute("SELECT net.check_worker_is_up()");
    }
}
