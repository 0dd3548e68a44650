package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.machine.Eventually;

/**
 * A trigger of the tables' owner, here keeper, finds what it names without a schema as in a session of the owner's. The
 * worker is never started anew meanwhile.
 */
@PgNetTest
class OwnerSearchPathIT {
    @Given
    private static HostileCluster roles;

    @BeforeAll
    static void start() throws SQLException {
        roles.superuser.execute(
                "CREATE ROLE keeper",
                "CREATE SCHEMA app AUTHORIZATION keeper",
                "CREATE TABLE app.seen (id bigint, path text)",
                "ALTER TABLE app.seen OWNER TO keeper",
                "ALTER TABLE net.http_request_queue OWNER TO keeper",
                "ALTER TABLE net._http_response OWNER TO keeper",
                "CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN INSERT INTO seen VALUES (new.id, current_setting('search_path')); RETURN new; END $$",
                "GRANT EXECUTE ON FUNCTION app.note() TO keeper",
                "SET ROLE keeper",
                "CREATE TRIGGER note AFTER INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION app.note()",
                "RESET ROLE");
    }

    @AfterEach
    void reset() throws SQLException {
        roles.superuser.execute(
                "ALTER ROLE keeper RESET ALL",
                "ALTER ROLE keeper IN DATABASE postgres RESET ALL",
                "ALTER DATABASE postgres RESET ALL",
                "ALTER ROLE ALL RESET ALL",
                "ALTER SYSTEM RESET ALL",
                "SELECT pg_reload_conf()");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER DATABASE postgres",
                "ALTER ROLE keeper",
                "ALTER ROLE keeper IN DATABASE postgres",
                "ALTER ROLE ALL"
            })
    void tableWithoutASchemaIsFound(String settingsOf) throws SQLException {
        roles.superuser.execute(settingsOf + " SET search_path = app, public");
        assertThat(pathSeen()).isEqualTo("app, public");

        roles.superuser.execute(settingsOf + " SET search_path = public, app");
        assertThat(pathSeen()).isEqualTo("public, app");

        roles.superuser.execute(settingsOf + " RESET search_path");
        assertThat(pathSeen()).isEqualTo("nothing");
    }

    @Test
    void configurationCountsWhenItIsReadAgain() throws SQLException {
        roles.superuser.execute("ALTER SYSTEM SET search_path = app, public", "SELECT pg_reload_conf()");

        Eventually.until(
                "the path of the configuration",
                Duration.ofSeconds(20),
                () -> pathSeen().equals("app, public"));
    }

    @Test
    void nearestSettingCounts() throws SQLException {
        roles.superuser.execute(
                "ALTER ROLE ALL SET search_path = app, pg_catalog",
                "ALTER DATABASE postgres SET search_path = app, pg_temp",
                "ALTER ROLE keeper SET search_path = app, public",
                "ALTER ROLE keeper IN DATABASE postgres SET search_path = app");
        assertThat(pathSeen()).isEqualTo("app");

        roles.superuser.execute("ALTER ROLE keeper IN DATABASE postgres RESET search_path");
        assertThat(pathSeen()).isEqualTo("app, public");

        roles.superuser.execute("ALTER ROLE keeper RESET search_path");
        assertThat(pathSeen()).isEqualTo("app, pg_temp");

        roles.superuser.execute("ALTER DATABASE postgres RESET search_path");
        assertThat(pathSeen()).isEqualTo("app, pg_catalog");
    }

    @Test
    void settingsOfOtherRolesAndDatabasesDoNotCount() throws SQLException {
        roles.superuser.execute(
                "ALTER ROLE keeper SET search_path = app",
                "ALTER ROLE postgres SET search_path = public",
                "ALTER ROLE keeper IN DATABASE template1 SET search_path = public");
        roles.alice.execute("ALTER ROLE alice SET search_path = public", "SET search_path = public");
        roles.mallory.execute("ALTER ROLE mallory SET search_path = public");

        assertThat(pathSeen()).isEqualTo("app");

        roles.alice.execute("ALTER ROLE alice RESET search_path", "RESET search_path");
    }

    /** The server checks one before it stores it, but a superuser can write anything into the catalogue. */
    @Test
    void pathThatTheServerRefusesStopsNothing() throws SQLException {
        roles.superuser.execute(
                "ALTER ROLE keeper SET search_path = app",
                "UPDATE pg_db_role_setting SET setconfig = '{\"search_path=\\\"open\"}'"
                        + " WHERE setrole = 'keeper'::regrole");
        assertThat(pathSeen()).isEqualTo("nothing");

        roles.superuser.execute("ALTER ROLE keeper SET search_path = gone, app, \"$user\"");
        assertThat(pathSeen()).isEqualTo("gone, app, \"$user\"");
    }

    @Test
    void namesAheadOfPostgresAreNotUsedByTheWorkersOwnStatements() throws SQLException {
        roles.mallory.execute("CREATE SCHEMA evil", "GRANT USAGE ON SCHEMA evil TO PUBLIC");
        for (String operator : new String[] {"=", "<>", "<", "<=", ">", ">="}) {
            for (String type : new String[] {"bigint", "timestamptz", "oid", "text"}) {
                String function = "evil.trap_" + type;
                roles.mallory.execute(
                        "CREATE OR REPLACE FUNCTION " + function + "(" + type + ", " + type + ") RETURNS boolean"
                                + " LANGUAGE sql AS 'SELECT public.trap($1)'",
                        "CREATE OPERATOR evil." + operator + " (LEFTARG = " + type + ", RIGHTARG = " + type
                                + ", FUNCTION = " + function + ")");
            }
        }
        roles.mallory.execute("CREATE DOMAIN evil.text AS pg_catalog.text CHECK (public.trap(VALUE))");
        roles.superuser.execute("ALTER ROLE keeper SET search_path = evil, app, pg_catalog");
        long sprungBefore = roles.sprung();

        long first = roles.alice.get(roles.server.url("/get"));
        assertThat(roles.alice.collect(first)).startsWith("SUCCESS|ok|200");
        recordWithCare();
        roles.superuser.execute("ALTER SYSTEM SET pg_net.ttl = '1 ms'", "SELECT pg_reload_conf()");
        roles.superuser.await("SELECT count(*) FROM net._http_response", 0);

        assertThat(roles.superuser.query("SELECT path FROM app.seen WHERE id = " + first))
                .contains("evil, app, pg_catalog");
        assertThat(roles.sprung()).isEqualTo(sprungBefore);
        roles.superuser.execute("DROP SCHEMA evil CASCADE");
    }

    /** A row that somebody holds locked is recorded by other statements than the rest. */
    private static void recordWithCare() throws SQLException {
        long id = roles.alice.get(roles.server.url("/delay?ms=300"));
        roles.superuser.execute("BEGIN", "SELECT FROM net.http_request_queue WHERE id = " + id + " FOR UPDATE");
        long other = roles.alice.get(roles.server.url("/delay?ms=600"));
        assertThat(roles.alice.collect(other)).startsWith("SUCCESS|ok|200");
        roles.superuser.execute("COMMIT");
        assertThat(roles.alice.collect(id)).startsWith("SUCCESS|ok|200");
    }

    /** The search_path of the trigger that sees the next response; "nothing" when it raised, and the response is there. */
    private static String pathSeen() throws SQLException {
        long id = roles.alice.get(roles.server.url("/get"));
        assertThat(roles.alice.collect(id)).startsWith("SUCCESS|ok|200");
        return roles.superuser
                .query("SELECT path FROM app.seen WHERE id = " + id)
                .orElse("nothing");
    }
}
