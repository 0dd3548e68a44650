package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Who cancels a request wakes the sessions that wait for it, and no others. */
@PgNetTest(
        settings = {
            "shared_preload_libraries = 'pg_net,pg_stat_statements'",
            "pg_stat_statements.track = all",
            "max_prepared_transactions = 5"
        },
        cluster = Sharing.WITH_NONE)
class CancelWakesIT {
    /** Each look at the tables of a session that waits. */
    private static final String LOOKS =
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE 'SELECT true, $1 FROM net._http_response%'"
                    + " OR query LIKE 'SELECT true, NULL FROM net._http_response%'";

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Given
    private Session waiting;

    private long awaited;
    private CompletableFuture<String> answer;

    @BeforeEach
    void waitForAResponse() throws SQLException {
        session.execute("CREATE EXTENSION pg_stat_statements");
        awaited = hanging();
        long pid = waiting.pid();
        answer = CompletableFuture.supplyAsync(() -> {
            try {
                return waiting.collect(awaited);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        session.await("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND pid = " + pid, 1);
    }

    @Test
    void whoWaitsForAnotherRequestIsLeftAsleep() throws SQLException {
        long before = session.number(LOOKS);

        for (int i = 0; i < 50; i++) {
            session.execute("BEGIN; SELECT net.cancel(net.http_get('http://127.0.0.1:1/')); COMMIT");
            session.execute("SELECT net.cancel(" + hanging() + ")");
        }

        assertThat(session.number(LOOKS) - before).as("looks at the tables").isLessThan(5);
        assertThat(answer).isNotDone();
        session.execute("SELECT net.cancel(" + awaited + ")");
        assertThat(answer.orTimeout(10, TimeUnit.SECONDS).join()).contains("not found");
    }

    @Test
    void cancelledOfManyIsTold() throws SQLException {
        session.execute(
                "BEGIN",
                "SELECT net.cancel(net.http_get('http://127.0.0.1:1/')) FROM generate_series(1, 100)",
                "SAVEPOINT s",
                "SELECT net.cancel(" + awaited + ")",
                "ROLLBACK TO s",
                "SELECT net.cancel(" + awaited + ")",
                "COMMIT");

        assertThat(answer.orTimeout(10, TimeUnit.SECONDS).join()).contains("not found");
    }

    @Test
    void requestThatAnOwnersTriggerDeletesBesideIsTold() throws SQLException {
        long other = hanging();
        session.execute(
                "CREATE FUNCTION also() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " DELETE FROM net.http_request_queue WHERE id = " + awaited + "; RETURN OLD; END $$",
                "CREATE TRIGGER also AFTER DELETE ON net.http_request_queue FOR EACH ROW WHEN (OLD.id = " + other
                        + ") EXECUTE FUNCTION also()",
                "SELECT net.cancel(" + other + ")");

        assertThat(answer.orTimeout(10, TimeUnit.SECONDS).join()).contains("not found");
    }

    @Test
    void cancelInAPreparedTransactionIsTold() throws SQLException {
        session.execute("BEGIN; SELECT net.cancel(" + awaited + "); PREPARE TRANSACTION 'p'");
        assertThat(answer).isNotDone();
        session.execute("COMMIT PREPARED 'p'");

        assertThat(answer.orTimeout(10, TimeUnit.SECONDS).join()).contains("not found");
    }

    private long hanging() throws SQLException {
        long before = server.hanging();
        long id = session.number("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 60000)");
        Eventually.until("in flight", Duration.ofSeconds(10), () -> server.hanging() > before);
        return id;
    }
}
