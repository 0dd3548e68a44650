package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Whoever ran the C extension, version 0.20.4, loses no row and no decision about privileges by the update. */
@PgNetTest(settings = "max_connections = 30", extension = false, cluster = Sharing.WITH_NONE)
class UpgradeIT {
    private static final Path SOURCES = PgInstallation.checkout().resolve("pgnet-sql/test");

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session served;

    private static List<String> notices;

    @BeforeAll
    static void update() throws SQLException, IOException {
        CExtension.offer("0.20.4");
        served.execute(
                "CREATE EXTENSION pg_net VERSION '0.20.4'",
                "SELECT setval('net.http_request_queue_id_seq', 100)",
                "INSERT INTO net._http_response (id, status_code, content_type, headers, content, timed_out) VALUES"
                        + " (1, 200, 'text/plain', '{\"a\": \"b\"}', 'kept', false)",
                "INSERT INTO net._http_response (id, error_msg) VALUES (2, 'Timeout was reached')",
                "INSERT INTO net._http_response (id, content, timed_out, created) VALUES"
                        + " (3, 'older', false, now() - interval '1 minute'), (3, 'newer', false, now()),"
                        + " (NULL, 'of nobody', false, now()), (50, 'that stays', false, now())",
                "SELECT net.http_post('" + server.url("/post") + "', '{\"queued\": \"before\"}')",
                "INSERT INTO net.http_request_queue (id, method, url, timeout_milliseconds)" + " VALUES (50, 'gEt', '"
                        + server.url("/get?id=of-a-taken-id") + "', 5000)",
                "INSERT INTO net.http_request_queue (id, method, url, headers, timeout_milliseconds) VALUES"
                        + " (60, 'GET', 'no URL', NULL, 5000), (61, 'GET', 'ftp://127.0.0.1/', NULL, 5000),"
                        + " (62, 'GET', '" + server.url("/get") + "', '{\"a\": \"b\\r\\nc: d\"}', 5000),"
                        + " (63, 'GET', '" + server.url("/get") + "', '[1]', 5000),"
                        + " (64, 'GET', '" + server.url("/get") + "', NULL, -1)",
                "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)",
                "INSERT INTO pg_subscription_rel SELECT s.oid, t.oid, 'r' FROM pg_subscription s, pg_class t"
                        + " WHERE t.relname IN ('http_request_queue', '_http_response')");
        notices = served.notices("ALTER EXTENSION pg_net UPDATE");
    }

    @Test
    void subscriptionThatHasTheTablesLeavesThemOut() throws SQLException {
        assertThat(served.number("SELECT count(*) FROM pg_subscription_rel")).isZero();
    }

    @Test
    void catalogueIsThatOfAFreshInstallation() throws SQLException, IOException {
        try (Session fresh = database("fresh")) {
            fresh.execute("CREATE EXTENSION pg_net");

            String catalogue = Files.readString(SOURCES.resolve("catalogue.sql"));
            assertThat(served.column(catalogue))
                    .containsExactlyElementsOf(fresh.column(catalogue))
                    .hasSizeGreaterThan(200);
        }
    }

    @Test
    void oldResponsesAreReadable() throws SQLException {
        assertThat(served.collect(1)).isEqualTo("SUCCESS|ok|200|kept");
        assertThat(served.collect(2)).isEqualTo("ERROR|Timeout was reached");
        assertThat(served.query("SELECT timed_out IS NULL FROM net._http_response WHERE id = 2"))
                .contains("t");
    }

    @Test
    void oldRowsBelongToTheExtensionsOwner() throws SQLException {
        assertThat(served.column("SELECT DISTINCT owner::regrole FROM net.responses"))
                .containsExactly("postgres");
    }

    @Test
    void queuedRequestIsSentAndAnsweredUnderItsId() throws SQLException {
        assertThat(served.collect(101)).isEqualTo("SUCCESS|ok|200|{\"queued\": \"before\"}");
    }

    @Test
    void idsGoOn() throws SQLException {
        // 102 went to the queued request whose id a response had.
        assertThat(served.get(server.url("/get"))).isGreaterThanOrEqualTo(103).isLessThan(110);
    }

