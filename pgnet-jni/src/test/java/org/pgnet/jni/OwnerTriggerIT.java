package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;

/**
 * What runs in the tables runs with the rights of their owner, here the plain role keeper, and no more: in a
 * security-restricted operation, with a search_path that no caller chose: the owner's own, and a fixed one in net.cancel.
 */
@PgNetTest
class OwnerTriggerIT {
    private static final String SEEN = "keeper|\"$user\", public";

    @Given
    private static HostileCluster roles;

    @BeforeAll
    static void start() throws SQLException {
        roles.superuser.execute(
                "CREATE ROLE keeper",
                "ALTER TABLE net.http_request_queue OWNER TO keeper",
                "ALTER TABLE net._http_response OWNER TO keeper",
                "ALTER TABLE net._response_detail OWNER TO keeper",
                "CREATE FUNCTION public.witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " INSERT INTO public.loot VALUES (current_user || '|' || current_setting('search_path'), tg_op);"
                        + " BEGIN CREATE TEMP TABLE mine (); INSERT INTO public.loot VALUES ('escaped', 'temp');"
                        + "   EXCEPTION WHEN OTHERS THEN INSERT INTO public.loot VALUES (sqlstate, 'temp'); END;"
                        + " BEGIN SET ROLE postgres; INSERT INTO public.loot VALUES ('escaped', 'role');"
                        + "   EXCEPTION WHEN OTHERS THEN INSERT INTO public.loot VALUES (sqlstate, 'role'); END;"
                        + " BEGIN RESET SESSION AUTHORIZATION; INSERT INTO public.loot VALUES ('escaped', 'session');"
                        + "   EXCEPTION WHEN OTHERS THEN INSERT INTO public.loot VALUES (sqlstate, 'session'); END;"
                        + " RETURN coalesce(new, old); END $$");
    }

