package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.Session;

/** No more requests arrive than the limits of net.hosts allow, nor does any wait longer than they say. */
@Tag("alone")
@PgNetTest(
        resolver = true,
        settings = "pg_net.batch_size = 400",
        sql = {"CREATE ROLE alice LOGIN", "CREATE ROLE bob LOGIN"})
class HostLimitsIT {
    private static final Duration LATE = Duration.ofSeconds(10);
    private static final int NANOS_PER_MILLI = 1_000_000;

    @Given
    private static Resolver resolver;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "bob")
    private static Session bob;

    /** When requests came, in nanoseconds, by what their parameter {@code of} says. */
    private final Map<String, List<Long>> arrivals = new ConcurrentHashMap<>();

    private final Map<String, Integer> atOnce = new ConcurrentHashMap<>();
    private final Map<String, Integer> mostAtOnce = new ConcurrentHashMap<>();

    @BeforeEach
    void start() throws SQLException {
        session.execute("TRUNCATE net.hosts, net.http_request_queue, net._http_response");
        server.handle("/noted", this::note);
        server.handle(
                "/moved", request -> Optional.of(new Reply(302, List.of("Location: /noted?of=hop"), new byte[0])));
    }

    @Test
    void requestsStartAtTheRateOfTheirHost() throws SQLException {
        rule("one.test", "rate = 50, burst = 10");
        alice.execute("SELECT net.http_get('http://one.test:" + server.port()
                + "/noted?of=all', timeout_milliseconds := 500) FROM generate_series(1, 110)");

        awaitArrivals("all", 110, Duration.ofSeconds(2));
        assertPaced("all", 50, 10);
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 110);
    }

    /** And their timeouts have not begun while they wait. */
    @Test
    void noMoreAtOnceThanTheRowAllowsForEachHost() throws SQLException {
        rule("*.test", "max_in_flight = 3");
        server.handle("/slow", this::count);
        for (String host : List.of("a.test", "b.test")) {
            alice.execute("SELECT net.http_get('http://" + host + ":" + server.port() + "/slow?of=" + host
                    + "', timeout_milliseconds := 800) FROM generate_series(1, 20)");
            bob.execute("SELECT net.http_get('http://" + host + ":" + server.port() + "/slow?of=" + host
                    + "', timeout_milliseconds := 800) FROM generate_series(1, 10)");
        }

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 60);
        assertThat(mostAtOnce).containsOnly(Map.entry("a.test", 3), Map.entry("b.test", 3));
    }

    private Optional<Reply> count(ReceivedRequest request) throws InterruptedException {
        String host = request.parameter("of").orElseThrow();
        int now = atOnce.merge(host, 1, Integer::sum);
        mostAtOnce.merge(host, now, Math::max);
        Thread.sleep(100);
        atOnce.merge(host, -1, Integer::sum);
        return Optional.of(Reply.text(200, ""));
    }

    @Test
    void burstIsWhatTheRateAllowsInASecond() throws SQLException {
        rule("one.test", "rate = 600, per = '1 min'");
        requests(alice, 30, "one.test", "all");

        awaitArrivals("all", 30, Duration.ofSeconds(2));
        assertPaced("all", 10, 10);
    }

    @Test
    void oneRowCountsOverItsHostsAndOverRoles() throws SQLException {
        rule("*.test", "rate = 20, burst = 5");
        requests(alice, 15, "a.test", "all");
        requests(alice, 15, "b.test", "all");
        requests(bob, 15, "c.test", "all");

        awaitArrivals("all", 45, Duration.ofSeconds(2));
        assertPaced("all", 20, 5);
    }

    @Test
    void redirectCountsAsOneMore() throws SQLException {
        rule("one.test", "rate = 10, burst = 1");
        long begun = System.nanoTime();
        alice.execute("SELECT net.http_get('http://one.test:" + server.port() + "/moved') FROM generate_series(1, 10)");

        awaitArrivals("hop", 10, Duration.ofSeconds(2));
        assertThat(millisFrom(begun, arrivals.get("hop").get(9)))
                .as("twenty hops")
                .isGreaterThan(1_850);
    }

    @Test
    void changedRateHoldsForWhatWaits() throws SQLException {
        rule("changed.test", "rate = 1, per = '1 hour'");
        requests(alice, 100, "changed.test", "all");
        awaitArrivals("all", 1, Duration.ZERO);
        session.await("SELECT coalesce(max(waiting), 0) FROM net.stat_host WHERE reason = 'rate of changed.test'", 99);
        assertThat(session.text("SELECT tokens < 0.01 FROM net.stat_host WHERE origin LIKE '%changed.test%'"))
                .isEqualTo("t");

        session.execute("UPDATE net.hosts SET rate = 1000, per = NULL");

        awaitArrivals("all", 100, Duration.ofSeconds(1));
    }

    /** Each at its own pace, with many more that wait than may be in flight; and those without a rate at once. */
    @Test
    void hundredsOfHostsEachHaveTheirRate() throws SQLException {
        int hosts = 300;
        session.execute("INSERT INTO net.hosts (pattern, rate, burst) SELECT 'h' || n || '.test', 2, 2"
                + " FROM generate_series(1, " + hosts + ") n");
        alice.execute("SELECT net.http_get(format('http://h%s.test:" + server.port() + "/noted?of=h%s', n, n))"
                + " FROM generate_series(1, 8) i, generate_series(1, " + hosts + ") n");
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            long begun = System.nanoTime();
            assertThat(bob.fetch("http://127.0.0.1:" + server.port() + "/get").status())
                    .isEqualTo(200);
            millis.add(millisFrom(begun, System.nanoTime()));
        }
        millis.sort(null);
        assertThat(millis.get(12))
                .as("beside those that wait, half of " + millis)
                .isLessThan(100);

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 8 * hosts + 25);

        for (int n = 1; n <= hosts; n++) {
            List<Long> of = arrivals.get("h" + n);
            assertThat(of).hasSize(8);
            assertPaced("h" + n, 2, 2);
            assertThat(millisFrom(of.get(0), of.get(7)))
                    .as("the eight of a host take three seconds")
                    .isLessThan(3_000 + LATE.toMillis());
        }
    }

    private Optional<Reply> note(ReceivedRequest request) {
        long now = System.nanoTime();
        arrivals.computeIfAbsent(request.parameter("of").orElseThrow(), of -> new CopyOnWriteArrayList<>())
                .add(now);
        return Optional.of(Reply.text(200, ""));
    }

    private static void rule(String pattern, String columns) throws SQLException {
        session.execute(
                "INSERT INTO net.hosts (pattern) VALUES ('" + pattern + "')", "UPDATE net.hosts SET " + columns);
    }

    private static void requests(Session who, int count, String host, String of) throws SQLException {
        who.execute("SELECT net.http_get('http://" + host + ":" + server.port() + "/noted?of=" + of
                + "') FROM generate_series(1, " + count + ")");
    }

    /** Waits until so many have come, which is to take this long. */
    private void awaitArrivals(String of, int count, Duration expected) {
        Eventually.until(
                count + " requests",
                expected.plus(LATE),
                () -> arrivals.getOrDefault(of, List.of()).size() == count);
    }

    /** In no span of time there are more than the burst, what the rate allows in it, and one that was under way. */
    private void assertPaced(String of, double perSecond, int burst) {
        List<Long> sorted = new ArrayList<>(arrivals.get(of));
        sorted.sort(null);
        for (int first = 0; first < sorted.size(); first++) {
            for (int last = first; last < sorted.size(); last++) {
                double seconds = (sorted.get(last) - sorted.get(first)) / 1e9;
                // What left in time may arrive up to 50 ms late, and so closer to the next one.
                assertThat(last - first + 1).as("%s: in %.3f s", of, seconds).isLessThanOrEqualTo((int)
                        Math.ceil(burst + (seconds + 0.05) * perSecond));
            }
        }
    }

    private static long millisFrom(long begun, long ended) {
        return (ended - begun) / NANOS_PER_MILLI;
    }
}
