package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Requests of one owner with the same order key are sent one after the other, whatever happens to the one before. */
@PgNetTest(settings = "max_prepared_transactions = 5", cluster = Sharing.WITH_NONE, sql = "CREATE ROLE alice LOGIN")
class OrderKeyIT {
    private static final String KEYED = "SELECT net.request(?, order_key => ?)";
    private static final String KEPT = "SELECT count(*) FROM net._delivery";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private Session session;

    /** The numbers of the requests to /order by n, in the order in which they came; and how many were there at once. */
    private final List<Integer> arrived = new CopyOnWriteArrayList<>();

    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final Map<Integer, AtomicInteger> failures = new ConcurrentHashMap<>();

    @BeforeEach
    void empty() throws SQLException {
        session.execute(
                "TRUNCATE net.http_request_queue, net._http_response",
                "DELETE FROM net.policies WHERE name = 'soon'",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('soon', '{400 ms}', 3, 0)");
        server.handle("/order", this::note);
    }

    private Optional<Reply> note(ReceivedRequest request) throws InterruptedException {
        int number = Integer.parseInt(request.parameter("n").orElseThrow());
        mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        arrived.add(number);
        Thread.sleep(2);
        atOnce.decrementAndGet();
        boolean fails = failures.getOrDefault(number, new AtomicInteger()).getAndDecrement() > 0;
        return Optional.of(Reply.text(fails ? 503 : 200, ""));
    }

    @Test
    void requestsOfAKeyAreSentOneAfterTheOtherInTheOrderOfTheirIds() throws SQLException {
        session.execute("SELECT net.request('" + server.url("/order?n=") + "' || i, order_key => 'cust-7')"
                + " FROM generate_series(1, 100) i");

        session.await("SELECT count(*) FROM net._http_response", 100);

        assertThat(arrived).containsExactlyElementsOf(numbers(1, 100));
        assertThat(mostAtOnce).hasValue(1);
        assertThat(session.number(KEPT)).isZero();
    }

    @Test
    void otherKeysAndOwnersDoNotWait() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        long first = session.send(KEYED, server.url("/gate"), "a");
        gate.awaitRequests(1);
        long second = session.send(KEYED, server.url("/order?n=2"), "a");

        assertThat(session.collect(session.send(KEYED, server.url("/get"), "b")))
                .startsWith("SUCCESS");
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS");
        try (Session alice = cluster.session("postgres", "alice")) {
            assertThat(alice.collect(alice.send(KEYED, server.url("/get"), "a")))
                    .startsWith("SUCCESS");
        }
        assertThat(session.collect(second, true))
                .isEqualTo("PENDING|request waits for request " + first + " of order key a");
        assertThat(arrived).isEmpty();
        gate.open();
        assertThat(session.collect(second)).startsWith("SUCCESS");
    }

    @Test
    void nextIsSentWhenTheOneBeforeHasItsFinalOutcome() throws SQLException {
        failures.put(1, new AtomicInteger(1));
        long first = session.number(
                "SELECT net.request('" + server.url("/order?n=1") + "', order_key => 'cust-7', policy => 'soon')");
        long second = session.send(KEYED, server.url("/order?n=2"), "cust-7");
        Eventually.until(
                "the first has failed",
                Duration.ofSeconds(10),
                () -> session.collect(first, true).startsWith("PENDING|attempt 1 of 3 failed"));

        assertThat(session.collect(second, true))
                .startsWith("PENDING|request waits for request " + first + " of order key cust-7, next attempt at 20");
        assertThat(session.number("SELECT net._blocked_by(" + second + ")")).isEqualTo(first);

        assertThat(session.collect(second)).startsWith("SUCCESS");
        assertThat(arrived).containsExactly(1, 1, 2);
    }

