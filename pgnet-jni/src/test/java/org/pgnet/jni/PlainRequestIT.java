package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** What requests cost that want nothing of their delivery: the statements that they cost without all of it, and no other. */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        settings = {
            "shared_preload_libraries = 'pg_net,pg_stat_statements'",
            "pg_stat_statements.track = all",
            "pg_stat_statements.track_planning = on"
        },
        sql = "CREATE EXTENSION pg_stat_statements")
class PlainRequestIT {
    /** The worker's; those of sessions are written otherwise. */
    private static final String STATEMENTS =
            "SELECT regexp_replace(query, '^(\\w+) .*?(net\\.\\w+).*$', '\\1 \\2') FROM pg_stat_statements s"
                    + " WHERE query ~ '^(SELECT|INSERT|DELETE|WITH) .*net\\.' AND query ~ 'OPERATOR|pgnet_'"
                    + " ORDER BY 1";

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    /** What the worker looks at when it starts is over then. */
    @BeforeEach
    void awaitAnAnswer() throws SQLException {
        long id = session.get(server.url("/get"));
        session.await("SELECT count(*) FROM net._http_response WHERE id = " + id, 1);
        // What is recorded is counted a moment later.
        session.await("SELECT in_flight FROM net._worker_counters()", 0);
    }

    @Test
    void plainRequestsRunTheStatementsOfPlainRequests() throws SQLException {
        long before = session.number("SELECT done FROM net._worker_counters()");
        session.execute("SELECT pg_stat_statements_reset()");

        session.execute("SELECT net.http_get('" + server.url("/get") + "') FROM generate_series(1, 100)");
        session.execute("SELECT net.request('" + server.url("/get") + "') FROM generate_series(1, 100)");
        session.await("SELECT done FROM net._worker_counters()", before + 200);

        assertThat(session.column(STATEMENTS))
                .as("recording needs none")
                .containsExactly("SELECT net.http_request_queue");
    }

    @Test
    void onesUnderAPolicyThatSucceedWriteNoMore() throws SQLException {
        long before = session.number("SELECT done FROM net._worker_counters()");
        session.execute("SELECT pg_stat_statements_reset()");

        session.execute(
                "SELECT net.request('" + server.url("/get") + "', policy => 'quick') FROM generate_series(1, 100)");
        session.await("SELECT done FROM net._worker_counters()", before + 100);

        assertThat(session.column(STATEMENTS))
                .doesNotContain("DELETE net._delivery", "WITH net._delivery", "SELECT net._delivery");
        assertThat(session.number("SELECT count(*) FROM net.attempts")).isZero();
    }
}
