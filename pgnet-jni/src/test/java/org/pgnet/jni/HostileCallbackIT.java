package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Mallory's callbacks: they have her rights and no more, leave nothing for alice's, and hold up nobody. */
@PgNetTest(
        settings = {"pg_net.callback_timeout = 1", "log_min_messages = warning"},
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE bob LOGIN",
            "CREATE ROLE mallory LOGIN",
            "GRANT bob TO mallory",
            "GRANT CREATE ON SCHEMA public TO alice, mallory",
            "CREATE TABLE public.seen (id bigint, what text)",
            "GRANT ALL ON public.seen TO PUBLIC",
            "CREATE FUNCTION public.note(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS"
                    + " $$ INSERT INTO public.seen VALUES ($1, current_user) $$"
        })
class HostileCallbackIT {
    private static final String PROCESSES = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'net callback'";

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session superuser;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "mallory")
    private static Session mallory;

    @AfterEach
    void forget() throws SQLException {
        superuser.execute("DELETE FROM net._callbacks");
        superuser.await(PROCESSES, 0);
    }

    // ---- whose rights it has

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET ROLE postgres",
                "SET ROLE bob",
                "RESET ROLE",
                "SET LOCAL ROLE bob",
                "SET SESSION AUTHORIZATION postgres",
                "SET SESSION AUTHORIZATION DEFAULT",
                "RESET SESSION AUTHORIZATION",
                "PERFORM set_config('role', 'postgres', true)",
                "PERFORM set_config('session_authorization', 'postgres', false)",
                "PERFORM public.as_role()",
                "EXECUTE 'ALTER ROLE mallory SUPERUSER'",
                "LISTEN news",
                "CREATE TEMP TABLE left_behind ()",
                "EXECUTE 'DECLARE left_behind CURSOR WITH HOLD FOR SELECT 1'",
                "PREPARE left_behind AS SELECT 1",
                "DISCARD ALL",
                "COMMIT",
                "COPY public.seen TO PROGRAM 'cat'",
            })
    void statementIsRefused(String statement) throws SQLException {
        mallory.execute("CREATE OR REPLACE FUNCTION public.as_role() RETURNS void LANGUAGE sql SET role = 'bob' AS ''");
        function("BEGIN " + statement + "; INSERT INTO public.seen VALUES (request, 'done as ' || current_user);"
                + " EXCEPTION WHEN OTHERS THEN INSERT INTO public.seen VALUES (request, current_user || '|'"
                + " || session_user || '|' || sqlstate); END;");

        assertThat(seen(request(mallory, "public.evil")))
                .isIn(
                        "mallory|mallory|42501",
                        "mallory|mallory|2D000",
                        "mallory|mallory|0A000",
                        "mallory|mallory|25001");
    }

    /** RESET ALL leaves roles out, and a rollback to a savepoint restores what was in force. */
    @Test
    void roleIsTheSameAfterEverythingThatRestoresSettings() throws SQLException {
        mallory.execute(
                "CREATE OR REPLACE FUNCTION public.definer() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$"
                        + " BEGIN SET ROLE postgres; RETURN 'escaped'; EXCEPTION WHEN OTHERS THEN RETURN current_user; END $$");
        function("BEGIN RESET ALL; RAISE 'back'; EXCEPTION WHEN OTHERS THEN NULL; END;"
                + " RESET ALL;"
                + " INSERT INTO public.seen VALUES (request, concat_ws('|', current_user, session_user,"
                + " public.definer(), current_user, current_setting('is_superuser')));");

        assertThat(seen(request(mallory, "public.evil"))).isEqualTo("mallory|mallory|mallory|mallory|off");
    }

    @Test
    void deferredTriggerRunsAsTheRoleToo() throws SQLException {
        mallory.execute(
                "CREATE TABLE IF NOT EXISTS public.trap (id bigint)",
                "CREATE OR REPLACE FUNCTION public.spring() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " INSERT INTO public.seen VALUES (new.id, current_user || '|' || session_user); RETURN new; END $$",
                "CREATE CONSTRAINT TRIGGER spring AFTER INSERT ON public.trap DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION public.spring()");
        function("INSERT INTO public.trap VALUES (request);");

        assertThat(seen(request(mallory, "public.evil"))).isEqualTo("mallory|mallory");
    }

    @Test
    void whatIsDeferredAllTheSameRaises() throws SQLException {
        mallory.execute("CREATE TABLE public.numbers (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        function("SET CONSTRAINTS ALL DEFERRED; INSERT INTO public.numbers VALUES (1), (1);");
        long late = request(mallory, "public.evil");
        function("INSERT INTO public.numbers VALUES (2), (2);");
        long early = request(mallory, "public.evil");

        awaitFailure(late, "%");
        awaitFailure(early, "23505: duplicate key value%");
        assertThat(superuser.number("SELECT count(*) FROM public.numbers")).isZero();
    }

    @Test
    void rowsOfTheTableCannotBeForged() throws SQLException {
        superuser.execute("GRANT INSERT, UPDATE ON net._callbacks TO mallory", "ALTER ROLE mallory BYPASSRLS");
        try {
            assertThatThrownBy(() -> mallory.execute("INSERT INTO net._callbacks (request_id, owner, function)"
                            + " VALUES (-1, 'postgres'::regrole, 'public.note')"))
                    .hasMessageContaining("permission denied to call a function as role \"postgres\"");
        } finally {
            superuser.execute("REVOKE INSERT, UPDATE ON net._callbacks FROM mallory", "ALTER ROLE mallory NOBYPASSRLS");
        }
    }

    /** Whoever owns the tables can write what he likes into them. */
    @Test
    void ownerOfTheTablesHasNoFunctionCalledAsARoleWhoseRightsItHasNot() throws SQLException {
        superuser.execute("ALTER TABLE net._callbacks OWNER TO mallory");
        try {
            mallory.execute("INSERT INTO net._callbacks (request_id, owner, function)"
                    + " VALUES (-2, 'postgres'::regrole, 'public.note'), (-3, 'mallory'::regrole, 'public.note')");

            assertThat(seen(-3)).isEqualTo("mallory");
            superuser.await(
                    "SELECT count(*) FROM net._callbacks WHERE request_id = -2"
                            + " AND error_msg IS NOT NULL AND due > now() + interval '59 minutes'",
                    1);
            assertThat(superuser.number("SELECT count(*) FROM public.seen WHERE id = -2"))
                    .isZero();
        } finally {
            superuser.execute("ALTER TABLE net._callbacks OWNER TO postgres");
        }
    }

    @Test
    void requestForATableWhoseOwnerHasNotTheRightsIsRefused() throws SQLException {
        superuser.execute(
                "ALTER TABLE net.http_request_queue OWNER TO mallory",
                "ALTER TABLE net._http_response OWNER TO mallory");
        try {
            assertThatThrownBy(() -> request(alice, "public.note"))
                    .hasMessageContaining("on_response is not available");
            assertThat(seen(request(mallory, "public.note"))).isEqualTo("mallory");
        } finally {
            superuser.execute(
                    "ALTER TABLE net.http_request_queue OWNER TO postgres",
                    "ALTER TABLE net._http_response OWNER TO postgres");
        }
    }

    /** The view's functions would run with the rights of the callbacks' owner. */
    @Test
    void viewInThePlaceOfTheResponsesIsNotRead() throws SQLException {
        long before = superuser.number("SELECT count(*) FROM public.seen");
        superuser.execute(
                "GRANT CREATE ON SCHEMA net TO mallory",
                "ALTER TABLE net._http_response OWNER TO mallory",
                "INSERT INTO net._callbacks (request_id, owner, function, due)"
                        + " VALUES (-4, 'mallory'::regrole, 'public.of_view', 'infinity')");
        try {
            mallory.execute(
                    "CREATE FUNCTION public.spy() RETURNS bigint LANGUAGE sql AS"
                            + " $$ INSERT INTO public.seen VALUES (-4, current_user) RETURNING id $$",
                    "ALTER TABLE net._http_response RENAME TO away",
                    "CREATE VIEW net._http_response AS SELECT public.spy() AS id",
                    "CREATE FUNCTION public.of_view(bigint, net._http_response, jsonb) RETURNS void"
                            + " LANGUAGE sql AS ''");
            superuser.execute("UPDATE net._callbacks SET due = now()");

            awaitFailure(-4, "55000: net._http_response is not the table of the extension");
            assertThat(superuser.number("SELECT count(*) FROM public.seen")).isEqualTo(before);
        } finally {
            superuser.execute(
                    "DROP VIEW net._http_response CASCADE",
                    "ALTER TABLE net.away RENAME TO _http_response",
                    "ALTER TABLE net._http_response OWNER TO postgres",
                    "REVOKE CREATE ON SCHEMA net FROM mallory");
        }
    }

    /** What only looks like the extension's table decides nothing: it would name any role. */
    @Test
    void tableThatIsNotTheExtensionsIsNotRead() throws SQLException {
        superuser.execute("CREATE DATABASE other");
        cluster.set("pg_net.database_name = 'postgres, other'");
        cluster.reload();
        try (Session other = cluster.session("other", "postgres")) {
            other.execute(
                    "CREATE EXTENSION pg_net",
                    "CREATE TABLE public.seen (id bigint, what text)",
                    "CREATE FUNCTION public.note(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS"
                            + " $$ INSERT INTO public.seen VALUES ($1, current_user) $$");
            other.query("SELECT net.wait_until_running()");
            other.number("SELECT net.request(?, on_response => 'public.note')", server.url("/get"));
            other.await("SELECT count(*) FROM public.seen", 1);
            other.execute(
                    "ALTER EXTENSION pg_net DROP TABLE net._callbacks",
                    "INSERT INTO net._callbacks (request_id, owner, function) VALUES (-1, 10, 'public.note')");
            other.number("SELECT net.request(?, on_response => 'public.note')", server.url("/get"));
            other.await("SELECT count(*) FROM net._callbacks", 2);
            other.await(PROCESSES, 0);

            assertThat(other.number("SELECT count(*) FROM public.seen")).isEqualTo(1);
        } finally {
            cluster.set("pg_net.database_name = 'postgres'");
            cluster.reload();
        }
    }

    /** With these alone a process would wait for a safe snapshot, or fail each second, for ever. */
    @Test
    void settingsOfARoleKeepNoCallbackFromBeingCounted() throws SQLException {
        superuser.execute(
                "ALTER ROLE mallory SET default_transaction_read_only = on",
                "ALTER ROLE mallory SET default_transaction_isolation = serializable",
                "ALTER ROLE mallory SET default_transaction_deferrable = on");
        try {
            assertThat(seen(request(mallory, "public.note"))).isEqualTo("mallory");
        } finally {
            superuser.execute("ALTER ROLE mallory RESET ALL");
        }
    }

    // ---- what it leaves

    @Test
    void nothingIsLeftForAnotherOwner() throws SQLException {
        superuser.execute(
                "CREATE SEQUENCE IF NOT EXISTS public.numbers_of_all",
                "GRANT ALL ON SEQUENCE public.numbers_of_all TO PUBLIC");
        String look = " concat_ws('|', pg_backend_pid(), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),"
                + " coalesce(to_regproc('pg_temp.left_behind')::text, ''), coalesce(current_setting('left.behind', true), ''),"
                + " (SELECT count(*) FROM pg_prepared_statements WHERE name = 'left_behind'), current_setting('search_path'))";
        function("PERFORM pg_advisory_lock(4711), setseed(0.5), set_config('left.behind', 'x', false),"
                + " set_config('search_path', 'evil', false), nextval('public.numbers_of_all');"
                + " CREATE FUNCTION pg_temp.left_behind() RETURNS void LANGUAGE sql AS '';"
                + " INSERT INTO public.seen VALUES (request, pg_backend_pid()::text);");
        alice.execute(
                "CREATE OR REPLACE FUNCTION public.looks(bigint, net._http_response, jsonb) RETURNS void LANGUAGE plpgsql"
                        + " AS $$ BEGIN INSERT INTO public.seen SELECT $1," + look + ";"
                        + " BEGIN PERFORM lastval(); INSERT INTO public.seen VALUES ($1, 'lastval'); EXCEPTION WHEN OTHERS THEN NULL; END;"
                        + " END $$");

        String pid = seen(request(mallory, "public.evil"));
        String found = seen(request(alice, "public.looks"));

        assertThat(found).doesNotStartWith(pid + "|").endsWith("|0|||0|\"$user\", public");
    }

    @Test
    void notificationsArriveWhenTheFunctionHasCommitted() throws SQLException {
        function("NOTIFY news, 'from a callback';");
        try (Session listener = cluster.session()) {
            listener.execute("LISTEN news");

            request(mallory, "public.evil");

            org.postgresql.PGConnection connection = listener.connection().unwrap(org.postgresql.PGConnection.class);
            Eventually.until("a notification", Duration.ofSeconds(20), () -> {
                org.postgresql.PGNotification[] came = connection.getNotifications(100);
                return came != null
                        && came.length == 1
                        && came[0].getParameter().equals("from a callback");
            });
        }
    }

    // ---- time

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOOP END LOOP; | cancelled after pg_net.callback_timeout (1 s)",
                "PERFORM pg_sleep(100); | cancelled after pg_net.callback_timeout (1 s)",
                "LOOP BEGIN LOOP END LOOP; EXCEPTION WHEN OTHERS OR query_canceled THEN NULL; END; END LOOP;"
                        + " | the function did not end: it runs, or its process was ended",
                "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(0.1); | 42501: %",
            })
    void functionThatDoesNotEndIsEnded(String body, String reason) throws SQLException {
        function(body);
        long id = request(mallory, "public.evil");
        superuser.await("SELECT count(*) FROM net._callbacks WHERE attempts = 1 AND request_id = " + id, 1);

        superuser.await(
                "SELECT count(*) FROM net._callbacks WHERE attempts = 2 AND error_msg LIKE '" + reason
                        + "' AND request_id = " + id,
                1);

        superuser.execute("DELETE FROM net._callbacks");
        assertThat(seen(request(alice, "public.note"))).isEqualTo("alice");
    }

    @Test
    void slowOnesHoldUpNeitherRequestsNorAnotherOwner() throws SQLException {
        function("PERFORM pg_sleep(0.9);");
        for (int i = 0; i < 20; i++) {
            request(mallory, "public.evil");
        }
        superuser.await(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%public.evil($1%'"
                        + " AND backend_type = 'net callback'",
                1);

        long begin = System.nanoTime();
        assertThat(alice.collect(alice.get(server.url("/get")))).startsWith("SUCCESS");
        assertThat(seen(request(alice, "public.note"))).isEqualTo("alice");

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(superuser.number("SELECT count(*) FROM net._callbacks WHERE owner = 'mallory'::regrole"))
                .isGreaterThan(5);
    }

    @Test
    void thousandsOfOneOwnersAreCalledWhileAnothersTakesItsTurn() throws SQLException {
        long before = superuser.number("SELECT coalesce(max(id), 0) FROM public.seen");
        function("PERFORM pg_sleep(0.002); INSERT INTO public.seen VALUES (request, 'mallory');");
        mallory.execute("SELECT net.request('" + server.url("/get") + "', on_response => 'public.evil')"
                + " FROM generate_series(1, 3000)");
        superuser.await("SELECT (count(*) > 100)::integer FROM net._callbacks", 1);

        long begin = System.nanoTime();
        assertThat(seen(request(alice, "public.note"))).isEqualTo("alice");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));

        superuser.await(
                "SELECT count(*) FROM (SELECT FROM net.http_request_queue UNION ALL SELECT FROM net._callbacks) left_over",
                0);
        assertThat(superuser.text("SELECT count(*) || ' ' || count(DISTINCT id) FROM public.seen"
                        + " WHERE what = 'mallory' AND id > " + before))
                .isEqualTo("3000 3000");
    }

    @Test
    void functionThatEndsItsProcessIsCalledNoMoreAfterItsAttempts() throws SQLException {
        superuser.execute(
                "CREATE FUNCTION public.deadly(bigint, net._http_response, jsonb) RETURNS void LANGUAGE plpgsql AS"
                        + " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); END $$");
        long id = request(superuser, "public.deadly");

        for (int attempt = 1; attempt <= 6; attempt++) {
            superuser.await(
                    "SELECT count(*) FROM net._callbacks WHERE attempts >= " + attempt + " AND request_id = " + id, 1);
            superuser.await(PROCESSES, 0);
            superuser.execute("UPDATE net._callbacks SET due = now()");
        }

        superuser.await(
                "SELECT count(*) FROM net.dead_letters WHERE reason = 'callback' AND attempts = 6"
                        + " AND error_msg = 'the function did not end: it runs, or its process was ended'",
                1);
    }

    private static void function(String body) throws SQLException {
        mallory.execute(
                "CREATE OR REPLACE FUNCTION public.evil(request bigint, response net._http_response, context jsonb)"
                        + " RETURNS void LANGUAGE plpgsql AS $$ BEGIN " + body + " END $$");
    }

    private static long request(Session who, String function) throws SQLException {
        return who.number("SELECT net.request(?, on_response => ?)", server.url("/get"), function);
    }

    private static void awaitFailure(long id, String like) {
        superuser.await(
                "SELECT count(*) FROM net._callbacks WHERE error_msg LIKE '" + like + "'"
                        + " AND error_msg NOT LIKE 'the function did not end%' AND request_id = " + id,
                1);
    }

    private static String seen(long id) throws SQLException {
        superuser.await("SELECT count(*) FROM public.seen WHERE id = " + id, 1);
        return superuser.text("SELECT what FROM public.seen WHERE id = ?", id);
    }
}
