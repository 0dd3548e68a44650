package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** A host with a breaker is left alone by a role for whose requests it fails, until it works again. */
@PgNetTest(sql = {"CREATE ROLE alice LOGIN", "CREATE ROLE bob LOGIN"})
class BreakerIT {
    /** Its second attempts are due long after the tests. */
    private static final String PATIENT =
            "INSERT INTO net.policies (name, delays, jitter) VALUES ('patient', '{1 h}', 0)"
                    + " ON CONFLICT DO NOTHING";

    private static final String PROBE = "SELECT net.probe('127.0.0.1')";

    private static final int HELD = 200;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "bob")
    private static Session bob;

    /** When requests came, in nanoseconds. */
    private final List<Long> arrivals = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws SQLException {
        session.execute("TRUNCATE net.hosts, net.http_request_queue, net._http_response", PATIENT);
        session.execute("INSERT INTO net.hosts (pattern, breaker) VALUES ('127.0.0.1', true)");
    }

    @Test
    void opensProbesAndClosesForEachRoleAlone() throws SQLException {
        int port = closedPort();
        String url = "http://127.0.0.1:" + port + "/probed";
        long opened = System.nanoTime();
        requests(alice, 5, url, "patient");
        awaitBreaker(port, "alice", "open");
        alice.execute("SELECT net.http_get('" + url + "') FROM generate_series(1, " + HELD + ")");
        session.await(host("waiting", port, "alice"), HELD);

        assertThat(session.text(host("reason", port, "alice"))).isEqualTo("breaker");
        assertThat(session.number(host("in_flight", port, "alice"))).isZero();
        assertThat(alice.text("SELECT value FROM net.explain('" + url + "') WHERE what = 'breaker state'"))
                .isEqualTo("open");
        assertThat(bob.fetch(url).error().orElseThrow())
                .as("of another role: it is sent")
                .contains("connect");
        assertThat(session.text(host("breaker", port, "bob"))).isEqualTo("closed");

        try (HttpServerFixture back = HttpServerFixture.startOn(port)) {
            back.handle("/probed", this::note);
            session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", HELD + 5);
        }
        assertThat(secondsBetween(opened, arrivals.get(0)))
                .as("the first probe")
                .isBetween(9.9, 25.0);
        assertThat(secondsBetween(arrivals.get(1), arrivals.get(arrivals.size() - 1)))
                .as("after the second, at once")
                .isLessThan(3);
        assertThat(arrivals).hasSize(HELD + 5);
        assertThat(session.text(host("breaker", port, "alice"))).isEqualTo("closed");
    }

    @Test
    void opensWhenHalfOfTwentyFailedAndNotForOtherStatuses() throws SQLException {
        requests(bob, 40, server.url("/status/404"), "patient");
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 404", 40);
        assertThat(session.text(host("breaker", server.port(), "bob"))).isEqualTo("closed");

        for (int i = 0; i < 10; i++) {
            assertThat(alice.fetch(server.url("/get")).status()).isEqualTo(200);
        }
        requests(alice, 10, server.url("/status/500"), "patient");
        awaitBreaker(server.port(), "alice", "open");

        long held = alice.get(server.url("/get?id=held"));
        assertThat(bob.fetch(server.url("/get")).status()).isEqualTo(200);
        assertThat(server.received("held")).isEmpty();
        session.execute("UPDATE net.hosts SET breaker = false");
        assertThat(alice.collect(held)).startsWith("SUCCESS");
    }

    /** What waits for its second attempt, an hour away, is probed with: nothing else is there. */
    @Test
    void hostThatWasMendedIsProbedAtOnce() throws SQLException {
        int port = closedPort();
        String url = "http://127.0.0.1:" + port + "/probed";
        requests(alice, 5, url, "patient");
        awaitBreaker(port, "alice", "open");
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 5);
        assertThat(session.number("SELECT net.probe('127.0.0.1:" + port + "')"))
                .as("and fails")
                .isEqualTo(1);
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 2", 1);
        long failed = System.nanoTime();

        try (HttpServerFixture back = HttpServerFixture.startOn(port)) {
            back.handle("/probed", this::note);
            session.execute("BEGIN", "SELECT net.probe('" + url + "')");
            session.execute("ROLLBACK");
            session.execute("INSERT INTO net.hosts (pattern) VALUES ('elsewhere.example')");
            bob.fetch(server.url("/get"));
            assertThat(arrivals).as("nothing was committed").isEmpty();

            long before = System.nanoTime();
            session.execute("SELECT net.probe('" + url + "')");
            session.await("SELECT count(*) FROM net.responses WHERE status_code = 200 AND url = '" + url + "'", 5);
            assertThat(secondsBetween(before, arrivals.get(0))).as("the probe").isLessThan(2);
            assertThat(secondsBetween(before, arrivals.get(4))).as("all").isLessThan(4);
            assertThat(secondsBetween(failed, arrivals.get(0)))
                    .as("the next probe would have been 20 s after the failure")
                    .isLessThan(19);
        }
        assertThat(session.number("SELECT net.probe('" + url + "')"))
                .as("it is not open")
                .isZero();
    }

    @Test
    void whoMayChangeRulesMayHaveHostsProbed() throws SQLException {
        assertThatThrownBy(() -> alice.execute(PROBE)).extracting("SQLState").isEqualTo("42501");
        session.execute("GRANT UPDATE ON net.hosts TO alice");
        assertThat(alice.number(PROBE)).isZero();
        session.execute("REVOKE UPDATE ON net.hosts FROM alice");
        assertThatThrownBy(() -> alice.execute(PROBE)).extracting("SQLState").isEqualTo("42501");
    }

    @Test
    void roleIsToldOfTheBreakersThatItSeesAlone() throws SQLException {
        int port = closedPort();
        String probe = "SELECT net.probe('127.0.0.1:" + port + "')";
        requests(alice, 5, "http://127.0.0.1:" + port + "/probed", "patient");
        awaitBreaker(port, "alice", "open");
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 5);
        session.execute("GRANT UPDATE ON net.hosts TO bob");
        try {
            assertThat(bob.number(probe)).as("of others").isZero();
            session.await("SELECT count(*) FROM net._delivery WHERE attempts = 2", 1);
            session.execute("GRANT pg_monitor TO bob");
            assertThat(bob.number(probe))
                    .as("of those that net.stat_host shows")
                    .isEqualTo(1);
        } finally {
            session.execute("REVOKE UPDATE ON net.hosts FROM bob", "REVOKE pg_monitor FROM bob");
        }
    }

    /** And what was told to wait waits for as long, though the breaker closes. */
    @Test
    void hostThatAskedToBeLeftAloneIsNotProbedMeanwhile() throws SQLException {
        HttpServerFixture asking = HttpServerFixture.start();
        int port = asking.port();
        String url = "http://127.0.0.1:" + port + "/probed";
        asking.handle("/probed", request -> Optional.of(new Reply(503, List.of("Retry-After: 13"), new byte[0])));
        requests(alice, 1, url, "patient");
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 1);
        long told = System.nanoTime();
        asking.close();
        // The kept connection may end amid this one, which then counts as no attempt to connect.
        alice.collect(alice.get(url));
        alice.execute("SELECT net.http_get('" + url + "') FROM generate_series(1, 5)");
        awaitBreaker(port, "alice", "open");
        alice.execute("SELECT net.http_get('" + url + "') FROM generate_series(1, 3)");

        try (HttpServerFixture back = HttpServerFixture.startOn(port)) {
            back.handle("/probed", this::note);
            session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 4);
        }

        assertThat(secondsBetween(told, arrivals.get(0))).as("the first probe").isGreaterThan(12.5);
        assertThat(arrivals).hasSize(4);
        assertThat(session.text("SELECT min(a.started + a.duration) + interval '13 s' <= max(r.created - r.duration)"
                        + " FROM net.attempts a JOIN net.responses r ON r.id = a.request_id"))
                .isEqualTo("t");
    }

    private Optional<Reply> note(ReceivedRequest request) {
        arrivals.add(System.nanoTime());
        return Optional.of(Reply.text(200, ""));
    }

    private static void requests(Session who, int count, String url, String policy) throws SQLException {
        who.execute(
                "SELECT net.request('" + url + "', policy => '" + policy + "') FROM generate_series(1, " + count + ")");
    }

    private static String host(String column, int port, String role) {
        return "SELECT " + column + " FROM net.stat_host WHERE origin = 'http://127.0.0.1:" + port + "' AND owner = '"
                + role + "'::regrole";
    }

    private static void awaitBreaker(int port, String role, String state) {
        Eventually.until(
                "a breaker that is " + state,
                Duration.ofSeconds(20),
                () -> session.query(host("breaker", port, role)).equals(Optional.of(state)));
    }

    private static double secondsBetween(long one, long other) {
        return (other - one) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private static int closedPort() {
        try (HttpServerFixture gone = HttpServerFixture.start()) {
            return gone.port();
        }
    }
}
