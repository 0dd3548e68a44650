package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Workers start, end and move as {@code pg_net.database_name} says, at each reload. */
@PgNetTest(sql = "CREATE DATABASE app", cluster = Sharing.WITH_NONE)
class DatabaseListIT {
    private static final Duration WITHIN = Duration.ofSeconds(10);

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Test
    void workerMovesToTheDatabaseThatItIsChangedFrom() throws SQLException {
        cluster.awaitWorker();
        try (Session app = cluster.session("app", "postgres")) {
            app.execute(
                    "CREATE EXTENSION pg_net",
                    "ALTER SYSTEM SET pg_net.database_name = 'app'",
                    "SELECT pg_reload_conf()");

            Eventually.until(
                    "the new list is known",
                    WITHIN,
                    () -> app.query("SELECT net.worker_restart()").orElseThrow().equals("t"));
            app.execute("SELECT net.wait_until_running()");
            assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        awaitNone("postgres");
        assertThat(session.notices("SELECT net.http_get('" + server.url("/get") + "')"))
                .anySatisfy(warning -> assertThat(warning).contains("no pg_net worker serves this database"));
    }

    @Test
    void databaseThatIsAddedHasAWorkerBeforeItHasTheExtension() throws SQLException {
        long worker = cluster.awaitWorker();

        serve("app, postgres");

        long other = Eventually.get("a worker", WITHIN, () -> cluster.workerPid("app"));
        assertThat(cluster.workerPid("postgres")).as("it stays").contains(worker);
        try (Session app = cluster.session("app", "postgres")) {
            assertThat(app.notices("CREATE EXTENSION pg_net")).isEmpty();
            assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        assertThat(cluster.workerPid("app")).contains(other);
    }

    @Test
    void workerOfADatabaseThatIsRemovedFinishesWhatIsInFlight() throws SQLException {
        Gate gate = Gate.closed();
        server.handle("/gate", gate);
        long inFlight = session.get(server.url("/gate"));
        gate.awaitRequests(1);

        serve("app");
        Eventually.get("a worker", WITHIN, () -> cluster.workerPid("app"));
        gate.open();

        assertThat(session.collect(inFlight, true)).isNotNull();
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 1);
        awaitNone("postgres");

        serve("postgres");
        Eventually.get("a worker", WITHIN, () -> cluster.workerPid("postgres"));
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        awaitNone("app");
    }

    @Test
    void databaseThatIsMadeAgainIsServedAtOnce() throws SQLException {
        serve("postgres, app");
        Eventually.get("a worker", WITHIN, () -> cluster.workerPid("app"));
        session.execute("DROP DATABASE app WITH (FORCE)");
        cluster.log().await("FATAL: +database \"app\" does not exist", WITHIN);

        session.execute("CREATE DATABASE app");
        try (Session app = cluster.session("app", "postgres")) {
            app.execute("CREATE EXTENSION pg_net");
            long start = System.nanoTime();
            assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS|ok|200");

            Duration took = Duration.ofNanos(System.nanoTime() - start);
            System.out.printf("first response in a database that was made again: %d ms%n", took.toMillis());
            // Its slot looks for the database each minute by itself.
            assertThat(took).isLessThan(Duration.ofSeconds(15));
            assertThat(app.number("SELECT done FROM net.stats")).isEqualTo(1);
        }
    }

    @Test
    void databaseThatGetsANameInTheListIsServedAtOnce() throws SQLException {
        serve("postgres, other");
        cluster.log().await("FATAL: +database \"other\" does not exist", WITHIN);

        session.execute("ALTER DATABASE app RENAME TO other");

        Eventually.get("a worker", Duration.ofSeconds(5), () -> cluster.workerPid("other"));
    }

    /** It is the workers' parent in name only: they run on, and the next one knows them. */
    @Test
    void endOfTheLauncherEndsNoWorker() throws SQLException {
        long worker = cluster.awaitWorker();
        long launcher = launcher().orElseThrow();

        cluster.signal(launcher, "TERM");

        Eventually.until(
                "another launcher",
                WITHIN,
                () -> launcher().filter(pid -> pid != launcher).isPresent());
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        assertThat(cluster.workerPid("postgres")).contains(worker);
        session.execute("SELECT pg_terminate_backend(" + worker + ", 5000)");
        Eventually.get("a worker", WITHIN, () -> cluster.workerPid("postgres").filter(pid -> pid != worker));
        serve("app");
        Eventually.get("a worker", WITHIN, () -> cluster.workerPid("app"));
        awaitNone("postgres");
    }

    private Optional<Long> launcher() throws SQLException {
        long postmaster =
                Long.parseLong(session.text("SELECT (regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1]"));
        return ProcessHandle.of(postmaster).stream()
                .flatMap(ProcessHandle::children)
                .filter(process -> title(process).startsWith("postgres: net launcher"))
                .map(ProcessHandle::pid)
                .findFirst();
    }

    private static String title(ProcessHandle process) {
        try {
            return java.nio.file.Files.readString(java.nio.file.Path.of("/proc", "" + process.pid(), "cmdline"));
        } catch (java.io.IOException ended) {
            return "";
        }
    }

    private void serve(String names) throws SQLException {
        session.execute(
                "ALTER SYSTEM SET pg_net.database_name = '" + names.replace("'", "''") + "'",
                "SELECT pg_reload_conf()");
    }

    private void awaitNone(String database) {
        Eventually.until(
                "no worker in " + database,
                WITHIN,
                () -> cluster.workerPid(database).isEmpty());
    }
}
