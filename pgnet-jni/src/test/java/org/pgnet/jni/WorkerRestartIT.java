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
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Whatever ends the worker or the server, what was committed is answered once it is back. */
@PgNetTest(settings = "pg_net.batch_size = 1", cluster = Sharing.WITH_NONE)
class WorkerRestartIT {
    private static final int QUEUED = 50;

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    private Gate gate;
    private long worker;

    /** One request is in flight and hangs; the others wait, since no more may be in flight. */
    @BeforeEach
    void startWithOneRequestInFlightAndOthersQueued() throws SQLException {
        gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        worker = cluster.awaitWorker();
        session.execute("SELECT net.http_get('" + server.url("/gate?id=first") + "', timeout_milliseconds := 60000)");
        gate.awaitRequests(1);
        session.execute("SELECT net.http_get('" + server.url("/get?id=") + "queued' || n)" + " FROM generate_series(1, "
                + QUEUED + ") n");
    }

    @Test
    void terminatedWorkerComesBackAndGoesOn() throws SQLException {
        assertBackWithinThreeSeconds(() -> session.execute("SELECT pg_terminate_backend(" + worker + ")"));

        assertEverythingIsAnswered();
    }

    @Test
    void workerThatGetsSigtermComesBackAndGoesOn() throws SQLException {
        assertBackWithinThreeSeconds(() -> cluster.signal(worker, "TERM"));

        assertEverythingIsAnswered();
    }

    @Test
    void cancelEndsNothing() throws SQLException {
        for (int n = 0; n < 20; n++) {
            session.execute("SELECT pg_cancel_backend(" + worker + ")");
        }
        gate.open();

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 1 + QUEUED);
        assertThat(server.requests()).isEqualTo(1 + QUEUED);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        // A statement that was cancelled is tried again, with a warning.
        assertThat(cluster.log().count("pg_net worker (ERROR|FATAL|PANIC):", 0)).isZero();
    }

    @Test
    void queueIsSentAfterAnotherBackendWasKilled() throws SQLException {
        try (Session victim = cluster.session()) {
            cluster.signal(victim.pid(), "KILL");
            assertThatThrownBy(() -> victim.query("SELECT pg_sleep(10)")).isInstanceOf(SQLException.class);
        }
        cluster.log().await("all server processes terminated; reinitializing", Duration.ofSeconds(20));
        Eventually.until("connections after the crash", Duration.ofSeconds(20), this::canConnect);
        session = cluster.session();

        assertEverythingIsAnswered();
    }

    @Test
    void queueIsSentAfterAnImmediateStop() throws SQLException {
        cluster.stop(StopMode.IMMEDIATE);
        cluster.start();
        session = cluster.session();

        assertEverythingIsAnswered();
    }

    private interface Action {
        void run() throws SQLException;
    }

    private void assertBackWithinThreeSeconds(Action end) throws SQLException {
        long start = System.nanoTime();
        end.run();
        awaitNextWorker();
        Duration away = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("worker back after %d ms%n", away.toMillis());
        assertThat(away).isLessThan(Duration.ofSeconds(3));
    }

    private long awaitNextWorker() {
        return Eventually.get(
                "a new worker",
                Duration.ofSeconds(20),
                () -> cluster.workerPid("postgres").filter(pid -> pid != worker));
    }

    private boolean canConnect() {
        try {
            cluster.session().close();
            return true;
        } catch (SQLException stillRecovering) {
            return false;
        }
    }

    /** What was in flight was sent twice, what was only queued once. */
    private void assertEverythingIsAnswered() throws SQLException {
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 1 + QUEUED);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isZero();
        for (int n = 1; n <= QUEUED; n++) {
            assertThat(server.received("queued" + n)).hasSize(1);
        }
        assertThat(server.received("first")).hasSize(2);
    }
}
