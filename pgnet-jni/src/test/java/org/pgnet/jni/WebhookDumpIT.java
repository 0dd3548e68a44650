package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** Dump and restore keep webhooks, and no keys. */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE missing",
            "INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.2', true)",
            "CREATE SCHEMA app",
            "GRANT ALL ON SCHEMA app TO alice"
        })
class WebhookDumpIT {
    private static final String URL = "http://127.0.0.2/hook";

    @Given
    private static PgCluster cluster;

    @Given
    private Session session;

    @Given(role = "alice")
    private Session alice;

    @Test
    void restoredDatabaseHasItsWebhooksButNoKeys() throws Exception {
        alice.execute(
                "CREATE TABLE app.orders (id int PRIMARY KEY, status text)",
                "INSERT INTO app.orders VALUES (1, 'old')");
        String key = alice.text("SELECT new_key FROM net.create_webhook('orders', 'app.orders', '" + URL
                + "', columns => '{status}', condition => 'new.id > 0')");
        session.execute("CREATE TABLE app.lost (id int)", "ALTER TABLE app.lost OWNER TO missing");
        session.text("SELECT net.create_webhook('lost', 'app.lost', '" + URL + "', signed => false)");
        Path dump = cluster.data().resolveSibling("webhooks.sql");
        Path archive = cluster.data().resolveSibling("webhooks.dump");
        run("pg_dump", "--file=" + dump, "postgres");
        run("pg_dump", "--format=custom", "--file=" + archive, "postgres");
        List<String> rows = session.column(
                "SELECT (to_jsonb(w) - '{owner_oid,relation,created}'::text[])::text FROM net._webhooks w ORDER BY name");
        session.execute("DROP OWNED BY missing CASCADE", "DROP ROLE missing");
        assertThat(Files.readString(dump)).contains("webhook.orders").doesNotContain(key);

        cluster.execute("CREATE DATABASE plain", "CREATE DATABASE parallel");
        run("psql", "-X", "-f", dump.toString(), "plain");
        runWithErrors("pg_restore", "-j2", "-d", "parallel", archive.toString());

        for (String database : List.of("plain", "parallel")) {
            try (Session restored = cluster.session(database, "postgres");
                    Session owner = cluster.session(database, "alice")) {
                assertThat(restored.column("SELECT (to_jsonb(w) - '{owner_oid,relation,created}'::text[])::text"
                                + " FROM net._webhooks w ORDER BY name"))
                        .containsExactlyElementsOf(rows);
                assertThat(restored.number("SELECT count(*) FROM net.http_request_queue"))
                        .isZero();
                assertThat(restored.number("SELECT count(*) FROM net._secrets")).isZero();

                // Its requests wait for a key.
                owner.execute("UPDATE app.orders SET status = 'new'");
                assertThat(
                                owner.text(
                                        "SELECT owner::regrole || ' ' || webhook || ' ' || sign_with FROM net.http_request_queue"))
                        .isEqualTo("alice orders webhook.orders");
                assertThat(owner.text("SELECT net.rotate_webhook_secret('orders')"))
                        .startsWith("whsec_");
                assertThat(owner.text("SELECT outcome FROM net.create_webhook('orders', 'app.orders', '" + URL
                                + "', columns => '{status}', condition => 'new.id > 0')"))
                        .isEqualTo("unchanged");

                // The table of the missing role is the restorer's now: its webhook sends nothing.
                restored.execute("INSERT INTO app.lost VALUES (1)");
                assertThat(restored.number("SELECT count(*) FROM net.http_request_queue"))
                        .isEqualTo(1);
                assertThat(restored.text("SELECT outcome FROM net.create_webhook('lost', 'app.lost', '" + URL
                                + "', signed => false)"))
                        .isEqualTo("created");
                restored.execute("INSERT INTO app.lost VALUES (2)");
                assertThat(restored.number("SELECT count(*) FROM net.http_request_queue"))
                        .isEqualTo(2);
            }
        }
    }

    /** Row-level security would keep a role from it that may not see all webhooks, if there were any. */
    @Test
    void databaseWithoutWebhooksIsDumpedByWhoeverCouldBefore() throws SQLException {
        session.execute("CREATE ROLE keeper LOGIN", "GRANT pg_read_all_data TO keeper");
        cluster.execute("CREATE DATABASE bare");
        try (Session bare = cluster.session("bare", "postgres")) {
            bare.execute("CREATE EXTENSION pg_net");
        }

        run("pg_dump", "--username=keeper", "--file=/dev/null", "bare");
    }

    private static void run(String program, String... words) {
        Command.runAsOwner(Path.of("/"), command(program, words).toArray(String[]::new));
    }

    /** pg_restore ends with an error when a role is missing, having restored the rest. */
    private static void runWithErrors(String program, String... words) {
        assertThatThrownBy(() -> run(program, words)).hasMessageContaining("missing");
    }

    private static List<String> command(String program, String... words) {
        List<String> command = new ArrayList<>(List.of(
                PgInstallation.shared().program(program),
                "-h",
                "127.0.0.1",
                "-p",
                "" + cluster.port(),
                "-U",
                "postgres"));
        command.addAll(List.of(words));
        return command;
    }
}
