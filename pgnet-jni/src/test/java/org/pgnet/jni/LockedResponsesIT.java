package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/** A role that keeps the rows of its requests locked, while their responses come. */
@PgNetTest(
        settings = "max_prepared_transactions = 2",
        sql = {"CREATE ROLE mallory LOGIN", "CREATE ROLE alice LOGIN"},
        cluster = Sharing.WITH_NONE)
class LockedResponsesIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given(role = "mallory")
    private Session mallory;

    @Given(role = "alice")
    private Session alice;

    @Given
    private Session session;

    /** Responses of 1 MB, more than all may have together; small ones, more than may be held at once. */
    @ParameterizedTest
    @CsvSource({"90, 1000000, false", "1500, 10, false", "3000, 10, true"})
    void cancelThatIsLeftOpenHoldsUpNobodyElse(int requests, int bytes, boolean prepared) throws SQLException {
        long worker = cluster.awaitWorker();
        Gate gate = Gate.closed();
        Reply reply = Reply.text(200, "a".repeat(bytes));
        server.handle("/locked", request -> gate.answer(request).map(opened -> reply));
        mallory.execute("SELECT net.http_get('" + server.url("/locked") + "', timeout_milliseconds := 0)"
                + " FROM generate_series(1, " + requests + ")");
        gate.awaitRequests(1);
        mallory.execute("BEGIN", "SELECT net.cancel(id) FROM net.http_request_queue");
        if (prepared) {
            mallory.execute("PREPARE TRANSACTION 'locks'");
        }
        gate.open();
        session.await("SELECT count(*) FROM net.http_request_queue WHERE owner = 'alice'::regrole", 0);

        for (int n = 0; n < 3; n++) {
            assertThat(alice.collect(alice.get(server.url("/locked")))).startsWith("SUCCESS|ok|200");
            assertThat(alice.collect(alice.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }

        mallory.execute(prepared ? "ROLLBACK PREPARED 'locks'" : "ROLLBACK");
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(session.number("SELECT count(*) FROM net.responses WHERE owner = 'mallory'::regrole"))
                .isEqualTo(requests);
        Optional<String> errors =
                session.query("SELECT string_agg(DISTINCT regexp_replace(error_msg, '\\d+', 'N'), ', ')"
                        + " FROM net._http_response WHERE error_msg IS NOT NULL");
        errors.ifPresent(texts -> assertThat(texts)
                .isEqualTo("the response, of N bytes, was dropped while its row was locked or refused: memory for such"
                        + " responses is limited"));
        assertThat(errors.isPresent()).isEqualTo(bytes > 10);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }
}