    @Test
    void repeatedResponseIdKeepsTheNewestWithANotice() throws SQLException {
        assertThat(served.column("SELECT content FROM net._http_response WHERE id = 3"))
                .containsExactly("newer");
        assertThat(served.number("SELECT count(*) FROM net._http_response WHERE content = 'of nobody'"))
                .isZero();
        assertThat(notices)
                .contains(
                        "responses removed from net._http_response: 1 without an id, 1 of an id that a newer one has");
    }

    @Test
    void queuedRequestOfATakenIdIsSentUnderANewOneWithANotice() throws SQLException {
        assertThat(served.collect(102)).startsWith("SUCCESS|ok|200").contains("of-a-taken-id");
        assertThat(server.received("of-a-taken-id")).hasSize(1);
        assertThat(served.query("SELECT content FROM net._http_response WHERE id = 50"))
                .contains("that stays");
        assertThat(notices).contains("queued requests that got a new id, since theirs was not the only one: 1");
    }

    @Test
    void queuedRequestThatCannotBeSentBecomesAnErrorRow() throws SQLException {
        served.await("SELECT count(*) FROM net._http_response WHERE id BETWEEN 60 AND 64", 5);
        assertThat(served.column("SELECT id FROM net._http_response"
                        + " WHERE id BETWEEN 60 AND 64 AND error_msg IS NOT NULL AND status_code IS NULL ORDER BY id"))
                .containsExactly("60", "61", "62", "63");
        // A negative timeout is none.
        assertThat(served.collect(64)).startsWith("SUCCESS|ok|200");
        assertThat(served.number("SELECT count(*) FROM net.http_request_queue")).isZero();
    }

    @Test
    void triggerOfAUserStaysIsNamedAndDoesNotRun() throws SQLException {
        try (Session session = database("with_triggers")) {
            session.execute(
                    "CREATE EXTENSION pg_net VERSION '0.20.4'",
                    "CREATE ROLE plain",
                    "CREATE TABLE ran (superuser boolean); GRANT INSERT ON ran TO PUBLIC",
                    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ran SELECT rolsuper"
                            + " FROM pg_roles WHERE rolname = current_user; RETURN NEW; END $$",
                    "INSERT INTO net._http_response (id) VALUES (1), (1)",
                    "SET ROLE plain",
                    "CREATE TRIGGER mine BEFORE UPDATE OR DELETE ON net._http_response FOR EACH ROW EXECUTE FUNCTION note()",
                    "RESET ROLE",
                    "CREATE TRIGGER \"Yours\" AFTER INSERT ON net.http_request_queue FOR EACH ROW EXECUTE FUNCTION note()",
                    "ALTER TABLE net.http_request_queue ENABLE ALWAYS TRIGGER \"Yours\"");

            assertThat(session.notices("ALTER EXTENSION pg_net UPDATE"))
                    .contains("trigger mine of table net._http_response is kept")
                    .contains("trigger \"Yours\" of table net.http_request_queue is kept");
            assertThat(session.column("SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger"
                            + " WHERE tgfoid = 'note'::regproc ORDER BY tgname"))
                    .containsExactly("Yours A", "mine O");
            assertThat(session.number("SELECT count(*) FROM ran")).isZero();
        }
    }