    @Test
    void nextIsSentWhenTheOneBeforeHasFailed() throws SQLException {
        session.number("SELECT net.request('http://127.0.0.1:1/', order_key => 'a')");
        failures.put(2, new AtomicInteger(5));
        session.number("SELECT net.request('" + server.url("/order?n=2") + "', order_key => 'a', policy => 'soon')");
        long last = session.send(KEYED, server.url("/order?n=3"), "a");

        assertThat(session.collect(last)).startsWith("SUCCESS");

        assertThat(arrived).containsExactly(2, 2, 2, 3);
    }

    @Test
    void scheduledOneHoldsThoseBehindIt() throws SQLException {
        session.number(
                "SELECT net.request('" + server.url("/order?n=1") + "', order_key => 'a', delay => interval '500 ms')");
        long second = session.send(KEYED, server.url("/order?n=2"), "a");

        assertThat(session.collect(second)).startsWith("SUCCESS");

        assertThat(arrived).containsExactly(1, 2);
    }

    @Test
    void expiredOneHoldsNobody() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        session.send(KEYED, server.url("/gate"), "a");
        gate.awaitRequests(1);
        long expired = session.number("SELECT net.request('" + server.url("/order?n=2")
                + "', order_key => 'a', expires_after => interval '100 ms')");
        long last = session.send(KEYED, server.url("/order?n=3"), "a");
        session.await("SELECT (now() > expires)::int FROM net.http_request_queue WHERE id = " + expired, 1);
        gate.open();

