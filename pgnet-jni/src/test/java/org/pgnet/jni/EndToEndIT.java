package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;

/** A committed call becomes an HTTP request, and its response a row. */
@PgNetTest
class EndToEndIT {
    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Test
    void responseOfAGetIsCollected() throws SQLException {
        long id = request("SELECT net.http_get('" + server.url("/get?id=collected") + "')");

        assertThat(collect(id)).isEqualTo("SUCCESS|ok|200|{\"method\": \"GET\", \"target\": \"/get?id=collected\"}");
        assertThat(server.received("collected")).hasSize(1);
    }

    @Test
    void bodyOfAPostArrives() throws SQLException {
        long id = request("SELECT net.http_post('" + server.url("/post?id=posted") + "', '{\"hello\": \"world\"}')");

        assertThat(collect(id)).isEqualTo("SUCCESS|ok|200|{\"hello\": \"world\"}");
        assertThat(server.received("posted").get(0).text()).isEqualTo("{\"hello\": \"world\"}");
    }

    @Test
    void timeoutIsAnErrorRow() throws SQLException {
        long id = request("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 200)");

        assertThat(collect(id)).startsWith("ERROR|Timeout of 200 ms reached.");
        assertThat(cluster.query("SELECT timed_out FROM net._http_response WHERE id = " + id))
                .contains("t");
    }

    @Test
    void rolledBackCallSendsNothing() throws SQLException {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT net.http_get('" + server.url("/get?id=rolled-back") + "')");
            connection.rollback();
        }
        long after = request("SELECT net.http_get('" + server.url("/get?id=after") + "')");

        assertThat(collect(after)).startsWith("SUCCESS");
        assertThat(server.received("rolled-back")).isEmpty();
    }

    @Test
    void tenThousandOfOneTransactionAreAnsweredOnceEach() throws SQLException {
        long worker = cluster.awaitWorker();
        cluster.execute(
                "SELECT net.http_get('" + server.url("/get") + "?id=many' || n) FROM generate_series(1, 10000) n");

        Eventually.until(
                "all responses",
                Duration.ofSeconds(60),
                () -> cluster.query(
                                "SELECT count(*) FROM net.responses WHERE url LIKE '%id=many%' AND status_code = 200")
                        .orElseThrow()
                        .equals("10000"));
        assertThat(server.received().entrySet().stream()
                        .filter(sent -> sent.getKey().startsWith("many")))
                .hasSize(10_000)
                .allSatisfy(sent -> assertThat(sent.getValue()).hasSize(1));
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    private static long request(String sql) throws SQLException {
        return Long.parseLong(cluster.query(sql).orElseThrow());
    }

    /** Waits for the response: status, message, HTTP status and body. */
    private static String collect(long id) throws SQLException {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT concat_ws('|', status, message,"
                        + " (response).status_code, (response).body) FROM net.http_collect_response(" + id
                        + ", async := false)")) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }
}
