package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;

/** {@code ALTER EXTENSION pg_net UPDATE TO '0.20.4'} gives back the C extension's catalogue, with the rows, or refuses. */
@PgNetTest(extension = false, sql = "CREATE ROLE app", cluster = Sharing.WITH_NONE)
class MoveBackIT {
    private static final String BACK = "ALTER EXTENSION pg_net UPDATE TO '0.20.4'";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @BeforeEach
    void install() throws SQLException {
        session.execute(
                "DROP SCHEMA IF EXISTS mine CASCADE",
                "DROP EXTENSION IF EXISTS pg_net CASCADE",
                "CREATE EXTENSION pg_net",
                "CREATE SCHEMA mine",
                "SELECT net.wait_until_running()");
    }

    @Test
    void catalogueIsThatOfTheCExtension() throws SQLException {
        cluster.execute("CREATE DATABASE of_c");
        try (Session ofC = cluster.session("of_c", "postgres")) {
            CExtension.create(ofC, CExtension.LAST);

            session.execute(BACK);

            assertThat(withoutTexts(session))
                    .containsExactlyElementsOf(withoutTexts(ofC))
                    .hasSizeGreaterThan(100);
            assertThat(session.column(publicPrivileges())).isEqualTo(ofC.column(publicPrivileges()));
        }
    }

    /** Without comments, which the C extension has few of, the texts of functions, and privileges, which may be said or not. */
    private static List<String> withoutTexts(Session session) throws SQLException {
        return CExtension.catalogue(session).stream()
                .filter(line -> !line.startsWith("comment | ") && !line.startsWith("initial privileges | "))
                .map(line -> line.replaceFirst("(?s)(\nAS |\n postgres ).*", ""))
                .map(line -> line.replaceFirst(" [{]=U/postgres,postgres=U/postgres[}]", ""))
                .toList();
    }

    private static String publicPrivileges() {
        return "SELECT oid::regclass || ' ' || acl::text FROM pg_class, LATERAL (SELECT array_agg(privilege_type ORDER BY 1)"
                + " FROM aclexplode(relacl) WHERE grantee = 0) a (acl) WHERE relnamespace = 'net'::regnamespace"
                + " UNION ALL SELECT oid::regprocedure || ' ' || has_function_privilege('app', oid, 'EXECUTE') FROM pg_proc"
                + " WHERE pronamespace = 'net'::regnamespace"
                + " UNION ALL SELECT 'schema ' || has_schema_privilege('app', 'net', 'USAGE') ORDER BY 1";
    }

    @Test
    void rowsAndWhatAUserMadeStayAndGoForwardAgain() throws SQLException {
        long answered = session.get(server.url("/get?id=answered"));
        assertThat(session.collect(answered)).startsWith("SUCCESS|ok|200");
        // What is called in this transaction is not sent before it ends.
        session.execute("BEGIN");
        long queued = session.number("SELECT net.http_post('" + server.url("/post?id=queued") + "', '{\"a\": 1}')");
        session.execute(
                "CREATE VIEW mine.overview AS SELECT id, r.content, q.url FROM net._http_response r"
                        + " FULL JOIN net.http_request_queue q USING (id)",
                "CREATE FUNCTION mine.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
                "CREATE TRIGGER note AFTER INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION mine.note()",
                "GRANT DELETE ON net._http_response TO app");

        assertThat(session.notices(BACK))
                .containsExactly(
                        "all 1 requests and 1 responses are for every role to read again that may read the tables");
        session.execute("COMMIT");

        assertThat(session.column("SELECT id FROM mine.overview ORDER BY id"))
                .containsExactly("" + answered, "" + queued);
        assertThat(session.number("SELECT count(*) FROM pg_trigger WHERE tgname = 'note'"))
                .isEqualTo(1);
        assertThat(session.number("SELECT count(*) FROM pg_init_privs WHERE initprivs::text LIKE '%app=%'"))
                .isZero();
        assertThat(session.collect(answered)).startsWith("SUCCESS|ok|200").contains("answered");
        assertThat(session.collect(queued, true)).isEqualTo("ERROR|request matching request_id not found");
        assertThat(session.get(server.url("/get?id=meanwhile"))).isEqualTo(queued + 1);
        assertThat(server.received("queued")).isEmpty();

        session.execute("ALTER EXTENSION pg_net UPDATE");
        assertThat(session.collect(queued)).isEqualTo("SUCCESS|ok|200|{\"a\": 1}");
        assertThat(session.collect(queued + 1)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("answered")).hasSize(1);
        assertThat(server.received("queued")).hasSize(1);
    }