    @AfterEach
    void dropTriggers() throws SQLException {
        roles.superuser.execute(
                "DROP TRIGGER IF EXISTS w ON net.http_request_queue",
                "DROP TRIGGER IF EXISTS w ON net._http_response",
                "DELETE FROM public.loot");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TRIGGER w BEFORE INSERT ON net._http_response FOR EACH ROW",
                "CREATE TRIGGER w AFTER INSERT ON net._http_response FOR EACH ROW",
                "CREATE TRIGGER w BEFORE DELETE ON net.http_request_queue FOR EACH ROW",
            })
    void workerRunsATriggerAsTheOwner(String trigger) throws SQLException {
        roles.superuser.execute("SET ROLE keeper", trigger + " EXECUTE FUNCTION public.witness()", "RESET ROLE");
        long id = roles.alice.get(roles.server.url("/get"));

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");

        assertThat(roles.superuser.column("SELECT DISTINCT who FROM public.loot WHERE what IN ('INSERT', 'DELETE')"))
                .containsExactly(SEEN);
        assertThat(roles.superuser.column("SELECT what || ' ' || who FROM public.loot"
                        + " WHERE what IN ('temp', 'role', 'session') ORDER BY what"))
                .containsExactly("role 42501", "session 42501", "temp 42501");
    }

    /** At the commit it would run with the rights of the worker's own role. */
    @Test
    void deferredTriggerRunsAtOnceAsTheOwner() throws SQLException {
        roles.superuser.execute(
                "SET ROLE keeper",
                "CREATE CONSTRAINT TRIGGER w AFTER INSERT ON net._http_response DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION public.witness()",
                "RESET ROLE");
        long id = roles.alice.get(roles.server.url("/get"));

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");

        assertThat(roles.superuser.column("SELECT who FROM public.loot WHERE what = 'INSERT'"))
                .containsExactly(SEEN);
    }

    /** No statement of the worker has a time limit, and each of them can be ended. */
    @Test
    void policyThatNeverEndsEndsWithTheWorker() throws SQLException {
        String slow = "CREATE OR REPLACE FUNCTION public.slow() RETURNS boolean LANGUAGE sql AS 'SELECT %s'";
        roles.superuser.execute(
                slow.formatted("pg_sleep(3600) IS NULL"),
                "ALTER TABLE net._probes OWNER TO keeper, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                "CREATE POLICY w ON net._probes USING (public.slow())",
                "INSERT INTO net._probes VALUES ('nowhere.example', now())",
                "INSERT INTO net.hosts (pattern) VALUES ('nowhere.example')");
        roles.superuser.await(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'pg_net%' AND wait_event = 'PgSleep'",
                1);
        long id = roles.alice.get(roles.server.url("/get"));
        roles.superuser.execute(
                slow.formatted("true"),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE 'pg_net%' AND wait_event = 'PgSleep'");

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");
        roles.superuser.execute(
                "DROP POLICY w ON net._probes",
                "ALTER TABLE net._probes OWNER TO postgres, NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
                "DROP FUNCTION public.slow()",
                "DELETE FROM net._probes",
                "DELETE FROM net.hosts");
    }

    @Test
    void triggerMayWriteToTablesWithDeferredConstraints() throws SQLException {
        roles.superuser.execute(
                "CREATE TABLE public.status (code integer PRIMARY KEY)",
                "INSERT INTO public.status VALUES (200)",
                "CREATE TABLE public.seen (code integer REFERENCES public.status DEFERRABLE INITIALLY DEFERRED,"
                        + " id bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)",
                "ALTER TABLE public.status OWNER TO keeper",
                "ALTER TABLE public.seen OWNER TO keeper");
        triggerOfKeeper("INSERT INTO public.seen VALUES (new.status_code, new.id)");

        long id = roles.alice.get(roles.server.url("/get"));

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");
        assertThat(roles.superuser.number("SELECT id FROM public.seen")).isEqualTo(id);
        roles.superuser.execute("DROP TABLE public.seen, public.status CASCADE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "; RAISE 'and fails'"})
    void advisoryLocksOfTheSessionAreReleased(String end) throws SQLException {
        triggerOfKeeper("PERFORM pg_advisory_lock(4711), pg_advisory_lock_shared(1, 2)" + end);

        long id = roles.alice.get(roles.server.url("/get"));

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");
        roles.superuser.await("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", 0);
    }

    @Test
    void nothingThatPostgresCanForgetIsLeftForTheNextTransaction() throws SQLException {
        roles.superuser.execute("CREATE SEQUENCE public.numbers", "ALTER SEQUENCE public.numbers OWNER TO keeper");
        triggerOfKeeper("INSERT INTO public.loot VALUES (random()::text, 'random');"
                + " INSERT INTO public.loot VALUES (coalesce(current_setting('left.behind', true), ''), 'setting');"
                + " INSERT INTO public.loot VALUES (coalesce(to_regproc('pg_temp.left_behind')::text, ''), 'function');"
                + " BEGIN INSERT INTO public.loot VALUES (lastval()::text, 'sequence');"
                + " EXCEPTION WHEN object_not_in_prerequisite_state THEN"
                + "   INSERT INTO public.loot VALUES ('', 'sequence'); END;"
                + " PERFORM setseed(0.5), nextval('public.numbers'), set_config('left.behind', 'x', false);"
                + " CREATE FUNCTION pg_temp.left_behind() RETURNS integer LANGUAGE sql AS 'SELECT 1'");

        for (int i = 0; i < 3; i++) {
            assertThat(roles.alice.collect(roles.alice.get(roles.server.url("/get"))))
                    .startsWith("SUCCESS");
        }

        assertThat(roles.superuser.number("SELECT count(DISTINCT who) FROM public.loot WHERE what = 'random'"))
                .isEqualTo(3);
        assertThat(roles.superuser.column(
                        "SELECT DISTINCT what || who FROM public.loot WHERE what <> 'random' ORDER BY 1"))
                .containsExactly("function", "sequence", "setting");
        roles.superuser.execute("DROP SEQUENCE public.numbers");
    }

    @Test
    void cancelRunsATriggerAsTheOwnerAndNotWithTheNamesOfItsCaller() throws SQLException {
        roles.superuser.execute(
                "SET ROLE keeper",
                "CREATE TRIGGER w BEFORE DELETE ON net.http_request_queue FOR EACH ROW EXECUTE FUNCTION public.witness()",
                "RESET ROLE");
        roles.mallory.execute(
                "CREATE SCHEMA evil",
                "CREATE FUNCTION evil.coalesced(text, text) RETURNS text LANGUAGE sql AS 'SELECT public.trap($1)::text'",
                "CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.coalesced)",
                "SET search_path = evil, pg_catalog");

        assertThat(roles.mallory.query("SELECT net.cancel(net.http_get('http://127.0.0.1:1/'))"))
                .contains("t");

        assertThat(roles.superuser.column("SELECT who FROM public.loot WHERE what = 'DELETE'"))
                .containsExactly("keeper|pg_catalog, pg_temp");
        assertThat(roles.mallory.query("SHOW search_path")).contains("evil, pg_catalog");
        assertThat(roles.mallory.query("SELECT current_user")).contains("mallory");
    }

    @Test
    void noTriggerRunsAsTheRoleThatMadeTheRequest() throws SQLException {
        roles.superuser.execute(
                "GRANT TRIGGER ON net._http_response TO mallory", "GRANT INSERT ON public.loot TO mallory");
        roles.mallory.execute("CREATE TRIGGER w AFTER INSERT ON net._http_response FOR EACH ROW"
                + " EXECUTE FUNCTION public.witness()");
        long id = roles.alice.get(roles.server.url("/get"));

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");

        assertThat(roles.superuser.column("SELECT DISTINCT who FROM public.loot WHERE what = 'INSERT'"))
                .containsExactly(SEEN);
    }

    private static void triggerOfKeeper(String statements) throws SQLException {
        roles.superuser.execute(
                "CREATE OR REPLACE FUNCTION public.of_keeper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        + statements + "; RETURN new; END $$",
                "SET ROLE keeper",
                "CREATE TRIGGER w AFTER INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION public.of_keeper()",
                "RESET ROLE");
    }
}
