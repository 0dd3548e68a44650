package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** What net.doctor() says where there is no worker, or no library, or one that ends again and again. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class DoctorWorkerIT {
    private static final String FINDINGS = "SELECT concat_ws(' | ', severity, finding) FROM net.doctor()";
    private static final Duration WITHIN = Duration.ofSeconds(30);

    @Test
    void workerThatIsKilledAgainAndAgainIsTold(PgCluster cluster, HttpServerFixture server) throws SQLException {
        try (Session session = cluster.session()) {
            session.collect(session.get(server.url("/get")));
            assertThat(session.column(FINDINGS)).isEmpty();
        }
        for (int i = 0; i < 2; i++) {
            long worker = cluster.awaitWorker();
            cluster.signal(worker, "KILL");
            Eventually.until(
                    "another worker",
                    WITHIN,
                    () -> workerOf(cluster).filter(pid -> pid != worker).isPresent());
        }
        cluster.awaitWorker();
        try (Session session = cluster.session()) {
            assertThat(session.column(FINDINGS))
                    .hasSize(1)
                    .allMatch(line ->
                            line.matches("stopped \\| The worker of \"postgres\" has ended abnormally 2 times in a row"
                                    + " in \\d+ s; last reason: it was killed or crashed\\."));
            session.execute("SELECT net.wait_until_running()");
            session.collect(session.get(server.url("/get")));
            Eventually.until("silence", WITHIN, () -> session.column(FINDINGS).isEmpty());
            // The crash has zeroed what was counted, and says so.
            assertThat(session.text("SELECT done <= 1 AND since > now() - interval '1 minute' FROM net.stats"))
                    .isEqualTo("t");
        }
    }

    private static Optional<Long> workerOf(PgCluster cluster) {
        try {
            return cluster.workerPid("postgres");
        } catch (SQLException restarting) {
            return Optional.empty();
        }
    }

    @Test
    @PgNetTest(settings = "pg_net.libjvm = '/nowhere/libjvm.so'")
    void workerThatCannotStartIsTold(Session session) throws SQLException {
        session.execute("SELECT net.http_get('http://127.0.0.1:1/')");

        Eventually.until(
                "failure",
                WITHIN,
                () -> session.column(FINDINGS).stream()
                        .anyMatch(
                                line -> line.startsWith(
                                        "stopped | The worker of \"postgres\" cannot start: could not load the JVM from \"/nowhere/libjvm.so\"")));
        assertThat(session.text("SELECT reason FROM net.requests"))
                .startsWith("the worker cannot start: could not load");
    }

    @Test
    @PgNetTest(
            settings = {
                "max_worker_processes = 2",
                "max_logical_replication_workers = 0",
                "max_parallel_workers = 0",
                "pg_net.database_name = 'postgres, second'"
            },
            extension = false)
    void databaseForWhichThereIsNoRoomIsTold(PgCluster cluster, Session session) throws SQLException {
        session.execute("CREATE EXTENSION pg_net", "SELECT net.wait_until_running()", "CREATE DATABASE second");
        try (Session second = cluster.session("second", "postgres")) {
            second.execute("CREATE EXTENSION pg_net", "SELECT net.http_get('http://127.0.0.1:1/')");
            String finding =
                    "stopped | No free worker slot: max_worker_processes = 2, all used; database \"second\" is not served";

            Eventually.until(
                    "no room",
                    WITHIN,
                    () -> second.column(FINDINGS).stream()
                            .anyMatch(line -> line.startsWith(finding + "; 1 request waits")));
            assertThat(session.column(FINDINGS)).containsExactly(finding + ".");
            assertThat(session.text("SELECT sql FROM net.doctor()"))
                    .isEqualTo("alter system set max_worker_processes = 10");
        }
    }

    @Test
    void serverWithoutTheLibraryIsTold(PgCluster cluster) throws SQLException {
        cluster.set("shared_preload_libraries = ''");
        cluster.restart();
        try (Session session = cluster.session()) {
            assertThat(session.column(FINDINGS))
                    .containsExactly("stopped | pg_net is not in shared_preload_libraries: nothing is sent.");
            assertThat(session.text("SELECT sql FROM net.doctor()"))
                    .isEqualTo("alter system set shared_preload_libraries = 'pg_net'");
            assertThat(session.column("SELECT id FROM net.requests")).isEmpty();
        }
    }

    @Test
    void standbyIsTold(PgCluster cluster) throws SQLException {
        try (Session session = cluster.session()) {
            session.execute("INSERT INTO net.http_request_queue (method, url, not_before)"
                    + " VALUES ('GET', 'http://127.0.0.1:1/', now() + interval '1 day')");
        }
        try (PgCluster standby = PgCluster.standbyOf(cluster);
                Session session = standby.session()) {
            Eventually.until(
                    "replayed",
                    WITHIN,
                    () -> !session.column("SELECT id FROM net.http_request_queue")
                            .isEmpty());
            assertThat(session.column(FINDINGS))
                    .isEqualTo(List.of("advice | This server is a standby: it sends no requests."));
            assertThat(session.text("SELECT state FROM net.requests")).isEqualTo("scheduled");
            assertThat(session.number("SELECT queued FROM net.stats")).isEqualTo(1);
            assertThat(session.column("SELECT origin FROM net.stat_host")).isEmpty();
        }
    }
}
