package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * pg_upgrade keeps the rows of both tables and sends nothing. The environment variable OLD_PG_CONFIG names the pg_config of
 * an older PostgreSQL with pg_net to upgrade from; without it a cluster is upgraded to the release that it has.
 */
@PgNetTest
class PgUpgradeIT {
    /** In the server's log at level debug1. */
    private static final String WORKER_STARTS = "starting background worker process \"pg_net worker";

    @Given
    private static HttpServerFixture server;

    private static PgCluster cluster;
    private static Session session;

    private static long answered;
    private static long queued;
    private static String logBefore;
    private static String logMeanwhile;
    private static int requestsMeanwhile;

    @BeforeAll
    static void upgrade() throws SQLException {
        PgInstallation oldInstallation = Optional.ofNullable(System.getenv("OLD_PG_CONFIG"))
                .map(pgConfig -> PgInstallation.of(Path.of(pgConfig)))
                .orElseGet(PgInstallation::shared);
        String debug = "log_min_messages = debug1";
        // The library of the old PostgreSQL may have been built where another Java is.
        String libjvm = "pg_net.libjvm = '" + System.getProperty("java.home") + "/lib/server/libjvm.so'";
        try (PgCluster old = PgCluster.createOf(oldInstallation, debug, libjvm)) {
            old.start();
            fill(old);
            logBefore = old.log().text();
            cluster = PgCluster.create(debug);
            logMeanwhile = cluster.upgradeFrom(old);
        }
        requestsMeanwhile =
                server.received("queued").size() + server.received("of-app").size();
        cluster.start();
        session = cluster.session();
    }

    /** One response, and two requests that are not sent any more. Leaves the cluster stopped. */
    private static void fill(PgCluster old) throws SQLException {
        old.execute(
                "CREATE EXTENSION pg_net",
                "CREATE ROLE app LOGIN",
                "INSERT INTO net.policies (name, delays) VALUES ('nightly', '{1 min,1 h}')",
                "INSERT INTO net.hosts (pattern, roles, rate) VALUES ('*.example.com:8443', '{pg_monitor}', 5)");
        try (Session before = old.session()) {
            answered = before.get(server.url("/get?id=answered"));
            assertThat(before.collect(answered)).startsWith("SUCCESS|ok|200");
        }
        old.set("pg_net.batch_size = 0");
        old.restart();
        try (Session before = old.session();
                Session app = old.session("postgres", "app")) {
            queued = before.number("SELECT net.request('" + server.url("/post?id=queued")
                    + "', body_bytes := '\\x610062', headers := '{\"X-Kept\": \"yes\"}')");
            app.get(server.url("/get?id=of-app"));
        }
        old.stop(StopMode.FAST);
    }

    @AfterAll
    static void stop() throws SQLException {
        session.close();
        cluster.close();
    }

    @Test
    void noWorkerRunsMeanwhile() {
        assertThat(logBefore).contains(WORKER_STARTS);
        assertThat(logMeanwhile).contains("database system is ready").doesNotContain(WORKER_STARTS);
        assertThat(requestsMeanwhile).isZero();
        assertThat(cluster.log().text()).contains(WORKER_STARTS);
    }

    /** By it * in pg_net.database_name finds the database. */
    @Test
    void markOfTheDatabaseIsKept() throws SQLException {
        assertThat(session.column("SELECT unnest(setconfig) FROM pg_db_role_setting JOIN pg_database d ON d.oid ="
                        + " setdatabase WHERE datname = 'postgres'"))
                .contains("pg_net.served=on");
    }

    @Test
    void responseIsKept() throws SQLException {
        assertThat(session.collect(answered)).startsWith("SUCCESS|ok|200").contains("answered");
        assertThat(server.received("answered")).hasSize(1);
    }

    @Test
    void queuedRequestIsSentOnceAsItWas() throws SQLException {
        assertThat(session.collect(queued)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("queued")).singleElement().satisfies(request -> {
            assertThat(request.body()).isEqualTo(new byte[] {'a', 0, 'b'});
            assertThat(request.header("x-kept")).contains("yes");
        });
    }

    @Test
    void requestStaysThatOfItsRole() throws SQLException {
        try (Session app = cluster.session("postgres", "app")) {
            assertThat(app.collect(queued + 1)).startsWith("SUCCESS|ok|200").contains("of-app");
            assertThat(app.number("SELECT count(*) FROM net._http_response")).isEqualTo(1);
        }
    }

    @Test
    void policiesAreKept() throws SQLException {
        assertThat(session.column("SELECT concat_ws(' ', pattern, roles, rate) FROM net.hosts"))
                .containsExactly("*.example.com:8443 {pg_monitor} 5");
        assertThat(session.column("SELECT name FROM net.policies ORDER BY name"))
                .containsExactly("nightly", "none", "quick", "standard");
    }

    @Test
    void idsGoOn() throws SQLException {
        assertThat(session.get(server.url("/get?id=new"))).isGreaterThan(queued + 1);
    }

    @Test
    void catalogueIsThatOfAFreshInstallation() throws SQLException, IOException {
        cluster.execute("CREATE DATABASE fresh");
        try (Session fresh = cluster.session("fresh", "postgres")) {
            fresh.execute("CREATE EXTENSION pg_net");
            /* as the upgraded one has: with its first row the table is among those that pg_dump saves */
            fresh.execute("INSERT INTO net.hosts (pattern, rate) VALUES ('example.com', 1)");

            String catalogue = Files.readString(PgInstallation.checkout().resolve("pgnet-sql/test/catalogue.sql"));
            assertThat(session.column(catalogue))
                    .containsExactlyElementsOf(fresh.column(catalogue))
                    .hasSizeGreaterThan(200);
        }
    }
}
