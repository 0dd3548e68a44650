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
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** {@code net.worker_restart} lets what is in flight finish, for five seconds at most. */
@PgNetTest(settings = "pg_net.batch_size = 1", cluster = Sharing.WITH_NONE)
class RestartFunctionIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    private Gate gate;
    private long worker;
    private long firstId;

    @BeforeEach
    void startWithOneRequestInFlight() throws SQLException {
        gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        worker = cluster.awaitWorker();
        firstId = session.number(
                "SELECT net.http_get('" + server.url("/gate?id=first") + "', timeout_milliseconds := 60000)");
        gate.awaitRequests(1);
        // A worker that has just started is not started again.
        session.await(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = " + worker
                        + " AND backend_start < clock_timestamp() - interval '2.5 s'",
                1);
    }

    @Test
    void requestInFlightFinishes() throws SQLException {
        restart();
        assertThatThrownBy(() -> awaitNextWorker(Duration.ofSeconds(1))).hasMessageContaining("not within");
        gate.open();

        assertThat(session.collect(firstId)).startsWith("SUCCESS|ok|200");
        awaitNextWorker(Duration.ofSeconds(5));
        assertThat(server.received("first")).hasSize(1);
    }

    @Test
    void queuedRequestsAreLeftToTheNextWorker() throws SQLException {
        session.execute("SELECT net.http_get('" + server.url("/get?id=queued") + "') FROM generate_series(1, 20)");
        restart();
        gate.open();

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 21);
        awaitNextWorker(Duration.ofSeconds(10));
        assertThat(server.received("first")).hasSize(1);
        assertThat(server.received("queued")).hasSize(20);
    }

    @Test
    void requestThatHangsIsLeftToTheNextWorkerHoweverOftenTheFunctionIsCalled() throws SQLException {
        restart();
        assertThatThrownBy(() -> awaitNextWorker(Duration.ofSeconds(3))).hasMessageContaining("not within");
        restart();

        // Of five seconds three are over; the next worker starts a second later.
        awaitNextWorker(Duration.ofMillis(4500));
        assertThat(session.collect(firstId)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("first")).hasSize(2);
    }

    @Test
    void callRightAfterAStartHasAnotherWorkerStarted() throws SQLException {
        gate.open();
        for (int i = 0; i < 3; i++) {
            restart();
            awaitNextWorker(Duration.ofSeconds(10));
            worker = cluster.workerPid("postgres").orElseThrow();
        }

        assertThat(session.collect(firstId)).startsWith("SUCCESS|ok|200");
    }

    private void restart() throws SQLException {
        assertThat(session.query("SELECT net.worker_restart()")).contains("t");
    }

    private void awaitNextWorker(Duration within) {
        Eventually.get(
                "a new worker", within, () -> cluster.workerPid("postgres").filter(pid -> pid != worker));
    }
}
