package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;

/** What mallory names like something that the extension uses is not used by it. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class HostileNamesIT {
    @Given
    private HostileCluster roles;

    /** The settings that careful authors of SECURITY DEFINER functions use; with '' a temporary schema still comes first. */
    @ParameterizedTest
    @ValueSource(strings = {"''", "pg_catalog, pg_temp", "public", "net, public"})
    void namesOfATemporarySchemaAreNotUsedInAVictimsFunction(String searchPath) throws SQLException {
        roles.alice.execute("CREATE FUNCTION public.with_token() RETURNS text LANGUAGE plpgsql SECURITY DEFINER"
                + " SET search_path = " + searchPath + " AS $$ DECLARE u pg_catalog.varchar := '"
                + roles.server.url("/get") + "'; BEGIN"
                + " PERFORM net.http_get(u), net.http_post(u, '{\"a\": 1}'), net.http_delete(u, body := '{}'),"
                + " net.request(u, '[]', 'put'), net.request(u, body_text := 'text'::pg_catalog.varchar, delay := '0'),"
                + " net.request(u, body_bytes := '', policy := 'quick', timeout := '5 s'),"
                + " net.request(u, form := '{\"a\": 1}', expires_after := '1 h');"
                + " PERFORM net.await('{-1}', '1 ms'), net.http_collect_response(1), net._http_collect_response(1),"
                + " net.cancel(1), net.wake(), net.wait_until_running(), net.check_worker_is_up();"
                + " PERFORM FROM net.stats; RETURN current_user; END $$");
        for (String type : new String[] {"text", "timestamptz", "jsonb", "bytea", "oid", "name"}) {
            roles.mallory.execute(
                    "CREATE DOMAIN pg_temp." + type + " AS pg_catalog." + type + " CHECK (public.trap(value))");
        }
        roles.mallory.execute(
                "CREATE TABLE pg_temp.http_request_queue (url pg_catalog.text CHECK (public.trap(url)))",
                "CREATE TABLE pg_temp._http_response (url pg_catalog.text CHECK (public.trap(url)))",
                "CREATE FUNCTION pg_temp.upper(pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql"
                        + " AS 'SELECT public.trap($1)::pg_catalog.text'");

        assertThat(roles.mallory.query("SELECT public.with_token()")).contains("alice");

        assertThat(roles.superuser.number("SELECT count(*) FROM net.http_request_queue WHERE owner = 'alice'::regrole")
                        + roles.superuser.number("SELECT count(*) FROM net.responses WHERE owner = 'alice'::regrole"))
                .isPositive();
        assertThat(roles.caught("alice")).isZero();
        roles.mallory.execute("SELECT 'bait'::text");
        assertThat(roles.caught("mallory")).as("the trap works").isEqualTo(1);
    }

    /** A DBA who makes the functions SECURITY DEFINER, and forgets their search_path, opens nothing by it. */
    @Test
    void operatorsAndFunctionsAheadOfPostgresAreNotUsed() throws SQLException {
        roles.superuser.execute(
                "ALTER FUNCTION net.http_post(text, jsonb, jsonb, jsonb, integer) SECURITY DEFINER",
                "ALTER FUNCTION net.request SECURITY DEFINER",
                "ALTER FUNCTION net.http_collect_response(bigint, boolean) SECURITY DEFINER",
                "ALTER FUNCTION net._http_collect_response(bigint, boolean) SECURITY DEFINER",
                "ALTER FUNCTION net.await(bigint[], interval) SECURITY DEFINER",
                "ALTER FUNCTION net.check_worker_is_up() SECURITY DEFINER",
                "ALTER FUNCTION net.wait_until_running() SECURITY DEFINER");
        roles.mallory.execute("CREATE SCHEMA evil");
        for (String[] operator : new String[][] {
            {"=", "text", "text"},
            {"<>", "text", "text"},
            {"=", "bigint", "bigint"},
            {"=", "anyenum", "anyenum"},
            {"||", "text", "text"}
        }) {
            String operands = operator[1] + ", " + operator[2];
            roles.mallory.execute(
                    "CREATE OR REPLACE FUNCTION evil.compare(" + operands + ") RETURNS boolean LANGUAGE sql"
                            + " AS 'SELECT public.trap($1)'",
                    "CREATE OPERATOR evil." + operator[0] + " (LEFTARG = " + operator[1] + ", RIGHTARG = " + operator[2]
                            + ", FUNCTION = evil.compare)");
        }
        for (String function : new String[] {"upper(text)", "format(text, name)", "convert_to(text, name)"}) {
            roles.mallory.execute("CREATE FUNCTION evil." + function
                    + " RETURNS text LANGUAGE sql AS 'SELECT public.trap($1)::text'");
        }
        roles.mallory.execute("SET search_path = evil, net, pg_catalog");

        long id = roles.mallory.number("SELECT net.http_post('" + roles.server.url("/post") + "', '{}')");
        roles.mallory.execute("SELECT net.request('" + roles.server.url("/post") + "', body_text := 'text')");
        roles.superuser.collect(id);
        roles.mallory.execute("SELECT net.http_collect_response(" + id + "), net._http_collect_response(" + id + ")");
        roles.mallory.execute("SELECT net.await('{" + id + "}')", "SELECT net.wait_until_running()");
        roles.mallory.execute("SELECT net.check_worker_is_up()");

        assertThat(roles.caught("postgres")).isZero();
        assertThat(roles.caught("mallory")).isZero();
        roles.mallory.execute("SELECT 'a'::text = 'b'::text");
        assertThat(roles.caught("mallory")).as("the trap works").isEqualTo(1);
    }
}
