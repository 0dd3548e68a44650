package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/**
 * With {@code pg_net.database_name = '*'} every database is served that has the extension, by a worker that is there while
 * it is needed.
 */
@PgNetTest(
        settings = "pg_net.database_name = '*'",
        sql = "CREATE DATABASE app",
        extension = false,
        cluster = Sharing.WITH_NONE)
class AllDatabasesIT {
    /** They are started at least 200 ms apart. */
    private static final long LONGER_THAN_BETWEEN_SCOUTS_MILLIS = 1_000;

    private static final Duration WITHIN = Duration.ofSeconds(15);
    private static final String MARKED =
            "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase"
                    + " WHERE datname = ? AND 'pg_net.served=on' = ANY (setconfig)";

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Test
    void databaseIsServedFromCreateExtensionOn() throws SQLException {
        assertThat(workers()).isEmpty();
        try (Session app = cluster.session("app", "postgres")) {
            assertThat(app.notices("CREATE EXTENSION pg_net")).isEmpty();
            app.execute("SELECT net.wait_until_running()");
            assertThat(workers()).containsExactly("app");
            assertAnswers(app);
            session.execute("CREATE DATABASE other");
            assertAnswers(app);
            assertThat(workers())
                    .as("no connection to a database without the extension")
                    .containsExactly("app");
        }
    }

    @Test
    void idleWorkerEndsAndARequestStartsItAgain() throws SQLException {
        restAfter("2 s");
        try (Session app = install("app")) {
            assertAnswers(app);
            awaitWorkers();
            assertThat(app.query("SELECT net._worker_state()")).contains("resting");
            app.execute("SELECT net.check_worker_is_up()", "SELECT net.wait_until_running()");

            long start = System.nanoTime();
            assertAnswers(app);
            System.out.printf(
                    "from a request to its response by a worker that had ended: %d ms%n",
                    Duration.ofNanos(System.nanoTime() - start).toMillis());
            assertThat(app.number("SELECT done FROM net.stats"))
                    .as("counted on")
                    .isEqualTo(2);

            awaitWorkers();
            assertThat(app.query("SELECT net.worker_restart()")).contains("t");
            awaitWorkers("app");
        }
        assertThat(cluster.log().count("(WARNING|ERROR|FATAL|PANIC): ", 0)).isZero();
    }

    @Test
    void workerThatEndedIsStartedToDeleteOldResponses() throws SQLException {
        cluster.execute("ALTER SYSTEM SET pg_net.ttl = '15 s'");
        restAfter("2 s");
        try (Session app = install("app")) {
            assertAnswers(app);
            awaitWorkers();
            assertThat(app.number("SELECT count(*) FROM net._http_response")).isEqualTo(1);

            app.await("SELECT count(*) FROM net._http_response", 0);
        }
    }

    @Test
    void whatIsQueuedIsSentAfterARestartOfTheServer() throws SQLException {
        try (Session app = install("app")) {
            app.execute("SELECT net.http_get('" + server.url("/hang?id=first") + "', timeout_milliseconds := 60000)");
            Eventually.until("sent", WITHIN, () -> server.received("first").size() == 1);
        }

        cluster.restart();

        Eventually.until("sent again", WITHIN, () -> server.received("first").size() == 2);
    }

    @Test
    void moreDatabasesThanProcessesTakeTurns() throws SQLException {
        cluster.set("max_worker_processes = 2", "max_logical_replication_workers = 0", "max_parallel_workers = 0");
        cluster.restart();
        session = cluster.session();
        for (String database : List.of("app", "second", "third")) {
            if (!database.equals("app")) {
                session.execute("CREATE DATABASE " + database);
            }
            try (Session in = install(database)) {
                assertAnswers(in);
            }
        }
        assertThat(workers()).containsExactly("third");
    }

    /** A connection to a template would keep everybody from making databases. */
    @Test
    void templateIsNotServedAndItsCopiesAre() throws SQLException {
        try (Session template = cluster.session("template1", "postgres")) {
            assertThat(template.notices("CREATE EXTENSION pg_net"))
                    .anySatisfy(warning -> assertThat(warning).contains("no pg_net worker serves this database"));
        }

        session.execute("CREATE DATABASE of_template");

        awaitWorkers("of_template");
        assertThat(session.number(MARKED, "of_template")).isEqualTo(1);
        try (Session copy = cluster.session("of_template", "postgres")) {
            assertAnswers(copy);
        }
        cluster.restart();
        session = cluster.session();
        awaitWorkers("of_template");
    }

    @Test
    void databaseMayBeRenamedAndDropped() throws SQLException {
        restAfter("2 s");
        install("app").close();
        awaitWorkers();

        session.execute("ALTER DATABASE app RENAME TO renamed");
        try (Session renamed = cluster.session("renamed", "postgres")) {
            assertAnswers(renamed);
        }
        awaitWorkers();
        session.execute("DROP DATABASE renamed");
        session.execute("CREATE DATABASE renamed");
        try (Session renamed = install("renamed")) {
            assertAnswers(renamed);
        }
        assertThat(cluster.log().count("(WARNING|ERROR|FATAL|PANIC): ", 0)).isZero();
    }

