package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** One {@code ALTER EXTENSION pg_net UPDATE} goes from every version of the C extension, and takes along all that is there. */
@PgNetTest(extension = false, sql = "CREATE ROLE app", cluster = Sharing.WITH_NONE)
class MoveFromEveryVersionIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session served;

    /** The catalogue of a fresh installation. */
    private static List<String> fresh;

    @BeforeAll
    static void install() throws SQLException {
        cluster.execute("CREATE DATABASE fresh");
        try (Session session = cluster.session("fresh", "postgres")) {
            session.execute("CREATE EXTENSION pg_net");
            fresh = CExtension.catalogue(session);
        }
    }

    static List<String> releases() {
        return CExtension.releases();
    }

    @ParameterizedTest
    @MethodSource("releases")
    void catalogueIsThatOfAFreshInstallation(String release) throws SQLException {
        cluster.execute("DROP DATABASE IF EXISTS old", "CREATE DATABASE old");
        try (Session old = cluster.session("old", "postgres")) {
            CExtension.create(old, release);
            old.execute("ALTER EXTENSION pg_net UPDATE");

            assertThat(asFresh(old, release)).containsExactlyElementsOf(fresh).hasSizeGreaterThan(200);
        }
    }

    /**
     * The catalogue, but for what differs where tables were logged already, with keys: they are not written anew, so the
     * catalogue has the owner of their old rows, and the queue's {@code created} stays before what was added.
     */
    private static List<String> asFresh(Session old, String release) throws SQLException {
        Stream<String> lines = CExtension.catalogue(old).stream();
        if (List.of("0.1", "0.2", "0.3", "0.4").contains(release)) {
            lines = lines.map(line -> line.replaceFirst("^(column [|] net[.]\\S+[.]owner [|] .*) t t", "$1 f t"));
        }
        if (CExtension.responsesReferToRequests(release)) {
            lines = lines.map(line -> line.replace(
                    "headers, body, timeout_milliseconds, created, owner",
                    "headers, body, timeout_milliseconds, owner, created"));
        }
        return lines.toList();
    }

    @ParameterizedTest
    @MethodSource("releases")
    void rowsAndWhatAUserMadeGoOn(String release) throws SQLException {
        served.execute("DROP EXTENSION IF EXISTS pg_net CASCADE", "DROP TABLE IF EXISTS answers");
        CExtension.create(served, release);
        long answered = answer(release);
        long queued = served.number("SELECT net.http_post('" + server.url("/post?id=queued-" + release)
                + "', '{\"a\": 1}', params := '{\"b\": \"c d\", \"none\": null}')");
        makeObjects();

        served.execute("ALTER EXTENSION pg_net UPDATE");

        assertThat(served.collect(queued)).isEqualTo("SUCCESS|ok|200|{\"a\": 1}");
        assertThat(server.received("queued-" + release))
                .singleElement()
                .satisfies(
                        request -> assertThat(request.target()).isEqualTo("/post?id=queued-" + release + "&b=c%20d"));
        assertThat(served.collect(answered)).isEqualTo("SUCCESS|ok|200|old");
        assertThat(server.received("answered-" + release)).isEmpty();
        assertObjectsWork(queued);
    }

    /** A request that the C extension has answered. */
    private static long answer(String release) throws SQLException {
        long id = served.get(server.url("/get?id=answered-" + release));
        if (!CExtension.responsesReferToRequests(release)) {
            served.execute("DELETE FROM net.http_request_queue");
        }
        served.execute("INSERT INTO net._http_response (id, status_code, content) VALUES (" + id + ", 200, 'old')");
        return id;
    }

    private static void makeObjects() throws SQLException {
        served.execute(
                "CREATE VIEW overview AS SELECT r.id, r.status_code, q.url"
                        + " FROM net._http_response r LEFT JOIN net.http_request_queue q USING (id)",
                "CREATE FUNCTION responses() RETURNS SETOF net._http_response LANGUAGE sql"
                        + " AS 'SELECT * FROM net._http_response'",
                "CREATE TABLE answers (id bigint)",
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN INSERT INTO public.answers VALUES (new.id); RETURN new; END $$",
                "CREATE TRIGGER note AFTER INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION note()",
                "GRANT USAGE ON SCHEMA net TO app",
                "GRANT DELETE ON net._http_response TO app");
    }

    private static void assertObjectsWork(long queued) throws SQLException {
        assertThat(served.column("SELECT status_code FROM overview ORDER BY id"))
                .containsExactly("200", "200");
        assertThat(served.column("SELECT status_code FROM responses()")).containsExactly("200", "200");
        assertThat(served.column("SELECT id FROM answers")).containsExactly("" + queued);
        assertThat(served.query("SELECT has_table_privilege('app', 'net._http_response', 'DELETE')"))
                .contains("t");
        served.execute("DROP VIEW overview", "DROP FUNCTION responses", "DROP FUNCTION note CASCADE");
    }
}
