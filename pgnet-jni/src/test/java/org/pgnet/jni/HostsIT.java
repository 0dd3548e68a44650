package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** Rows of net.hosts hold for queued requests, from the commit of the change on, whatever made it. */
@PgNetTest(
        settings = "max_prepared_transactions = 5",
        sql = {"CREATE ROLE ops", "CREATE ROLE app LOGIN", "CREATE ROLE operator LOGIN IN ROLE ops"})
class HostsIT {
    private static final String REFUSED = "ERROR|";
    private static final String OF_OPS = "INSERT INTO net.hosts (pattern, roles) VALUES ('127.0.0.1', '{ops}')";

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "app")
    private Session app;

    @BeforeEach
    void empty() throws SQLException {
        session.execute("TRUNCATE net.hosts");
    }

    @Test
    void rolesAreCheckedAtTheCall() throws SQLException {
        long before = app.get(server.url("/get"));
        assertThat(app.collect(before)).startsWith("SUCCESS");
        session.execute(OF_OPS);

        assertThatThrownBy(() -> app.get(server.url("/get")))
                .hasMessageContaining("role \"app\" may not call host \"127.0.0.1\"")
                .extracting("SQLState")
                .isEqualTo("42501");
        try (Session operator = cluster.session("postgres", "operator")) {
            assertThat(operator.collect(operator.get(server.url("/get")))).startsWith("SUCCESS");
        }
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS");
    }

    @Test
    void storeOfAHostHoldsForRequestsThatDoNotSayIt() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, store) VALUES ('127.0.0.1', 'status')");
        long status = session.get(server.url("/get"));
        long all = session.send("SELECT net.request(?, store => 'all')", server.url("/get"));

        assertThat(session.collect(status)).startsWith("SUCCESS");
        assertThat(session.collect(all)).startsWith("SUCCESS");
        assertThat(session.column(
                        "SELECT format('%s %s %s', status_code, headers IS NULL, content IS NULL)"
                                + " FROM net._http_response WHERE id IN (?, ?) ORDER BY id",
                        status, all))
                .containsExactly("200 t t", "200 f f");

        session.execute("UPDATE net.hosts SET store = 'failures'");
        long nothing = session.get(server.url("/get"));
        session.collect(nothing);
        assertThat(session.number("SELECT count(*) FROM net._http_response WHERE id = ?", nothing))
                .isZero();
    }

    @Test
    void rolesAreCheckedAgainWhenItIsSent() throws SQLException {
        long id = later();
        session.execute(OF_OPS);

        assertRefused(id);
    }

    @Test
    void memberThatIsNoneAnyMoreIsRefusedWhenItIsSent() throws SQLException {
        session.execute("CREATE ROLE leaving LOGIN IN ROLE ops", OF_OPS);
        try (Session leaving = cluster.session("postgres", "leaving")) {
            assertThat(leaving.collect(leaving.get(server.url("/get")))).startsWith("SUCCESS");
            long id = leaving.number("SELECT net.request('" + server.url("/get") + "', delay => '500 ms')");
            session.execute("REVOKE ops FROM leaving");

            assertThat(leaving.collect(id)).startsWith(REFUSED).contains("127.0.0.1");
            assertThatThrownBy(() -> leaving.get(server.url("/get"))).hasMessageContaining("may not call host");
        }
    }

    @Test
    void redirectLeadsToNoHostOfOtherRoles() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, roles) VALUES ('localhost:" + server.port() + "', '{ops}')");
        server.handle(
                "/away",
                request -> Optional.of(new Reply(
                        302, List.of("Location: http://localhost:" + server.port() + "/get?id=away"), new byte[0])));

        assertThat(app.collect(app.get(server.url("/away")))).startsWith(REFUSED);
        assertThat(server.received("away")).isEmpty();
    }

    @Test
    void roleThatIsGoneHasNoMembers() throws SQLException {
        session.execute("CREATE ROLE gone", "GRANT gone TO app");
        session.execute("INSERT INTO net.hosts (pattern, roles) VALUES ('127.0.0.1', '{gone}')");
        assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS");
        long id = later();
        session.execute("DROP ROLE gone");

        assertRefused(id);
        assertThatThrownBy(() -> app.get(server.url("/get"))).hasMessageContaining("may not call host");
    }

    @Test
    void preparedChangeHoldsWhenItIsCommitted() throws SQLException {
        session.execute("BEGIN", OF_OPS, "PREPARE TRANSACTION 'hosts'");
        assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS");
        long id = later();
        session.execute("COMMIT PREPARED 'hosts'");

        assertRefused(id);
        assertThatThrownBy(() -> app.get(server.url("/get"))).hasMessageContaining("may not call host");
    }

    @Test
    void truncateAndAlterTableAreToldToo() throws SQLException {
        session.execute(OF_OPS);
        assertThatThrownBy(() -> app.get(server.url("/get"))).hasMessageContaining("may not call host");
        session.execute("TRUNCATE net.hosts");
        assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS");

        session.execute("INSERT INTO net.hosts (pattern) VALUES ('127.0.0.1')");
        long id = later();
        session.execute("ALTER TABLE net.hosts ALTER roles TYPE text[] USING '{ops}'");
        assertRefused(id);
        assertThatThrownBy(() -> app.get(server.url("/get"))).hasMessageContaining("may not call host");
    }

    @Test
    void rowsWrittenPastTheTriggersAreToldWhenThoseAreEnabledAgain() throws SQLException {
        long id = later();
        session.execute(
                "ALTER TABLE net.hosts DISABLE TRIGGER ALL",
                OF_OPS,
                "ALTER TABLE net.hosts ENABLE TRIGGER ALL",
                "ALTER TABLE net.hosts ENABLE ALWAYS TRIGGER _check_host, ENABLE ALWAYS TRIGGER _hosts_changed");

        assertRefused(id);
    }

    @Test
    void sessionWithAnOldSnapshotKeepsNoOldRules() throws SQLException {
        app.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM net.http_request_queue");
        session.execute(OF_OPS);
        assertThatThrownBy(() -> app.get(server.url("/get"))).hasMessageContaining("may not call host");
        app.execute("ROLLBACK");
        assertThatThrownBy(() -> app.get(server.url("/get"))).hasMessageContaining("may not call host");
    }

    @Test
    void newRulesHoldForWhatIsCommittedWithThem() throws SQLException {
        session.execute("GRANT INSERT ON net.hosts TO app");
        app.execute(
                "BEGIN",
                "SELECT net.http_get('" + server.url("/get") + "', headers := '{\"X-Test\": \"together\"}')",
                OF_OPS,
                "COMMIT");

        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(session.text("SELECT error_msg FROM net._http_response ORDER BY id DESC LIMIT 1"))
                .contains("127.0.0.1");
        session.execute("REVOKE INSERT ON net.hosts FROM app");
    }

    @Test
    void rowIsRestoredWithoutItsRoleItsPolicyAndItsFile() throws SQLException {
        session.execute(
                "CREATE ROLE missing",
                "INSERT INTO net.policies (name, delays) VALUES ('own', '{1 s}')",
                "INSERT INTO net.hosts (pattern, roles, policy, headers, client_certificate, comment) VALUES"
                        + " ('*.example.com:8443', '{missing}', 'own', '{\"X\": \"y\"}', '/nowhere/a.pem', 'for \"x\"'),"
                        + " ('127.0.0.1', '{missing}', NULL, NULL, NULL, NULL)");
        Path dump = cluster.data().resolveSibling("hosts.sql");
        run("pg_dump", "--file=" + dump, "postgres");
        List<String> rows = session.column("SELECT h::text FROM net.hosts h ORDER BY pattern");
        session.execute("DROP ROLE missing", "DELETE FROM net.policies WHERE name = 'own'");
        cluster.execute("CREATE DATABASE restored");
        run("psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", dump.toString(), "restored");

        try (Session restored = cluster.session("restored", "postgres");
                Session appThere = cluster.session("restored", "app")) {
            assertThat(restored.column("SELECT h::text FROM net.hosts h ORDER BY pattern"))
                    .containsExactlyElementsOf(rows)
                    .hasSize(2);
            assertThatThrownBy(() -> appThere.get(server.url("/get"))).hasMessageContaining("may not call host");
        }
    }

    @Test
    void policyAndTimeoutOfAHostHoldForRequestsThatNameNone() throws SQLException {
        session.execute(
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('twice', '{50 ms}', 2, 0)",
                "INSERT INTO net.hosts (pattern, policy, timeout) VALUES ('127.0.0.1', 'twice', '700 ms')");

        long plain = app.get(server.url("/status/503"));
        long named = app.number("SELECT net.request('" + server.url("/status/503") + "', policy => 'none')");
        long slow = app.number("SELECT net.request('" + server.url("/hang") + "', policy => 'none')");
        long patient = app.number("SELECT net.request('" + server.url("/get") + "', timeout => '9 s')");

        assertThat(attempts(plain)).isEqualTo(2);
        assertThat(attempts(named)).isEqualTo(1);
        assertThat(app.collect(slow)).contains("Timeout of 700 ms");
        assertThat(app.collect(patient)).startsWith("SUCCESS");
        assertThat(session.text(
                        "SELECT coalesce(string_agg(policy, ','), 'nothing noted') FROM net.http_request_queue"))
                .isEqualTo("nothing noted");
    }

    @Test
    void defaultPolicyOfTheSessionComesBeforeThatOfTheHost() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, policy) VALUES ('127.0.0.1', 'quick')");
        app.execute("SET pg_net.default_policy = 'none'");

        assertThat(attempts(app.get(server.url("/status/503")))).isEqualTo(1);
    }

    @Test
    void requestsThatWaitForAPausedHostAreSeenByTheirRoles() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        long first = app.get(server.url("/get"));
        app.get(server.url("/get"));
        String waiting = "SELECT coalesce(sum(waiting), 0) FROM net.stat_host WHERE origin = 'http://127.0.0.1:"
                + server.port() + "' AND owner = 'app'::regrole";

        session.await(waiting, 2);
        app.await(waiting, 2);
        assertThat(app.text("SELECT reason FROM net.stat_host WHERE waiting > 0"))
                .isEqualTo("paused");
        assertThat(app.text("SELECT value FROM net.explain('" + server.url("/") + "') WHERE what = 'paused'"))
                .isEqualTo("yes");
        assertThat(app.text("SELECT value FROM net.explain('" + server.url("/") + "') WHERE what = 'waiting'"))
                .isEqualTo("2");
        try (Session operator = cluster.session("postgres", "operator")) {
            assertThat(operator.number(waiting)).isZero();
            session.execute("GRANT pg_monitor TO operator");
            assertThat(operator.number(waiting)).isEqualTo(2);
            session.execute("REVOKE pg_monitor FROM operator");
        }

        session.execute("UPDATE net.hosts SET paused = false");
        assertThat(app.collect(first)).startsWith("SUCCESS");
        app.await(waiting, 0);
        assertThat(app.number("SELECT max(started) FROM net.stat_host WHERE origin LIKE '%:" + server.port() + "'"))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void whoMayNotReadHeadersDumpsADatabaseWithoutRules() throws SQLException {
        Path dump = cluster.data().resolveSibling("plain.sql");
        run("pg_dump", "--username=app", "--file=" + dump, "postgres");

        session.execute("INSERT INTO net.hosts (pattern) VALUES ('a.example')");
        assertThatThrownBy(() -> run("pg_dump", "--username=app", "--file=" + dump, "postgres"))
                .hasMessageContaining("permission denied for table hosts");
        run("pg_dump", "--username=app", "--exclude-table-data=net.hosts", "--file=" + dump, "postgres");
        session.execute("TRUNCATE net.hosts");
        run("pg_dump", "--username=app", "--file=" + dump, "postgres");
    }

    @Test
    void filesOfAnOwnerWhoMayNotReadFilesDoNotCount() throws SQLException {
        session.execute("ALTER TABLE net.hosts OWNER TO app");
        try {
            app.execute(
                    "ALTER TABLE net.hosts DISABLE TRIGGER USER",
                    "INSERT INTO net.hosts (pattern, ca_bundle) VALUES ('127.0.0.1', '/etc/ssl/certs/ca-certificates.crt')",
                    "ALTER TABLE net.hosts ENABLE TRIGGER USER");
            // A worker that is idle learns of a changed definition with its next transaction.
            app.collect(app.get(server.url("/get")));

            assertThat(app.collect(app.get(server.url("/get").replace("http:", "https:"))))
                    .startsWith(REFUSED)
                    .contains("pg_read_server_files");
        } finally {
            session.execute(
                    "ALTER TABLE net.hosts OWNER TO postgres",
                    "ALTER TABLE net.hosts ENABLE ALWAYS TRIGGER _check_host, ENABLE ALWAYS TRIGGER _hosts_changed");
        }
    }

    @Test
    void nothingIsSentWhileTheRowsCannotBeRead() throws SQLException {
        session.execute("ALTER TABLE net.hosts RENAME COLUMN rate TO pace");
        try {
            // A worker that is idle learns of a changed definition with its next transaction.
            app.get(server.url("/get"));
            session.await(
                    "SELECT coalesce(net._worker_failure(), '')",
                    "reading hosts fails again and again with SQLSTATE 42703; the server's log says more",
                    Duration.ofSeconds(10));
            long id = app.get(server.url("/get"));
            assertThat(app.collect(id, true)).startsWith("PENDING");
            session.execute("ALTER TABLE net.hosts RENAME COLUMN pace TO rate");
            assertThat(app.collect(id)).startsWith("SUCCESS");
        } finally {
            if (session.query("SELECT 1 FROM pg_attribute WHERE attrelid = 'net.hosts'::regclass AND attname = 'pace'")
                    .isPresent()) {
                session.execute("ALTER TABLE net.hosts RENAME COLUMN pace TO rate");
            }
        }
    }

    @Test
    void nobodyReadsTheTableWhileNobodyChangesIt() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, roles) VALUES ('127.0.0.1', '{app}')");
        assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS");
        String scans = "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_all_tables"
                + " WHERE relid = 'net.hosts'::regclass";
        app.execute("SELECT pg_stat_force_next_flush()");
        long before = session.number(scans);

        for (int i = 0; i < 20; i++) {
            assertThat(app.collect(app.get(server.url("/get")))).startsWith("SUCCESS");
        }

        app.execute("SELECT pg_stat_force_next_flush()");
        // What was read before may be reported late.
        assertThat(session.number(scans)).isLessThan(before + 10);
    }

    /** A request that has been made and is not sent at once. */
    private long later() throws SQLException {
        return app.number("SELECT net.request('" + server.url("/get") + "', delay => '500 ms')");
    }

    private long attempts(long id) throws SQLException {
        assertThat(app.collect(id)).contains("|503|");
        return app.number("SELECT attempts FROM net.responses WHERE id = " + id);
    }

    private void assertRefused(long id) throws SQLException {
        assertThat(app.collect(id)).startsWith(REFUSED).contains("127.0.0.1");
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
