package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Requests with a delay are sent when it is over, never before and not much later, whatever happens meanwhile. */
@PgNetTest(settings = "max_prepared_transactions = 5", cluster = Sharing.WITH_NONE)
class ScheduleIT {
    private static final String DELAYED = "SELECT net.request(?, delay => ?::text::interval)";
    private static final String KEPT = "SELECT count(*) FROM net._delivery";
    /** How long after its moment a request may begin, on a machine that does other things, too. */
    private static final String PUNCTUAL = "interval '1 s'";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private Session session;

    @BeforeEach
    void empty() throws SQLException {
        session.execute("TRUNCATE net.http_request_queue, net._http_response");
    }

    @Test
    void delayedRequestIsSentAtItsTime() throws SQLException {
        long id = session.send(DELAYED, server.url("/get"), "700 ms");
        String moment = moment(id);

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        assertSentAt(id, moment);
        assertThat(session.number(KEPT)).isZero();
    }

    @Test
    void manyAreSentAtTheirTimes() throws SQLException {
        session.execute("CREATE TABLE expected AS SELECT net.request('" + server.url("/get")
                + "', delay => (600 + i % 10 * 100) * interval '1 ms') AS id, NULL::timestamptz AS moment"
                + " FROM generate_series(1, 1000) i");
        session.execute(
                "UPDATE expected SET moment = not_before FROM net.http_request_queue q WHERE q.id = expected.id");

        session.await("SELECT count(*) FROM expected JOIN net._http_response USING (id)", 1_000);

        assertThat(session.text("SELECT format('%s to %s', min(late), max(late)) FROM (SELECT"
                        + " r.created - r.duration - moment AS late FROM expected JOIN net.responses r USING (id)) l"
                        + " HAVING min(late) < '0' OR max(late) > '5 s'"
                        + " UNION ALL SELECT 'punctual' LIMIT 1"))
                .isEqualTo("punctual");
        session.execute("DROP TABLE expected");
    }

    @Test
    void othersAreSentMeanwhile() throws SQLException {
        long later = session.send(DELAYED, server.url("/get?id=later"), "1 hour");
        long now = session.get(server.url("/get"));
        long last = session.get(server.url("/get"));

        assertThat(session.collect(now)).startsWith("SUCCESS");
        assertThat(session.collect(last)).startsWith("SUCCESS");

        session.execute("SELECT net.wake()");
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS");
        assertThat(session.collect(later, true)).startsWith("PENDING|request is scheduled for 20");
        assertThat(server.received("later")).isEmpty();
        assertThat(session.number("SELECT net.cancel(" + later + ")::int")).isEqualTo(1);
    }

    @Test
    void cancelledOneIsNotSent() throws SQLException {
        long cancelled = session.send(DELAYED, server.url("/get?id=cancelled"), "500 ms");
        long sent = session.send(DELAYED, server.url("/get"), "700 ms");
        session.execute("SELECT net.cancel(" + cancelled + ")");

        assertThat(session.number(KEPT)).isEqualTo(1);
        assertThat(session.collect(cancelled)).startsWith("ERROR|request matching request_id not found");
        assertThat(session.collect(sent)).startsWith("SUCCESS");
        assertThat(server.received("cancelled")).isEmpty();
    }

    @Test
    void rolledBackOnesLeaveNothing() throws SQLException {
        session.execute("BEGIN");
        session.send(DELAYED, server.url("/get?id=undone"), "300 ms");
        session.execute("ROLLBACK", "BEGIN");
        long kept = session.send(DELAYED, server.url("/get"), "400 ms");
        session.execute("SAVEPOINT s");
        session.send(DELAYED, server.url("/get?id=undone"), "300 ms");
        session.execute("ROLLBACK TO s", "COMMIT");

        assertThat(session.number(KEPT)).isEqualTo(1);
        assertThat(session.collect(kept)).startsWith("SUCCESS");
        assertThat(server.received("undone")).isEmpty();
    }

    @Test
    void preparedOneIsSentAtItsTime() throws SQLException {
        session.execute("BEGIN");
        long id = session.send(DELAYED, server.url("/get"), "1 s");
        session.execute("PREPARE TRANSACTION 'later'", "COMMIT PREPARED 'later'");
        String moment = moment(id);

        assertThat(session.collect(id)).startsWith("SUCCESS");

        assertSentAt(id, moment);
    }

    @Test
    void committedAfterItsTimeItIsSentAtOnce() throws SQLException {
        session.execute("BEGIN");
        long id = session.send(DELAYED, server.url("/get"), "300 ms");
        // The worker looks for what is due then, and has not seen this one.
        try (Session other = cluster.session()) {
            long earlier = other.send(DELAYED, server.url("/get"), "400 ms");
            assertThat(other.collect(earlier)).startsWith("SUCCESS");
        }
        session.execute("COMMIT");

        assertThat(session.collect(id)).startsWith("SUCCESS");
    }

    @Test
    void putOffByAnUpdate() throws SQLException {
        long id = session.send(DELAYED, server.url("/get"), "300 ms");
        session.execute(
                "UPDATE net.http_request_queue SET not_before = clock_timestamp() + interval '900 ms' WHERE id = "
                        + id);
        String moment = moment(id);

        assertThat(session.collect(id)).startsWith("SUCCESS");

        assertSentAt(id, moment);
    }