    @Test
    void privilegeThatWasRevokedStaysRevoked() throws SQLException {
        try (Session session = database("hardened")) {
            session.execute(
                    "CREATE EXTENSION pg_net VERSION '0.20.4'",
                    "CREATE ROLE app",
                    "REVOKE ALL ON net.http_request_queue FROM PUBLIC",
                    "REVOKE ALL ON SCHEMA net FROM PUBLIC",
                    "REVOKE EXECUTE ON FUNCTION net.http_post FROM PUBLIC",
                    "GRANT USAGE ON SCHEMA net TO app",
                    "GRANT INSERT, SELECT ON net.http_request_queue TO app",
                    "GRANT DELETE ON net._http_response TO app",
                    "ALTER EXTENSION pg_net UPDATE");

            assertThat(session.query("SELECT has_schema_privilege('public', 'net', 'USAGE')"))
                    .contains("f");
            assertThat(session.query("SELECT has_any_column_privilege('public', 'net.http_request_queue',"
                            + " 'SELECT, INSERT, UPDATE')"))
                    .contains("f");
            assertThat(session.column(
                            "SELECT p.oid::regprocedure FROM pg_proc p WHERE proname ~ '^http_(post|request)$'"
                                    + " AND has_function_privilege('public', p.oid, 'EXECUTE')"))
                    .isEmpty();
            assertThat(session.query("SELECT has_table_privilege('app', 'net.http_request_queue', 'INSERT')"
                            + " AND has_table_privilege('app', 'net._http_response', 'DELETE')"))
                    .contains("t");
            assertThat(session.query("SELECT has_table_privilege('public', 'net._http_response', 'DELETE')"))
                    .contains("f");
            assertThat(session.number("SELECT count(*) FROM pg_init_privs WHERE initprivs::text LIKE '%app=%'"))
                    .isZero();
        }
    }

    @Test
    void whatADbaSetOnAFunctionStays() throws SQLException {
        try (Session session = database("definer")) {
            session.execute(
                    "CREATE EXTENSION pg_net VERSION '0.20.4'",
                    "ALTER FUNCTION net.http_get SECURITY DEFINER SET search_path = net, pg_temp",
                    "ALTER EXTENSION pg_net UPDATE");

            assertThat(session.query(
                            "SELECT prosecdef || ' ' || proconfig::text FROM pg_proc WHERE proname = 'http_get'"))
                    .contains("true {\"search_path=net, pg_temp\"}");
            // All others have what a fresh installation gives them.
            String withSettings = "SELECT concat_ws(' ', proname, prosecdef, proconfig) FROM pg_proc"
                    + " WHERE pronamespace = 'net'::regnamespace AND proname <> 'http_get'"
                    + " AND (prosecdef OR proconfig IS NOT NULL) ORDER BY proname";
            try (Session fresh = database("fresh_definer")) {
                fresh.execute("CREATE EXTENSION pg_net");
                assertThat(session.column(withSettings))
                        .isNotEmpty()
                        .containsExactlyElementsOf(fresh.column(withSettings));
            }
        }
    }

    @Test
    void everythingBelongsToTheExtensionsOwnerWhoeverUpdates() throws SQLException {
        cluster.execute("CREATE ROLE dba SUPERUSER LOGIN", "CREATE DATABASE of_dba");
        try (Session dba = cluster.session("of_dba", "dba");
                Session postgres = cluster.session("of_dba", "postgres")) {
            dba.execute("CREATE EXTENSION pg_net VERSION '0.20.4'", "SELECT net.http_get('http://127.0.0.1/')");
            postgres.execute("ALTER EXTENSION pg_net UPDATE");

            assertThat(postgres.column("SELECT DISTINCT relowner::regrole FROM pg_class"
                            + " WHERE relnamespace = 'net'::regnamespace"
                            + " UNION SELECT DISTINCT proowner::regrole FROM pg_proc"
                            + " WHERE pronamespace = 'net'::regnamespace"
                            + " UNION SELECT DISTINCT owner::regrole FROM net.http_request_queue"))
                    .containsExactly("dba");
        }
    }

    @Test
    void viewOfAUserOnTheTablesStays() throws SQLException {
        try (Session session = database("with_view")) {
            session.execute(
                    "CREATE EXTENSION pg_net VERSION '0.20.4'",
                    "CREATE VIEW overview AS SELECT q.id, q.url, r.content, r.created"
                            + " FROM net.http_request_queue q LEFT JOIN net._http_response r USING (id)",
                    "SELECT net.http_get('http://127.0.0.1/')",
                    "ALTER EXTENSION pg_net UPDATE");

            assertThat(session.column("SELECT url FROM overview")).containsExactly("http://127.0.0.1/");
        }
    }

    /** A session in a new database, which no worker serves. */
    private static Session database(String name) throws SQLException {
        cluster.execute("CREATE DATABASE " + name);
        return cluster.session(name, "postgres");
    }
}
