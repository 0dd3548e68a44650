package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Whoever removes a request while its host holds it back, has it not sent, though the worker has read it long ago. */
@PgNetTest
class RemovedWhileHeldIT {
    private static final String QUEUE = "net.http_request_queue";
    private static final String HELD = "SELECT coalesce(sum(waiting), 0) FROM net.stat_host";

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @BeforeEach
    void nothingWaits() throws SQLException {
        session.execute("TRUNCATE net.hosts, " + QUEUE + ", net._http_response");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT net.cancel(id) FROM " + QUEUE,
                "DELETE FROM " + QUEUE,
                "TRUNCATE " + QUEUE,
                "TRUNCATE " + QUEUE + " RESTART IDENTITY"
            })
    void requestOfAPausedHostIsNotSent(String removal) throws SQLException {
        String paused = "paused-" + removal.length();
        String later = "later-" + removal.length();
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        queue(paused, 3);

        session.execute(removal, "SELECT net.http_get('" + server.url("/get?id=" + later) + "')");
        session.execute("DELETE FROM net.hosts");

        awaitReceived(later);
        assertThat(server.received(paused)).isEmpty();
    }

    @Test
    void changedRequestIsSentAsItIsNow() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        queue("before", 1);

        session.execute("UPDATE " + QUEUE + " SET url = replace(url, 'before', 'after')");
        session.execute("DELETE FROM net.hosts");

        awaitReceived("after");
        session.await("SELECT count(*) FROM " + QUEUE, 0);
        assertThat(server.received("before")).isEmpty();
        assertThat(server.received("after")).hasSize(1);
    }

    @Test
    void thoseThatWaitForARateTakeNoTokens() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, rate, per, burst) VALUES ('127.0.0.1', 1, '3 s', 1)");
        queue("rated", 8);
        awaitReceived("rated");

        session.execute("DELETE FROM " + QUEUE, "SELECT net.http_get('" + server.url("/get?id=next") + "')");

        awaitReceived("next");
        assertThat(server.received("rated"))
                .as("one was sent at once, and one may have been since")
                .hasSizeLessThan(3);
    }

    @Test
    void thoseThatABreakerHoldsBackAreNoProbes() throws SQLException {
        session.execute(
                "INSERT INTO net.hosts (pattern, breaker) VALUES ('127.0.0.1', true)",
                "INSERT INTO net.policies (name, delays, jitter) VALUES ('removed', '{1 h}', 0)");
        HttpServerFixture gone = HttpServerFixture.start();
        String url = gone.url("/get?id=");
        gone.close();
        session.execute("SELECT net.request('" + url + "opens', policy => 'removed') FROM generate_series(1, 5)");
        session.await("SELECT count(*) FROM net.stat_host WHERE breaker = 'open'", 1);
        session.execute("SELECT net.http_get('" + url + "held') FROM generate_series(1, 5)");
        session.await(HELD, 5);

        session.execute("DELETE FROM " + QUEUE + " WHERE url LIKE '%held'", "SELECT net.http_get('" + url + "alive')");
        try (HttpServerFixture back = HttpServerFixture.startOn(gone.port())) {
            session.execute("SELECT net.probe('127.0.0.1')");
            Eventually.until(
                    "the probe",
                    Duration.ofSeconds(20),
                    () -> !back.received("alive").isEmpty());
            assertThat(back.received("held")).isEmpty();
        }
    }

    /** Requests that the worker has read, and that their host holds back but for what it lets through at once. */
    private void queue(String name, int count) throws SQLException {
        session.execute(
                "SELECT net.http_get('" + server.url("/get?id=" + name) + "') FROM generate_series(1, " + count + ")");
        Eventually.until("held requests", Duration.ofSeconds(20), () -> session.number(HELD) >= Math.max(1, count - 2));
    }

    private static void awaitReceived(String name) {
        Eventually.until(
                "request " + name,
                Duration.ofSeconds(20),
                () -> !List.copyOf(server.received(name)).isEmpty());
    }
}
