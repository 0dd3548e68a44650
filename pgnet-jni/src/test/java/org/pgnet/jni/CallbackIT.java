package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** The function that {@code on_response} names is called with what became of the request, as the role that made it. */
@PgNetTest(sql = {"CREATE ROLE app LOGIN", "CREATE ROLE nologin", "GRANT nologin TO app"})
class CallbackIT {
    private static final List<String> PAUSES = List.of("1 s", "10 s", "1 min", "10 min", "1 h");

    private static final String WAITING = "SELECT count(*) FROM net._callbacks";

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "app")
    private static Session app;

    @BeforeAll
    static void createFunctions() throws SQLException {
        session.execute(
                "CREATE SCHEMA app AUTHORIZATION app",
                "CREATE TABLE app.seen (id bigint, what text)",
                "GRANT USAGE ON SCHEMA app TO PUBLIC",
                "GRANT ALL ON app.seen TO PUBLIC",
                "CREATE FUNCTION app.seen(id bigint, r net._http_response, c jsonb) RETURNS void LANGUAGE sql AS $$"
                        + " INSERT INTO app.seen VALUES (id, concat_ws('|', r.id = id, r.status_code, r.content,"
                        + " r.error_msg IS NOT NULL, c)) $$");
    }

    @Test
    void functionIsCalledOnceWithTheResponseAndTheContext() throws SQLException {
        long id = request(app, server.url("/get"), "app.seen", "{\"document\": 7}");

        assertThat(seen(id)).isEqualTo("t|200|{\"method\": \"GET\", \"target\": \"/get\"}|f|{\"document\": 7}");
        session.await(WAITING, 0);
        assertThat(session.number("SELECT count(*) FROM app.seen WHERE id = ?", id))
                .isEqualTo(1);
        assertThat(app.collect(id)).startsWith("SUCCESS");
    }

    @Test
    void requestWithoutAResponseIsCalledForToo() throws SQLException {
        long id = request(app, "http://127.0.0.1:1/", "app.seen", null);

        assertThat(seen(id)).isEqualTo("t|t");
    }

    /** What PostgreSQL shows of whose session it is. */
    @ParameterizedTest
    @ValueSource(strings = {"app", "nologin"})
    void functionRunsInASessionOfTheRoleThatMadeTheRequest(String role) throws SQLException {
        function(
                "who",
                "INSERT INTO app.seen SELECT $1, concat_ws('|', current_user, session_user,"
                        + " current_setting('session_authorization'), current_setting('role'), current_setting('is_superuser'))");

        app.execute("SET ROLE " + role);
        long id = request(app, server.url("/get"), "app.who", null);
        app.execute("RESET ROLE");

        assertThat(seen(id)).isEqualTo(role + "|" + role + "|" + role + "|none|off");
    }

    @Test
    void functionHasTheSettingsThatTheRoleHasInThisDatabase() throws SQLException {
        function(
                "settings",
                "INSERT INTO app.seen SELECT $1, concat_ws('|', current_setting('search_path'),"
                        + " current_setting('work_mem'), current_setting('pg_net.default_policy'))");
        session.execute(
                "ALTER ROLE app SET search_path = elsewhere",
                "ALTER ROLE app IN DATABASE postgres SET search_path = app, public",
                "ALTER ROLE app SET work_mem = '7MB'",
                "ALTER ROLE app SET pg_net.default_policy = 'quick'",
                "ALTER ROLE postgres SET search_path = of_postgres");
        try {
            assertThat(seen(request(app, server.url("/get"), "app.settings", null)))
                    .isEqualTo("app, public|7MB|quick");

            session.execute("ALTER ROLE app RESET ALL", "ALTER ROLE app IN DATABASE postgres RESET ALL");
            assertThat(seen(request(app, server.url("/get"), "app.settings", null)))
                    .isEqualTo("\"$user\", public|4MB|");
        } finally {
            session.execute("ALTER ROLE postgres RESET ALL", "ALTER ROLE app RESET ALL");
        }
    }

    @Test
    void whatAFunctionSetsDoesNotHoldForTheNextCall() throws SQLException {
        function(
                "set",
                "INSERT INTO app.seen SELECT $1, concat_ws('|', current_setting('search_path'),"
                        + " coalesce(current_setting('app.tenant', true), ''));"
                        + " SELECT set_config('search_path', 'nowhere', false), set_config('app.tenant', 'a', false)");

        app.execute("BEGIN");
        long first = request(app, server.url("/get"), "app.set", null);
        long second = request(app, server.url("/get"), "app.set", null);
        app.execute("COMMIT");

        assertThat(seen(first)).isEqualTo(seen(second)).isEqualTo("\"$user\", public|");
    }

    /** The processes that help with a query take over whose session it is. */
    @Test
    void parallelQueryRunsAsTheRoleToo() throws SQLException {
        session.execute(
                "CREATE TABLE app.large AS SELECT n FROM generate_series(1, 10000) n",
                "GRANT SELECT ON app.large TO PUBLIC",
                "CREATE FUNCTION app.parallel(bigint, net._http_response, jsonb) RETURNS void LANGUAGE plpgsql AS $$"
                        + " DECLARE line text; BEGIN"
                        + " PERFORM set_config(n, v, true) FROM (VALUES ('parallel_setup_cost', '0'),"
                        + " ('parallel_tuple_cost', '0'), ('min_parallel_table_scan_size', '0'),"
                        + " ('max_parallel_workers_per_gather', '2')) s (n, v);"
                        + " FOR line IN EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT count(*) FROM app.large LOOP"
                        + " IF line LIKE '%Workers Launched%' THEN INSERT INTO app.seen VALUES ($1, btrim(line)); END IF;"
                        + " END LOOP; END $$");

        app.execute("SET ROLE nologin");
        long id = request(app, server.url("/get"), "app.parallel", null);
        app.execute("RESET ROLE");

        assertThat(seen(id)).matches("Workers Launched: [12]");
    }

    @Test
    void callbackMayMakeTheNextRequest() throws SQLException {
        function(
                "again",
                "INSERT INTO app.seen VALUES ($1, $3->>'left');"
                        + " SELECT net.request('" + server.url("/get") + "', on_response => 'app.again',"
                        + " context => jsonb_build_object('left', ($3->>'left')::integer - 1))"
                        + " WHERE ($3->>'left')::integer > 0");

        request(app, server.url("/get"), "app.again", "{\"left\": 20}");

        session.await("SELECT count(*) FROM app.seen WHERE what ~ '^[0-9]+$'", 21);
    }

    @Test
    void nameIsStoredWithTheSchemaInWhichTheCallFoundIt() throws SQLException {
        app.execute(
                "CREATE FUNCTION app.\"Odd name\"(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS $$"
                        + " INSERT INTO app.seen VALUES ($1, 'odd') $$");
        app.execute("SET search_path = app");
        app.execute("BEGIN");
        long id = request(app, server.url("/get"), "\"Odd name\"", null);
        assertThat(app.text("SELECT on_response FROM net.http_request_queue WHERE id = ?", id))
                .isEqualTo("app.\"Odd name\"");
        app.execute("COMMIT", "RESET search_path");

        assertThat(seen(id)).isEqualTo("odd");
    }

    @Test
    void strictFunctionIsNotCalledWithoutAContext() throws SQLException {
        app.execute("CREATE FUNCTION app.strict(bigint, net._http_response, jsonb) RETURNS void STRICT LANGUAGE sql AS"
                + " $$ INSERT INTO app.seen VALUES ($1, 'called') $$");

        long without = request(app, server.url("/get"), "app.strict", null);
        long with = request(app, server.url("/get"), "app.strict", "{}");

        assertThat(seen(with)).isEqualTo("called");
        session.await(WAITING, 0);
        assertThat(session.number("SELECT count(*) FROM app.seen WHERE id = ?", without))
                .isZero();
    }

    @Test
    void functionOfAResponseThatWasDeletedHasNeitherItNorTheContext() throws SQLException {
        function(
                "patient",
                "SELECT 1 / ($2.status_code - 200);"
                        + " INSERT INTO app.seen VALUES ($1, concat_ws('|', 'nothing', $2.status_code, $3))");
        long id = request(app, server.url("/get"), "app.patient", "{}");
        session.await(WAITING + " WHERE error_msg ~ '^22012: ' AND request_id = " + id, 1);

        session.execute("DELETE FROM net._http_response WHERE id = " + id);

        assertThat(seen(id)).isEqualTo("nothing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app.nothing | 42883",
                "nothing | 42883",
                "no_schema.nothing | 42883",
                "app.of_others | 42883",
                "app.procedure | 42883",
                "app.set_of | 42883",
                "pg_temp.mine | 42883",
                "app.closed | 42501",
                "closed.f | 42501",
                "'' | 42602",
                "a.b.c.d | 42601",
            })
    void functionThatCannotBeCalledIsRefusedByTheCall(String name, String sqlState) throws SQLException {
        session.execute(
                "CREATE OR REPLACE FUNCTION app.of_others(bigint, json, jsonb) RETURNS void LANGUAGE sql AS ''",
                "CREATE OR REPLACE PROCEDURE app.procedure(bigint, net._http_response, jsonb) LANGUAGE sql AS ''",
                "CREATE OR REPLACE FUNCTION app.set_of(bigint, net._http_response, jsonb) RETURNS SETOF integer"
                        + " LANGUAGE sql AS 'SELECT 1'",
                "CREATE OR REPLACE FUNCTION app.closed(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS ''",
                "REVOKE ALL ON FUNCTION app.closed FROM PUBLIC",
                "CREATE SCHEMA IF NOT EXISTS closed",
                "CREATE OR REPLACE FUNCTION closed.f(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS ''");
        app.execute("CREATE OR REPLACE FUNCTION pg_temp.mine(bigint, net._http_response, jsonb) RETURNS void"
                + " LANGUAGE sql AS ''");

        assertThatThrownBy(() -> request(app, server.url("/get"), name, null))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refusal -> assertThat(refusal.getSQLState()).isEqualTo(sqlState));
    }

    @Test
    void functionThatRaisesIsCalledAgainAfterTheScheduleAndThenNoMore() throws SQLException {
        function("broken", "SELECT 1 / 0");
        long requests = server.requests();
        long id = request(app, server.url("/get"), "app.broken", null);

        for (int attempt = 1; attempt < 6; attempt++) {
            session.await(
                    "SELECT count(*) FROM net._callbacks WHERE error_msg ~ '^22012: ' AND request_id = " + id
                            + " AND attempts = " + attempt + " AND due - clock_timestamp()"
                            + " BETWEEN interval '" + PAUSES.get(attempt - 1) + "' * 0.5 - interval '1 s'"
                            + " AND interval '" + PAUSES.get(attempt - 1) + "'",
                    1);
            session.execute("UPDATE net._callbacks SET due = now() WHERE request_id = " + id);
        }
        session.await(
                "SELECT count(*) FROM net.dead_letters WHERE reason = 'callback' AND attempts = 6 AND status_code = 200"
                        + " AND on_response = 'app.broken' AND error_msg ~ '^22012: ' AND id = " + id,
                1);
        assertThat(session.number("SELECT count(*) FROM net._callbacks WHERE request_id = ?", id))
                .isZero();
        assertThat(server.requests() - requests).as("requests").isEqualTo(1);
        assertThat(app.collect(id)).startsWith("SUCCESS");
        session.execute("DELETE FROM net._callbacks");
    }

    private static void function(String name, String body) throws SQLException {
        app.execute("CREATE OR REPLACE FUNCTION app." + name + "(bigint, net._http_response, jsonb) RETURNS void"
                + " LANGUAGE sql AS $$ " + body + " $$");
    }

    private static long request(Session who, String url, String function, String context) throws SQLException {
        return who.number("SELECT net.request(?, on_response => ?, context => ?::jsonb)", url, function, context);
    }

    private static String seen(long id) throws SQLException {
        session.await("SELECT count(*) FROM app.seen WHERE id = " + id, 1);
        return session.text("SELECT what FROM app.seen WHERE id = ?", id);
    }
}
