package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.ForServers;
import org.pgnet.testkit.session.Session;

/** A worker that is killed, or crashes, comes back; but neither does it crash for ever, nor one request with it. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class AbnormalEndIT {
    private static final Duration WITHIN = Duration.ofSeconds(30);
    private static final String GIVEN_UP =
            "not sent again: the worker ended abnormally three times while this request was in flight";

    @TempDir(factory = ForServers.class)
    private Path directory;

    @Given
    private HttpServerFixture server;

    private interface Action {
        void run() throws SQLException;
    }

    /** Ends the worker, and waits until the next one has sent the request that hangs and answered another. */
    private void end(PgCluster cluster, Action end, int sent) throws SQLException {
        long worker = cluster.awaitWorker();
        end.run();
        Eventually.until(
                "another worker",
                WITHIN,
                () -> workerOf(cluster).filter(pid -> pid != worker).isPresent());
        Eventually.until("sent again", WITHIN, () -> server.received("hangs").size() == sent);
        try (Session session = cluster.session()) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
    }

    private static Optional<Long> workerOf(PgCluster cluster) {
        try {
            return cluster.workerPid("postgres");
        } catch (SQLException restarting) {
            return Optional.empty();
        }
    }

    private static Action signal(PgCluster cluster, String signal) {
        return () -> cluster.signal(cluster.awaitWorker(), signal);
    }

    @Test
    void requestInFlightWhenTheWorkerWasKilledThreeTimesIsAnErrorRow(PgCluster cluster) throws SQLException {
        String hangs = "SELECT net.http_get('" + server.url("/hang?id=hangs") + "', timeout_milliseconds := 600000)";
        long id = Long.parseLong(cluster.query(hangs).orElseThrow());
        Eventually.until("sent", WITHIN, () -> server.received("hangs").size() == 1);

        end(cluster, signal(cluster, "KILL"), 2);
        // None of these is the worker's own fault.
        end(cluster, signal(cluster, "TERM"), 3);
        end(cluster, signal(cluster, "QUIT"), 4);
        end(cluster, () -> restartByFunction(cluster), 5);
        end(cluster, cluster::restart, 6);
        end(cluster, () -> crashAnother(cluster), 7);
        end(cluster, () -> restartAtOnce(cluster), 8);
        end(cluster, signal(cluster, "KILL"), 9);
        end(cluster, signal(cluster, "KILL"), 9);

        try (Session session = cluster.session()) {
            assertThat(session.collect(id)).isEqualTo("ERROR|" + GIVEN_UP);
            session.await("SELECT in_flight FROM net.stats", 0);
        }
        assertThat(server.received("hangs")).hasSize(9);
        assertThat(cluster.log().count("pg_net worker was killed or crashed", 0))
                .isEqualTo(3);
    }

    /** Calls within 2 s of a start change nothing. */
    private static void restartByFunction(PgCluster cluster) {
        long worker = cluster.awaitWorker();
        Eventually.until("restart", WITHIN, () -> {
            cluster.execute("SELECT net.worker_restart()");
            return workerOf(cluster).filter(pid -> pid == worker).isEmpty();
        });
    }

    private static void crashAnother(PgCluster cluster) throws SQLException {
        try (Session victim = cluster.session()) {
            cluster.signal(victim.pid(), "KILL");
            assertThatThrownBy(() -> victim.query("SELECT pg_sleep(10)")).isInstanceOf(SQLException.class);
        }
    }

    private static void restartAtOnce(PgCluster cluster) {
        cluster.stop(StopMode.IMMEDIATE);
        cluster.start();
    }

    @Test
    void jvmThatAbortsAtEachStartRestartsTheClusterAfterGrowingPauses() throws SQLException, IOException {
        String installed;
        Path source = Files.writeString(
                directory.resolve("libjvm.c"),
                "#include <stdlib.h>\nint JNI_CreateJavaVM(void *a, void *b, void *c) { abort(); }\n");
        Path library = directory.resolve("libjvm.so");
        Command.run(
                directory, Map.of(), List.of("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString()));
        try (PgCluster cluster = PgCluster.withExtension()) {
            installed = cluster.query("SELECT setting FROM pg_settings WHERE name = 'pg_net.libjvm'")
                    .orElseThrow();
            cluster.set("pg_net.libjvm = '" + library + "'");
            cluster.restart();
            int from = 0;
            for (String pause : new String[] {
                "\\(1 in a row\\) and starts again in 1 s",
                "\\(2 in a row\\) and starts again in 2 s",
                "\\(3 in a row\\) and starts again in 4 s"
            }) {
                cluster.log().await("LOG: +pg_net worker was killed or crashed " + pause, from, WITHIN);
                from = cluster.log().length();
            }
            // The pause goes on after another process has crashed, and tells why.
            Eventually.until("connections", WITHIN, () -> canConnect(cluster));
            assertThatThrownBy(() -> cluster.execute("SELECT net.check_worker_is_up()"))
                    .hasMessageContaining("it was killed or crashed, 3 in a row");

            cluster.set("pg_net.libjvm = '" + installed + "'");
            cluster.restart();
            try (Session session = cluster.session()) {
                session.execute("SELECT net.wait_until_running()");
                assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
            }
        }
    }

    private static boolean canConnect(PgCluster cluster) {
        try {
            return cluster.query("SELECT 1").isPresent();
        } catch (SQLException restarting) {
            return false;
        }
    }

    @Test
    void journalIsReadableForTheServersUserAlone(PgCluster cluster) throws SQLException, IOException {
        cluster.awaitWorker();
        Path journal = cluster.data().resolve("pg_stat_tmp/pg_net.5");

        assertThat(Files.getPosixFilePermissions(journal)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void workerWithoutAJournalWorks() throws SQLException, IOException {
        try (PgCluster cluster = PgCluster.create()) {
            Files.createDirectory(cluster.data().resolve("pg_stat_tmp/pg_net.5"));
            cluster.start();
            cluster.execute("CREATE EXTENSION pg_net");
            try (Session session = cluster.session()) {
                assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
            }
            assertThat(cluster.log().count("LOG: +pg_net worker could not create file \"pg_stat_tmp/pg_net.5\"", 0))
                    .isEqualTo(1);
        }
    }

    @Test
    void journalThatIsGarbageIsMadeAnew(PgCluster cluster) throws SQLException, IOException {
        cluster.awaitWorker();
        Path journal = cluster.data().resolve("pg_stat_tmp/pg_net.5");
        cluster.stop(StopMode.FAST);
        byte[] garbage = new byte[(int) Files.size(journal)];
        java.util.Arrays.fill(garbage, (byte) 1);
        Files.write(journal, garbage);
        cluster.start();
        try (Session session = cluster.session()) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        assertThat(cluster.log().count("killed or crashed", 0)).isZero();
    }
}
