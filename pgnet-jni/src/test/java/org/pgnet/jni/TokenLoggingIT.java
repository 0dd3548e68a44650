package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** The ways that docs/security.md names to keep tokens out of what PostgreSQL itself writes about statements. */
@PgNetTest(
        settings = {
            "shared_preload_libraries = 'pg_net,pg_stat_statements,auto_explain'",
            "log_statement = all",
            "log_parameter_max_length = 0",
            "auto_explain.log_min_duration = 0",
            // PostgreSQL 15 does not know it, and starts with a warning.
            "auto_explain.log_parameter_max_length = 0",
            "pg_stat_statements.track = all"
        },
        cluster = Sharing.WITH_NONE)
class TokenLoggingIT {
    private static final String TOKEN = "t0ken";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session superuser;

    @BeforeAll
    static void start() throws SQLException {
        superuser.execute(
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE app LOGIN",
                "CREATE TABLE api_token (name text PRIMARY KEY, token text)",
                "SET log_statement = none",
                "SET auto_explain.log_min_duration = -1",
                "INSERT INTO api_token VALUES ('billing', '" + TOKEN + "')",
                "RESET log_statement",
                "RESET auto_explain.log_min_duration",
                "CREATE FUNCTION call_billing(url text) RETURNS bigint LANGUAGE sql SECURITY DEFINER"
                        + " SET search_path = pg_catalog, pg_temp AS $$ SELECT net.http_get(url, headers :="
                        + " jsonb_build_object('Authorization', 'Bearer ' || token)) FROM public.api_token"
                        + " WHERE name = 'billing' $$");
    }

    @Test
    void tokenFromATableIsNotLogged() throws SQLException {
        try (Session app = cluster.session("postgres", "app")) {
            superuser.collect(app.number("SELECT call_billing('" + server.url("/get?id=table") + "')"));
        }

        assertThat(server.received("table").get(0).header("authorization")).contains("Bearer " + TOKEN);
        assertThat(superuser.number("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%call_billing%'"))
                .isPositive();
        assertNothingHolds(TOKEN);
    }

    @Test
    void parameterIsNotLogged() throws SQLException {
        try (Session caller = cluster.session()) {
            caller.fetch(server.url("/get?id=parameter"), "{\"Authorization\": \"Bearer p4rameter\"}");
        }

        assertThat(server.received("parameter").get(0).header("authorization")).contains("Bearer p4rameter");
        assertNothingHolds("p4rameter");
    }

    /** So that the tests above can fail. */
    @Test
    void literalIsLogged() throws SQLException {
        superuser.execute("SELECT net.http_get('" + server.url("/get?key=l1teral") + "')");

        assertThat(cluster.log().text()).contains("l1teral");
    }

    private static void assertNothingHolds(String secret) throws SQLException {
        assertThat(cluster.log().text()).contains("net.http_get").doesNotContain(secret);
        assertThat(superuser.column("SELECT query FROM pg_stat_statements"))
                .isNotEmpty()
                .noneSatisfy(query -> assertThat(query).contains(secret));
    }
}
