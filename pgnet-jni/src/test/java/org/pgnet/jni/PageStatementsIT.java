package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.session.Session;

/**
 * Every statement of every page runs as it stands there, but for the hosts: a new section is run without being named here. Those
 * that have a test of their own, which shows what they do, are left to it.
 */
@PgNetTest(extension = false)
class PageStatementsIT {
    private static final Path CHECKOUT = PgInstallation.checkout();

    private static final String TESTS = "pgnet-jni/src/test/java/org/pgnet/jni/";

    /** What runs a page's statements, or those of one section. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("README.md", TESTS + "ReadmeIT.java"),
            Map.entry("docs/delivery.md ## Recipes", TESTS + "DeliveryPageIT.java"),
            Map.entry("docs/install.md", ".ci/try-install"),
            Map.entry("docs/packaging.md", ".ci/try-packages"),
            Map.entry("docs/reference.md ## Requests", TESTS + "ReferenceIT.java"),
            Map.entry("docs/reference.md ## Responses", TESTS + "ReferenceIT.java"),
            Map.entry("docs/reference.md ## The worker", TESTS + "ReferenceIT.java"),
            Map.entry("docs/reference.md ## Kept for programs written for pg_net", TESTS + "ReferenceIT.java"),
            Map.entry("docs/scaling.md", TESTS + "ScalingPageIT.java"),
            Map.entry("docs/webhooks.md", TESTS + "WebhookPageIT.java"),
            Map.entry("pgnet-pljava/README.md", "pgnet-pljava/src/test/java/org/pgnet/pljava/PlJavaIT.java"));

    /** What a section's reader has already. */
    private static final Map<String, List<String>> GIVEN = Map.of(
            "docs/delivery.md ## The rules",
                    List.of(
                            "CREATE ROLE shop",
                            "CREATE FUNCTION announce_order() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                            "CREATE SCHEMA app",
                            "CREATE TABLE app.outcome (id bigint, status integer, error text, context jsonb)"),
            "docs/flow.md ## Who may call a host",
                    List.of(
                            "CREATE ROLE billing",
                            "CREATE ROLE \"Night Jobs\"",
                            "INSERT INTO net.hosts (pattern) VALUES ('bank.example:8443')"),
            "docs/flow.md ## An administrator who is not a superuser", List.of("CREATE ROLE net_admin"),
            "docs/migrating.md ## Replication",
                    List.of("CREATE SCHEMA sales", "CREATE PUBLICATION everything FOR ALL TABLES"),
            "docs/reference.md ## Policies", List.of("CREATE ROLE administrator"),
            "docs/reliability.md ## Sent twice", List.of("CREATE TABLE handled (idempotency_key uuid PRIMARY KEY)"),
            "docs/security.md ## Secrets", List.of("CREATE ROLE billing"),
            "docs/security.md ## Tokens in logs", List.of("CREATE TABLE public.api_token (name text, token text)"));

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    /** The part of a page below a heading of the second level, or before the first. */
    private record Section(String name, Page page) {
        static List<Section> of(String page) throws IOException {
            return Arrays.stream(Page.of("../" + page).text().split("(?m)^(?=## )"))
                    .map(text ->
                            new Section(page + " " + text.lines().findFirst().orElse(""), new Page(text)))
                    .toList();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Section> sections() throws IOException {
        List<Section> sections = new ArrayList<>();
        for (String page : Page.all()) {
            sections.addAll(Section.of(page));
        }
        return sections.stream()
                .filter(section -> !section.page().sql().isEmpty())
                .filter(section ->
                        ELSEWHERE.keySet().stream().noneMatch(name -> (section.name() + " ").startsWith(name + " ")))
                .toList();
    }

    @BeforeEach
    void createExtension() throws SQLException {
        session.execute(
                "ALTER SYSTEM RESET ALL",
                "SELECT pg_reload_conf()",
                "DROP PUBLICATION IF EXISTS everything",
                "DROP EXTENSION IF EXISTS pg_net CASCADE",
                "DROP TABLE IF EXISTS orders",
                "DROP ROLE IF EXISTS billing",
                "CREATE EXTENSION pg_net");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sections")
    void statementsRun(Section section) throws SQLException {
        session.execute(GIVEN.getOrDefault(section.name(), List.of()).toArray(String[]::new));

        try (ScriptedServer server = ScriptedServer.of("ok")) {
            for (String block : section.page().sql(server)) {
                new Psql(cluster).script(hereAndNow(block, server));
            }
            // One section goes back to the C extension.
            if (session.query("SELECT to_regclass('net.requests')").isPresent()) {
                session.await("SELECT count(*) FROM net.requests WHERE state IN ('queued', 'held', 'sending')", 0);
                assertThat(session.column("SELECT concat_ws(' ', state, reason, url, error_msg) FROM net.requests"
                                + " WHERE state NOT IN ('scheduled', 'succeeded')"))
                        .as(section.name())
                        .isEmpty();
            }
        }
    }

    @Test
    void whatRunsTheOthersIsThere() {
        assertThat(ELSEWHERE.values())
                .allSatisfy(file -> assertThat(CHECKOUT.resolve(file)).exists());
    }

    /** With the hosts and values that are this reader's, and, where psql is older than 16, without its parameters. */
    private static String hereAndNow(String block, ScriptedServer server) {
        return block.replaceAll("https://(api\\.stripe|example)\\.com", server.url(""))
                .replace("{api.stripe.com}", "{http://127.0.0.1}")
                .replace("\\getenv key STRIPE_KEY", "\\set key sk_test")
                .replaceAll("\\$1(.*) \\\\bind :'key' \\\\g", ":'key'$1;")
                .replace("$1", "gen_random_uuid()");
    }
}
