package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** What {@code net.http_collect_response} returns, and how it waits. */
@PgNetTest
class CollectIT {
    private static final String NOT_FOUND = "ERROR|request matching request_id not found";
    private static final String PREREQUISITE_STATE = "55000";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void requestInFlightIsPending() throws SQLException {
        long id = session.get(server.url("/hang?id=pending"));
        Eventually.until(
                "sent", Duration.ofSeconds(10), () -> server.received("pending").size() == 1);

        assertThat(session.collect(id, true)).isEqualTo("PENDING|request is pending");
    }

    /** Its response is recorded between two looks of the function. */
    @Test
    void requestIsNeverUnknownOnItsWayFromTheQueueToItsResponse() throws SQLException {
        for (int n = 0; n < 500; n++) {
            long id = session.get(server.url("/get"));
            String state = session.collect(id, true);
            while (state.startsWith("PENDING")) {
                state = session.collect(id, true);
            }
            assertThat(state).startsWith("SUCCESS|ok|200");
        }
    }

    @Test
    void requestOfThisTransactionIsPendingAndCannotBeAwaited() throws SQLException {
        try (Session other = cluster.session()) {
            other.execute("BEGIN");
            long id = other.get(server.url("/get"));

            assertThat(other.collect(id, true)).isEqualTo("PENDING|request is pending");
            assertThatThrownBy(() -> other.collect(id))
                    .asInstanceOf(type(SQLException.class))
                    .extracting(SQLException::getSQLState)
                    .isEqualTo(PREREQUISITE_STATE);
        }
    }

    @Test
    void anyStatusOfTheServerIsASuccess() throws SQLException {
        assertThat(session.collect(session.get(server.url("/status/404")))).isEqualTo("SUCCESS|ok|404|as asked");
        assertThat(session.collect(session.get(server.url("/status/500")))).isEqualTo("SUCCESS|ok|500|as asked");
    }

    @Test
    void failureIsAnErrorWithItsReason() throws SQLException {
        long id = session.get(server.url("/drop"));

        assertThat(session.collect(id)).isEqualTo("ERROR|Server returned nothing (no headers, no data)");
        assertThat(session.collect(id, true)).isEqualTo("ERROR|Server returned nothing (no headers, no data)");
        assertThat(session.query("SELECT response IS NULL FROM net.http_collect_response(" + id + ")"))
                .contains("t");
    }

    @Test
    void unknownIdIsNotFoundAtOnce() throws SQLException {
        assertThat(session.collect(987_654_321, true)).isEqualTo(NOT_FOUND);
        assertThat(session.collect(987_654_321)).isEqualTo(NOT_FOUND);
        assertThat(session.collect(-1)).isEqualTo(NOT_FOUND);
    }

    @Test
    void snapshotThatCannotSeeTheResponseIsRefused() throws SQLException {
        long id = session.get(server.url("/hang"));
        try (Session other = cluster.session()) {
            other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");

            assertThatThrownBy(() -> other.collect(id))
                    .asInstanceOf(type(SQLException.class))
                    .extracting(SQLException::getSQLState)
                    .isEqualTo(PREREQUISITE_STATE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM net.http_request_queue WHERE id = %d",
                "SELECT net.cancel(%d)",
                "TRUNCATE net.http_request_queue"
            })
    void waitEndsWithTheRequest(String statement) throws Exception {
        long id = session.number("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 0)");
        CompletableFuture<String> waiting = collectElsewhere(id, "deleted");

        session.execute(statement.formatted(id));

        assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo(NOT_FOUND);
    }

    @Test
    void waitIsInterruptedByStatementTimeoutAndCancel() throws Exception {
        long id = session.number("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 0)");
        try (Session other = cluster.session()) {
            other.execute("SET statement_timeout = 100");
            assertThatThrownBy(() -> other.collect(id)).hasMessageContaining("statement timeout");
        }
        CompletableFuture<String> waiting = collectElsewhere(id, "cancelled");

        session.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'cancelled'");

        assertThat(waiting.handle((row, error) -> String.valueOf(error)).get(5, TimeUnit.SECONDS))
                .contains("canceling statement due to user request");
    }

    /** Waits in a session of this name; returns when it sleeps. */
    private static CompletableFuture<String> collectElsewhere(long id, String name) {
        CompletableFuture<String> row = CompletableFuture.supplyAsync(() -> {
            try (Session other = cluster.session()) {
                other.execute("SET application_name = '" + name + "'");
                return other.collect(id);
            } catch (SQLException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
        session.await(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + name
                        + "' AND wait_event = 'Extension'",
                1);
        return row;
    }
}
