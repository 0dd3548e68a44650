package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * The role that {@code pg_net.username} names needs no rights: only a superuser sets it, and what the worker does in the
 * tables it does as their owner. One that cannot connect is told of.
 */
@PgNetTest(settings = "pg_net.username = 'dash'", sql = "CREATE ROLE dash LOGIN", cluster = Sharing.WITH_NONE)
class UsernameIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @BeforeEach
    void restart() throws SQLException {
        session.execute("SELECT net.worker_restart()", "SELECT net.wait_until_running()");
    }

    @Test
    void roleWithoutAnyRightIsServed() throws SQLException {
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        assertThat(session.query("SELECT usename FROM pg_stat_activity WHERE backend_type LIKE '%pg_net%'"))
                .contains("dash");
        assertThat(cluster.log().count("pg_net worker is idle", 0)).isZero();
    }

    /** Their owner is no superuser either, nor the one a member of the other. */
    @Test
    void tablesOfAnotherPlainRoleAreServed() throws SQLException {
        session.execute(
                "CREATE ROLE keeper",
                "GRANT USAGE ON SCHEMA net TO keeper",
                "ALTER TABLE net.http_request_queue OWNER TO keeper",
                "ALTER TABLE net._http_response OWNER TO keeper");

        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        long scheduled = session.number("SELECT net.request(?, delay => '10 ms')", server.url("/get"));
        assertThat(session.collect(scheduled)).startsWith("SUCCESS|ok|200");
        long failing = session.number("SELECT net.request(?, policy => 'quick')", "http://127.0.0.1:1/");
        session.await("SELECT (count(*) > 0)::integer FROM net.attempts WHERE request_id = " + failing, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER ROLE dash NOLOGIN|role \"dash\" is not permitted to log in|ALTER ROLE dash LOGIN",
                "DROP ROLE dash|role \"dash\" does not exist|CREATE ROLE dash LOGIN",
                "ALTER ROLE dash RENAME TO other|role \"dash\" does not exist|ALTER ROLE other RENAME TO dash",
                "REVOKE CONNECT ON DATABASE postgres FROM public|permission denied for database \"postgres\"|GRANT"
                        + " CONNECT ON DATABASE postgres TO dash"
            })
    void roleThatCannotConnectIsToldAndServedOnceItCan(String breakReasonMend) throws SQLException {
        String[] parts = breakReasonMend.split("\\|");
        int from = cluster.log().length();
        session.execute("SELECT pg_terminate_backend(" + cluster.awaitWorker() + ", 5000)", parts[0]);
        cluster.log().await("FATAL: +" + parts[1], from, Duration.ofSeconds(10));

        for (String call : new String[] {"check_worker_is_up", "wait_until_running"}) {
            assertThatThrownBy(() -> session.execute("SELECT net." + call + "()"))
                    .hasMessageContaining("the pg_net background worker is not up")
                    .hasMessageContaining("it could not connect to database \"postgres\": " + parts[1]);
        }
        assertThat(session.query("SELECT net._worker_state()")).contains("none");

        session.execute(parts[2], "SELECT net.wait_until_running()");
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
    }
}