    @Test
    void privilegeThatWasRevokedFromPublicStaysRevoked() throws SQLException {
        session.execute(
                "REVOKE ALL ON net.http_request_queue FROM PUBLIC",
                "REVOKE INSERT (method, url, headers, body, timeout_milliseconds) ON net.http_request_queue FROM PUBLIC",
                BACK);

        assertThat(session.query("SELECT has_table_privilege('app', 'net.http_request_queue', 'INSERT')"
                        + " OR has_table_privilege('app', 'net.http_request_queue', 'SELECT')"))
                .contains("f");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT net.request('http://127.0.0.1/', method := 'PUT'); queued requests that 0.20.4 cannot send",
                "SELECT net.request('http://127.0.0.1/', '{}', policy := 'quick');"
                        + " requests that are scheduled or have a policy",
                "SELECT net.request('http://127.0.0.1/', '{}', delay := '1 h'); requests that are scheduled or have a policy",
                "INSERT INTO net._callbacks (request_id, owner, function) VALUES (1, 10, 'mine.f');"
                        + " functions of on_response that are still to be called: 1",
                "INSERT INTO net.dead_letters (id, owner, attempts, reason, died) VALUES (1, 10, 1, 'refused', now());"
                        + " dead letters, which nothing can bring back then: 1",
                "SELECT net.http_get('http://127.0.0.1/', headers := '{\"a\": [\"b\", \"c\"]}');"
                        + " queued requests that 0.20.4 cannot send",
                "WITH r AS (INSERT INTO net._http_response (id) VALUES (-1))"
                        + " INSERT INTO net._response_detail (id, body) VALUES (-1, '\\x00');"
                        + " responses with a body that is no text: 1",
                "CREATE VIEW mine.owners AS SELECT owner FROM net.responses; rule _RETURN on view mine.owners uses"
                        + " view net.responses",
                "CREATE VIEW mine.urls AS SELECT url FROM net._response_detail; rule _RETURN on view mine.urls uses"
                        + " table net._response_detail",
                "CREATE POLICY mine ON net._http_response USING (net._may_see(id)); policy mine on table"
                        + " net._http_response uses function net._may_see(bigint)",
                "CREATE VIEW mine.figures AS SELECT * FROM net.stats; rule _RETURN on view mine.figures uses view net.stats",
                "CREATE TABLE mine.more (id bigint REFERENCES net._http_response); constraint more_id_fkey on table mine.more"
            })
    void whatWouldBeLostIsNamed(String use, String named) throws SQLException {
        List<String> before = CExtension.catalogue(session);
        session.execute("BEGIN", use);

        assertThatThrownBy(() -> session.execute(BACK)).isInstanceOfSatisfying(PSQLException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo("55000");
            assertThat(e.getServerErrorMessage().getDetail()).contains(named);
        });
        session.execute("ROLLBACK");
        assertThat(CExtension.catalogue(session)).isEqualTo(before);
    }

    @Test
    void requestInFlightIsNotSentAgainByTheCExtension() throws SQLException {
        session.get(server.url("/delay?ms=1500"));
        session.await("SELECT in_flight FROM net.stats", 1);

        assertThatThrownBy(() -> session.execute(BACK))
                .isInstanceOfSatisfying(
                        PSQLException.class,
                        e -> assertThat(e.getServerErrorMessage().getDetail()).contains("requests in flight: 1"));

        session.await("SELECT in_flight FROM net.stats", 0);
        session.execute(BACK);
    }
}
