package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Between the restart with this library and ALTER EXTENSION UPDATE no call fails, and what was called is sent after it. */
@PgNetTest(extension = false, cluster = Sharing.WITH_NONE)
class OldNamesIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private Session session;

    @ParameterizedTest
    @ValueSource(strings = {"0.2", "0.5.1", "0.7.1", "0.8.0", "0.12.0", "0.14.0", "0.17.0", "0.19.5", CExtension.LAST})
    void everyFunctionOfAnOlderCatalogueAnswers(String release) throws SQLException {
        session.execute("DROP EXTENSION IF EXISTS pg_net CASCADE");
        CExtension.create(session, release);

        for (String call : calls()) {
            session.execute(call);
        }
        long queued = session.get(server.url("/get?id=between-" + release));

        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isGreaterThanOrEqualTo(3);
        assertThat(server.received("between-" + release)).isEmpty();
        session.execute("ALTER EXTENSION pg_net UPDATE");
        assertThat(session.collect(queued)).startsWith("SUCCESS|ok|200");
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(session.column("SELECT error_msg FROM net._http_response WHERE error_msg IS NOT NULL"))
                .isEmpty();
    }

    /** A call of each function that waits for nothing, with null for each argument in turn. */
    private List<String> calls() throws SQLException {
        return session.column("WITH called AS ("
                + " SELECT oid, proname, pronargs, oid::regprocedure::text AS signature FROM pg_proc"
                + " WHERE pronamespace = 'net'::regnamespace AND proname ~"
                + " '^(_urlencode|_encode|http_(get|post|delete)|wake|worker_|wait_until|check)')"
                + " SELECT CASE WHEN proname ~ '^http' THEN format('SELECT net.%s(%L)', proname, '"
                + server.url("/get") + "')"
                + " ELSE format('SELECT net.%s(%s)', proname,"
                + " (SELECT string_agg('null', ', ') FROM generate_series(1, pronargs))) END"
                + " FROM called ORDER BY signature");
    }

    @Test
    void parametersAreEncodedAsWithTheNewNames() throws SQLException {
        session.execute("DROP EXTENSION IF EXISTS pg_net CASCADE");
        CExtension.create(session, CExtension.LAST);

        assertThat(session.query("SELECT net._urlencode_string('a b&ü')")).contains("a%20b%26%C3%BC");
        assertThat(session.query("SELECT net._encode_url_with_params_array('http://h/?x=1', '{a=1, NULL, b=2}')"))
                .contains("http://h/?x=1&a=1&b=2");
        assertThat(session.query("SELECT net._encode_url_with_params_array('http://h/', null)"))
                .isEmpty();
    }

    @Test
    void restartByTheOldNameGivesANewWorker() throws SQLException {
        session.execute("DROP EXTENSION IF EXISTS pg_net CASCADE");
        CExtension.create(session, "0.14.0");
        long before = cluster.awaitWorker();

        Eventually.until("another worker", Duration.ofSeconds(30), () -> {
            session.execute("SELECT net.worker_restart()");
            return cluster.workerPid("postgres").filter(pid -> pid != before).isPresent();
        });
    }
}