    /** The process that looks for new names is not started again so soon: the request comes before it. */
    @Test
    void requestRightAfterASecondRenameIsSent() throws SQLException {
        restAfter("2 s");
        cluster.execute("ALTER SYSTEM SET log_min_messages = 'debug1'", "SELECT pg_reload_conf()");
        install("app").close();
        awaitWorkers();
        int before = cluster.log().length();

        session.execute("ALTER DATABASE app RENAME TO passing");
        cluster.log().await("background worker \"net scout\" .* exited with exit code 0", before, WITHIN);
        session.execute("ALTER DATABASE passing RENAME TO renamed");

        try (Session renamed = cluster.session("renamed", "postgres")) {
            assertAnswers(renamed);
        }
        assertThat(cluster.log().count("FATAL: ", 0)).isZero();
    }

    /** Each time, a process is started to look for the databases that * stands for. */
    @Test
    void whatARoleDoesToItsDatabasesStartsFewProcesses() throws SQLException {
        cluster.execute("ALTER SYSTEM SET log_min_messages = 'debug1'", "SELECT pg_reload_conf()");
        String started = "starting background worker process \"[^\"]*scout";
        session.execute("CREATE DATABASE mine");
        Eventually.until("those of what came before have been started", WITHIN, () -> {
            long before = cluster.log().count(started, 0);
            Thread.sleep(LONGER_THAN_BETWEEN_SCOUTS_MILLIS);
            return cluster.log().count(started, 0) == before;
        });

        int beforeNothing = cluster.log().length();
        for (int i = 0; i < 50; i++) {
            session.execute("DROP DATABASE IF EXISTS nothing");
        }
        int beforeChanges = cluster.log().length();
        long begin = System.nanoTime();
        for (int i = 0; i < 200; i++) {
            session.execute("ALTER DATABASE mine CONNECTION LIMIT 10");
        }
        long seconds = 1 + (System.nanoTime() - begin) / 1_000_000_000L;
        cluster.log().await(started, beforeChanges, WITHIN);

        assertThat(cluster.log().count(started, beforeNothing) - cluster.log().count(started, beforeChanges))
                .isZero();
        assertThat(cluster.log().count(started, beforeChanges)).isLessThanOrEqualTo(5 * seconds);
    }

    @Test
    void databaseThatLostItsMarkIsServedAtItsNextRequest() throws SQLException {
        install("app").close();
        session.execute("ALTER DATABASE app RESET ALL");
        cluster.restart();
        try (Session app = cluster.session("app", "postgres")) {
            assertAnswers(app);
        }
    }

    @Test
    void markFollowsTheExtension() throws SQLException {
        try (Session app = cluster.session("app", "postgres")) {
            app.execute("CREATE EXTENSION pg_net");
            assertThat(app.number(MARKED, "app")).isEqualTo(1);
            app.execute("DROP EXTENSION pg_net");
            assertThat(app.number(MARKED, "app")).isZero();
            CExtension.create(app, CExtension.LAST);
            app.execute("ALTER EXTENSION pg_net UPDATE");
            assertThat(app.number(MARKED, "app")).isEqualTo(1);
            app.execute("ALTER EXTENSION pg_net UPDATE TO '0.20.4'");
            assertThat(app.number(MARKED, "app")).isZero();
        }
    }

    /** One that is named is served always, and whatever it has; the asterisk may be taken back. */
    @Test
    void asteriskMayStandBesideNames() throws SQLException {
        serve("postgres, *");
        install("app").close();
        awaitWorkers("app", "postgres");

        serve("postgres");
        awaitWorkers("postgres");

        serve("*");
        awaitWorker("app");
        restAfter("2 s");
        awaitWorkers();
    }

    /** A worker that waits for nothing but requests ends after this time; by default, after 5 minutes. */
    private void restAfter(String time) throws SQLException {
        cluster.execute("ALTER SYSTEM SET pg_net.idle_stop = '" + time + "'", "SELECT pg_reload_conf()");
    }

    private void serve(String names) throws SQLException {
        cluster.execute("ALTER SYSTEM SET pg_net.database_name = '" + names + "'", "SELECT pg_reload_conf()");
    }

    private Session install(String database) throws SQLException {
        Session in = cluster.session(database, "postgres");
        in.execute("CREATE EXTENSION pg_net");
        awaitWorker(database);
        return in;
    }

    private void awaitWorker(String database) {
        Eventually.get("a worker in " + database, WITHIN, () -> cluster.workerPid(database));
    }

    private List<String> workers() throws SQLException {
        return session.column(
                "SELECT datname FROM pg_stat_activity WHERE backend_type LIKE '%pg_net%' ORDER BY datname");
    }

    private void awaitWorkers(String... databases) {
        Eventually.until(
                "workers in " + List.of(databases), WITHIN, () -> workers().equals(List.of(databases)));
    }

    private void assertAnswers(Session in) throws SQLException {
        assertThat(in.collect(in.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
    }
}