        assertThat(session.collect(last)).startsWith("SUCCESS");
        assertThat(session.collect(expired)).startsWith("ERROR|expired");
        assertThat(arrived).containsExactly(3);
    }

    @Test
    void cancelledOneHoldsNobody() throws SQLException {
        long scheduled = session.number(
                "SELECT net.request('" + server.url("/order?n=1") + "', order_key => 'a', delay => interval '1 hour')");
        long second = session.send(KEYED, server.url("/order?n=2"), "a");
        long third = session.send(KEYED, server.url("/order?n=3"), "a");
        session.execute("BEGIN", "SELECT net.cancel(" + second + ")", "SELECT net.cancel(" + scheduled + ")", "COMMIT");

        assertThat(session.collect(third)).startsWith("SUCCESS");
        assertThat(arrived).containsExactly(3);
        assertThat(session.number(KEPT)).isZero();
    }

    @Test
    void oneThatIsCancelledInFlightHoldsNobodyOnceItHasEnded() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        long first = session.send(KEYED, server.url("/gate"), "a");
        gate.awaitRequests(1);
        long second = session.send(KEYED, server.url("/order?n=2"), "a");
        session.execute("SELECT net.cancel(" + first + ")");
        gate.open();

        assertThat(session.collect(second)).startsWith("SUCCESS");
    }

    @Test
    void deletedOneHoldsNobody() throws SQLException {
        long scheduled = session.number(
                "SELECT net.request('" + server.url("/order?n=1") + "', order_key => 'a', delay => interval '1 hour')");
        long second = session.send(KEYED, server.url("/order?n=2"), "a");
        session.execute("DELETE FROM net.http_request_queue WHERE id = " + scheduled);

        assertThat(session.collect(second)).startsWith("SUCCESS");
        session.await(KEPT, 0);
    }

    @Test
    void rowsOfDeletedRequestsGo() throws SQLException {
        session.execute(
                "SELECT net.request('" + server.url("/order?n=1") + "', order_key => i::text,"
                        + " delay => interval '1 hour') FROM generate_series(1, 100) i",
                "DELETE FROM net.http_request_queue");

        session.await(KEPT, 0);
    }

    @Test
    void requestWithAnotherKeyByAnUpdateHoldsNobody() throws SQLException {
        long scheduled = session.number(
                "SELECT net.request('" + server.url("/order?n=1") + "', order_key => 'a', delay => interval '1 hour')");
        long second = session.send(KEYED, server.url("/order?n=2"), "a");
        session.execute("UPDATE net.http_request_queue SET order_key = 'b' WHERE id = " + scheduled);

        assertThat(session.collect(second)).startsWith("SUCCESS");

        long third = session.send(KEYED, server.url("/order?n=3"), "b");
        assertThat(session.collect(third, true)).startsWith("PENDING|request waits for request " + scheduled);
        session.execute(
                "UPDATE net.http_request_queue SET not_before = NULL, order_key = NULL WHERE id = " + scheduled);
        assertThat(session.collect(third)).startsWith("SUCCESS");
        assertThat(session.collect(scheduled)).startsWith("SUCCESS");
    }

    @Test
    void lowerIdThatIsCommittedLaterIsNext() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        try (Session other = cluster.session()) {
            other.execute("BEGIN");
            long lowest = other.send(KEYED, server.url("/order?n=1"), "a");
            session.send(KEYED, server.url("/gate"), "a");
            gate.awaitRequests(1);
            long last = session.send(KEYED, server.url("/order?n=3"), "a");
            other.execute("COMMIT");
            assertThat(other.collect(lowest, true)).startsWith("PENDING");
            gate.open();

            assertThat(session.collect(last)).startsWith("SUCCESS");
        }
        assertThat(arrived).containsExactly(1, 3);
        assertThat(mostAtOnce).hasValue(1);
    }

    @Test
    void lowerIdThatIsCommittedLaterWaitsForOneThatIsSentAgain() throws SQLException {
        failures.put(2, new AtomicInteger(1));
        try (Session other = cluster.session()) {
            other.execute("BEGIN");
            long lowest = other.send(KEYED, server.url("/order?n=1"), "a");
            long begun = session.number(
                    "SELECT net.request('" + server.url("/order?n=2") + "', order_key => 'a', policy => 'soon')");
            Eventually.until(
                    "it has failed",
                    Duration.ofSeconds(10),
                    () -> session.collect(begun, true).startsWith("PENDING|attempt 1 of 3 failed"));
            other.execute("COMMIT");

            assertThat(other.collect(lowest)).startsWith("SUCCESS");
        }
        assertThat(arrived).containsExactly(2, 2, 1);
    }

    @Test
    void rolledBackAndPreparedOnesAreNoDifferent() throws SQLException {
        session.execute("BEGIN");
        session.send(KEYED, server.url("/order?n=1"), "a");
        session.execute("SAVEPOINT s");
        session.send(KEYED, server.url("/order?n=2"), "a");
        session.execute("ROLLBACK TO s");
        session.send(KEYED, server.url("/order?n=3"), "a");
        session.execute("PREPARE TRANSACTION 'keyed'");
        long later = session.send(KEYED, server.url("/order?n=4"), "a");
        assertThat(session.collect(later)).startsWith("SUCCESS");
        session.execute("COMMIT PREPARED 'keyed'");

        session.await("SELECT count(*) FROM net._http_response", 3);
        assertThat(arrived).containsExactly(4, 1, 3);
    }

    @Test
    void idsThatComeAgainAreOtherRequests() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        session.send(KEYED, server.url("/gate"), "a");
        gate.awaitRequests(1);
        session.execute("TRUNCATE net.http_request_queue RESTART IDENTITY");
        session.send(KEYED, server.url("/order?n=1"), "a");
        long last = session.send(KEYED, server.url("/order?n=2"), "a");
        gate.open();

        assertThat(session.collect(last)).startsWith("SUCCESS");
        assertThat(arrived).containsExactly(1, 2);
    }

    @Test
    void rewrittenTableKeepsTheOrder() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        session.send(KEYED, server.url("/gate"), "a");
        gate.awaitRequests(1);
        session.execute("SELECT net.request('" + server.url("/order?n=") + "' || i, order_key => 'a')"
                + " FROM generate_series(1, 20) i");
        session.execute(
                "ALTER TABLE net.http_request_queue ADD rewritten float DEFAULT random()",
                "ALTER TABLE net.http_request_queue DROP rewritten",
                "SELECT net.wake()");
        gate.open();

        session.await("SELECT count(*) FROM net._http_response", 21);
        assertThat(arrived).containsExactlyElementsOf(numbers(1, 20));
        assertThat(mostAtOnce).hasValue(1);
        session.await(KEPT, 0);
    }

    @Test
    void killedWorkerGoesOnInOrder() throws SQLException {
        session.execute("SELECT net.request('" + server.url("/order?n=") + "' || i, order_key => 'a')"
                + " FROM generate_series(1, 300) i");
        Eventually.until("some have come", Duration.ofSeconds(20), () -> arrived.size() > 20);
        long worker = cluster.awaitWorker();
        cluster.signal(worker, "TERM");

        session.await("SELECT count(*) FROM net._http_response", "300", Duration.ofSeconds(30));

        // One in flight may be sent again.
        assertThat(arrived).isSorted();
        assertThat(arrived.stream().distinct()).hasSize(300);
        assertThat(arrived).hasSizeLessThan(310);
    }

    @Test
    void prioritiesDoNotChangeTheOrderOfAKey() throws SQLException {
        session.execute("BEGIN");
        for (String priority : List.of("bulk", "normal", "urgent", "bulk", "urgent")) {
            session.execute("SELECT net.request('" + server.url("/order?n=") + "' || count(*) + 1, order_key => 'a',"
                    + " priority => '" + priority + "') FROM net.http_request_queue");
        }
        session.execute("COMMIT");

        session.await("SELECT count(*) FROM net._http_response", 5);
        assertThat(arrived).containsExactlyElementsOf(numbers(1, 5));
        assertThat(mostAtOnce).hasValue(1);
    }

    @Test
    void keyHoldsAcrossHosts() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        session.send(KEYED, server.url("/gate"), "a");
        gate.awaitRequests(1);
        long second = session.send(KEYED, server.url("/order?n=2").replace("127.0.0.1", "localhost"), "a");

        assertThat(session.collect(second, true)).startsWith("PENDING|request waits for request");
        assertThat(arrived).isEmpty();
        gate.open();
        assertThat(session.collect(second)).startsWith("SUCCESS");
    }

    @Test
    void keyIsOfAnyLettersAndComparedByteForByte() throws SQLException {
        Gate gate = Gate.forTheFirst();
        server.handle("/gate", gate);
        String key = "Müller & \"Søn\" '; %s \\ 顧客";
        session.send(KEYED, server.url("/gate"), key);
        gate.awaitRequests(1);
        long second = session.send(KEYED, server.url("/order?n=2"), key);

        assertThat(session.collect(session.send(KEYED, server.url("/get"), key.toUpperCase(Locale.ROOT))))
                .startsWith("SUCCESS");
        assertThat(session.collect(session.send(KEYED, server.url("/get"), key + " ")))
                .startsWith("SUCCESS");
        assertThat(session.collect(second, true)).endsWith(" of order key " + key);
        gate.open();
        assertThat(session.collect(second)).startsWith("SUCCESS");
    }

    @Test
    void keyIsShortAndNotEmpty() throws SQLException {
        String refused = "SELECT net.request('" + server.url("/get") + "', order_key => %s)";
        assertThatThrownBy(() -> session.number(String.format(refused, "''")))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("order_key must not be empty")
                .extracting(refusal -> ((SQLException) refusal).getSQLState())
                .isEqualTo("22023");
        assertThatThrownBy(() -> session.number(String.format(refused, "repeat('x', 256)")))
                .hasMessageContaining("the order key is longer than 255 bytes")
                .extracting(refusal -> ((SQLException) refusal).getSQLState())
                .isEqualTo("22023");
        assertThat(session.collect(session.number(String.format(refused, "repeat('x', 255)"))))
                .startsWith("SUCCESS");
    }

    private static List<Integer> numbers(int first, int last) {
        return LongStream.rangeClosed(first, last).mapToObj(each -> (int) each).toList();
    }
}
