package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Where no worker will run, nobody waits for it: each call says at once why there is none, and what to do. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class WorkerAbsentIT {
    @Test
    @PgNetTest(
            settings = {
                "max_worker_processes = 2",
                "max_logical_replication_workers = 0",
                "max_parallel_workers = 0",
                "pg_net.database_name = 'postgres, second'"
            },
            extension = false)
    void noRoomForTheWorkerIsTold(PgCluster cluster, Session session) throws SQLException {
        session.execute("CREATE EXTENSION pg_net", "SELECT net.wait_until_running()", "CREATE DATABASE second");
        try (Session second = cluster.session("second", "postgres")) {
            assertThat(second.notices("CREATE EXTENSION pg_net"))
                    .anySatisfy(warning -> assertThat(warning).contains("max_worker_processes is 2"));
            assertThat(second.notices("SELECT net.http_get('http://127.0.0.1:1/')"))
                    .anySatisfy(warning ->
                            assertThat(warning).contains("the request will not be sent", "max_worker_processes is 2"));
            assertThat(cluster.log()
                            .count("WARNING: +max_worker_processes \\(2\\) leaves no room for the pg_net worker", 0))
                    .isEqualTo(1);
            assertNobodyWaits(
                    second,
                    1,
                    "The server has no room for a pg_net worker: max_worker_processes is 2.",
                    "Raise max_worker_processes and restart the server.");
        }
    }

    /** The server's own launcher of logical replication comes first, then ours, then the worker. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void processesThatAreUsedUpAreToldAtOnce(int processes) throws SQLException {
        try (PgCluster cluster = PgCluster.started(
                        "max_worker_processes = " + processes,
                        "max_logical_replication_workers = " + Math.min(processes, 1),
                        "max_parallel_workers = 0");
                Session session = cluster.session()) {
            session.execute("CREATE EXTENSION pg_net");
            long id = session.number("SELECT net.http_get('http://127.0.0.1:1/')");

            assertNobodyWaits(
                    session,
                    id,
                    "The server has no room for a pg_net worker: max_worker_processes is " + processes + ".",
                    "Raise max_worker_processes and restart the server.");
            assertThat(session.query("SELECT net._worker_state()")).contains("none");
        }
    }

    @Test
    void standbyIsTold(HttpServerFixture server, PgCluster primary, Session session) throws SQLException {
        long id = session.number("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 60000)");
        try (PgCluster standby = PgCluster.standbyOf(primary);
                Session onStandby = standby.session()) {
            assertNobodyWaits(onStandby, id, "A standby sends no requests.", "Connect to the primary.");
        }
    }

    @Test
    void stackThatIsTooSmallIsToldOnce() throws SQLException {
        try (PgCluster cluster = PgCluster.create()) {
            cluster.limitStack(2048);
            cluster.start();
            cluster.execute("CREATE EXTENSION pg_net");
            String reason = "its stack is limited to 2048 kB and it needs 2560 kB";
            cluster.log().await("FATAL: +pg_net worker cannot start: " + reason, Duration.ofSeconds(10));
            assertThatThrownBy(() ->
                            cluster.log().await("(FATAL|ERROR): ", cluster.log().length(), Duration.ofSeconds(4)))
                    .hasMessageContaining("not within");
            assertThatThrownBy(() -> cluster.execute("SELECT net.check_worker_is_up()"))
                    .hasMessageContaining(reason);

            cluster.limitStack(2560);
            cluster.restart();
            cluster.execute("SELECT net.wait_until_running()");
        }
    }

    /** Right after an end no process of the worker is there to be told of a reload; the next one is not to pause. */
    @Test
    @PgNetTest(settings = "pg_net.database_name = 'absent'", extension = false)
    void reloadBetweenTwoProcessesOfTheWorkerIsNotLost(PgCluster cluster) throws SQLException {
        cluster.log().await("FATAL: +database \"absent\" does not exist", Duration.ofSeconds(10));
        cluster.execute("CREATE DATABASE absent");
        cluster.reload();

        Eventually.get("a worker", Duration.ofSeconds(15), () -> cluster.workerPid("absent"));
    }

    private static void assertNobodyWaits(Session session, long id, String detail, String hint) {
        for (String call : new String[] {
            "SELECT net.wait_until_running()",
            "SELECT net.check_worker_is_up()",
            "SELECT net.http_collect_response(" + id + ", async := false)",
            "SELECT net._await_response(" + id + ")",
            "SELECT * FROM net.await('{" + id + "}', '10 s')"
        }) {
            assertThatThrownBy(() -> session.execute(call))
                    .as(call)
                    .hasMessageContaining(detail)
                    .hasMessageContaining(hint)
                    .asInstanceOf(type(SQLException.class))
                    .satisfies(error -> assertThat(error.getSQLState()).isEqualTo("55000"));
        }
    }
}
