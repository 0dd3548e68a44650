package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** Policies as rows of a DBA's, beyond what a single session shows. */
@PgNetTest(settings = "pg_net.batch_size = 0")
class PolicyIT {
    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void dumpHasThePoliciesThatUsersMadeAndNoOthers() throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_age, comment)"
                + " VALUES ('nightly', '{1 min,1 h}', '8 h', 'for \"reports\"')");
        Path dump = cluster.data().resolveSibling("policies.sql");

        run("pg_dump", "--file=" + dump, "postgres");
        cluster.execute("CREATE DATABASE restored");
        run("psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", dump.toString(), "restored");

        try (Session restored = cluster.session("restored", "postgres")) {
            assertThat(restored.column("SELECT p::text FROM net.policies p ORDER BY name"))
                    .containsExactlyElementsOf(session.column("SELECT p::text FROM net.policies p ORDER BY name"))
                    .hasSize(4);
        }
    }

    @Test
    void policyOfARoleOrADatabaseIsNotedWithItsRequests() throws SQLException {
        cluster.execute(
                "CREATE ROLE app LOGIN",
                "ALTER ROLE app SET pg_net.default_policy = 'standard'",
                "ALTER DATABASE postgres SET pg_net.default_policy = 'quick'");

        try (Session app = cluster.session("postgres", "app");
                Session postgres = cluster.session()) {
            long ofApp = app.get("http://127.0.0.1:1/");
            long ofPostgres = postgres.get("http://127.0.0.1:1/");
            long named = app.number("SELECT net.request('http://127.0.0.1:1/', policy => 'none')");
            app.execute("SET pg_net.default_policy = ''");
            long ofNone = app.get("http://127.0.0.1:1/");

            assertThat(session.column("SELECT coalesce(policy, '-') FROM net.http_request_queue WHERE id IN (" + ofApp
                            + ", " + ofPostgres + ", " + named + ", " + ofNone + ") ORDER BY id"))
                    .containsExactly("standard", "quick", "none", "-");
        }
    }

    @Test
    void whoeverMayNotReadPoliciesMakesRequestsWithoutOne() throws SQLException {
        cluster.execute("CREATE ROLE narrow LOGIN", "REVOKE SELECT ON net.policies FROM PUBLIC");
        try (Session narrow = cluster.session("postgres", "narrow")) {
            assertThat(narrow.get("http://127.0.0.1:1/")).isPositive();
            assertThatThrownBy(() -> narrow.execute("SELECT net.request('http://127.0.0.1:1/', policy => 'quick')"))
                    .hasMessageContaining("permission denied for table policies");
        } finally {
            cluster.execute("GRANT SELECT ON net.policies TO PUBLIC");
        }
    }

    private static void run(String program, String... words) {
        List<String> command = new ArrayList<>(List.of(
                PgInstallation.shared().program(program),
                "-h",
                "127.0.0.1",
                "-p",
                "" + cluster.port(),
                "-U",
                "postgres"));
        command.addAll(List.of(words));
        Command.runAsOwner(Path.of("/"), command.toArray(String[]::new));
    }
}