    @Test
    void broughtForwardByAnUpdate() throws SQLException {
        long id = session.send(DELAYED, server.url("/get"), "1 hour");
        session.execute("UPDATE net.http_request_queue SET not_before = NULL WHERE id = " + id);

        assertThat(session.collect(id)).startsWith("SUCCESS");
        assertThat(session.number(KEPT)).isZero();
    }

    @Test
    void rewrittenTableKeepsTheTimes() throws SQLException {
        long id = session.send(DELAYED, server.url("/get"), "1500 ms");
        String moment = moment(id);
        session.execute(
                "ALTER TABLE net.http_request_queue ADD rewritten float DEFAULT random()",
                "ALTER TABLE net.http_request_queue DROP rewritten",
                "SELECT net.wake()");

        assertThat(session.collect(id)).startsWith("SUCCESS");

        assertSentAt(id, moment);
    }

    @Test
    void truncatedQueueHasNoTimes() throws SQLException {
        session.send(DELAYED, server.url("/get?id=truncated"), "300 ms");
        session.execute("TRUNCATE net.http_request_queue");

        assertThat(session.number(KEPT)).isZero();
        assertThat(session.collect(session.send(DELAYED, server.url("/get"), "400 ms")))
                .startsWith("SUCCESS");
        assertThat(server.received("truncated")).isEmpty();
    }

    @Test
    void restartSendsNothingEarlyAndWhatIsDueAtOnce() throws SQLException {
        long due = session.send(DELAYED, server.url("/get"), "1 s");
        long later = session.send(DELAYED, server.url("/get?id=after-restart"), "1 hour");
        session.close();
        cluster.stop(StopMode.FAST);
        Eventually.until("the moment", Duration.ofSeconds(5), new Passed(Duration.ofMillis(1_100)));
        cluster.start();

        try (Session after = cluster.session()) {
            assertThat(after.collect(due)).startsWith("SUCCESS");
            assertThat(after.collect(later, true)).startsWith("PENDING");
            assertThat(server.received("after-restart")).isEmpty();
            after.execute("SELECT net.cancel(" + later + ")");
        }
    }

    @Test
    void killedWorkerSendsNothingEarly() throws SQLException {
        long id = session.send(DELAYED, server.url("/get?id=killed"), "3 s");
        String moment = moment(id);
        long worker = cluster.awaitWorker();
        cluster.signal(worker, "KILL");

        Eventually.until("another worker", Duration.ofSeconds(20), () -> isReplaced(worker));
        try (Session after = cluster.session()) {
            assertThat(after.collect(id)).startsWith("SUCCESS");
            assertThat(after.text(
                            "SELECT created - duration >= ?::text::timestamptz FROM net.responses WHERE id = ?",
                            moment,
                            id))
                    .isEqualTo("t");
        }
        assertThat(server.received("killed")).hasSize(1);
    }

    @Test
    void expiredRequestIsNotBegun() throws SQLException {
        session.execute("BEGIN");
        long id = session.number(
                "SELECT net.request('" + server.url("/get?id=expired") + "', expires_after => interval '200 ms')");
        Eventually.until("it expires", Duration.ofSeconds(5), new Passed(Duration.ofMillis(300)));
        session.execute("COMMIT");

        assertThat(session.collect(id)).startsWith("ERROR|expired: not begun by 20");

        assertThat(server.received("expired")).isEmpty();
        assertThat(session.number("SELECT attempts FROM net.responses WHERE id = " + id))
                .isZero();
    }

    @Test
    void requestThatIsSentInTimeMayTakeLonger() throws SQLException {
        Gate gate = Gate.closed();
        server.handle("/slow", gate);
        long id = session.number("SELECT net.request('" + server.url("/slow") + "', expires_after => interval '1 s')");
        gate.awaitRequests(1);
        Eventually.until("it would expire", Duration.ofSeconds(5), new Passed(Duration.ofMillis(1_100)));
        gate.open();

        assertThat(session.collect(id)).startsWith("SUCCESS");
    }

    /** Since when it was made. */
    private static final class Passed implements java.util.concurrent.Callable<Boolean> {
        private final long end;

        Passed(Duration time) {
            end = System.nanoTime() + time.toNanos();
        }

        @Override
        public Boolean call() {
            return System.nanoTime() - end > 0;
        }
    }

    private static boolean isReplaced(long worker) {
        try {
            return cluster.workerPid("postgres").filter(pid -> pid != worker).isPresent();
        } catch (SQLException notYet) {
            return false;
        }
    }

    private String moment(long id) throws SQLException {
        return session.text("SELECT not_before FROM net.http_request_queue WHERE id = ?", id);
    }

    private void assertSentAt(long id, String moment) throws SQLException {
        assertThat(session.text(
                        "SELECT concat(created - duration >= m, created - duration <= m + " + PUNCTUAL
                                + ") FROM net.responses, cast(?::text AS timestamptz) m WHERE id = ?",
                        moment,
                        id))
                .isEqualTo("tt");
    }
}
