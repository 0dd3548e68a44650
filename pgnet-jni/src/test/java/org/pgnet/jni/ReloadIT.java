package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Settings that take effect with a reload of the configuration, in a worker that runs on. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class ReloadIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    private long worker;

    @BeforeEach
    void start() throws SQLException {
        worker = cluster.awaitWorker();
    }

    @AfterEach
    void stop() throws SQLException {
        assertThat(cluster.workerPid("postgres")).contains(worker);
    }

    @Test
    void batchSizeOfZeroQueuesAndAHigherOneSends() throws SQLException {
        set("batch_size", "0");
        // The worker reads the setting a moment later: a request that stays is queued only, and so are all after it.
        Eventually.until("a request that is not sent", Duration.ofSeconds(10), () -> staysQueued(server.url("/get")));
        long sent = server.requests();

        session.execute("SELECT net.http_get('" + server.url("/get") + "') FROM generate_series(1, 100)");
        assertThat(staysQueued(server.url("/get"))).isTrue();
        assertThat(server.requests()).isEqualTo(sent);

        set("batch_size", "10");
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(server.requests()).isEqualTo(session.number("SELECT count(*) FROM net._http_response"));
    }

    @Test
    void limitOfOneHostIsObeyed() throws SQLException {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        server.handle("/slow", request -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            Thread.sleep(5);
            now.decrementAndGet();
            return Optional.of(Reply.text(200, ""));
        });
        assertThat(mostOfABurst(most)).isGreaterThan(2).isLessThanOrEqualTo(64);

        set("max_connections_per_host", "2");

        Eventually.until("a burst with two at once", Duration.ofSeconds(20), () -> mostOfABurst(most) == 2);
        assertThat(mostOfABurst(most)).isEqualTo(2);
    }

    @Test
    void largestResponseIsObeyed() throws SQLException {
        server.handle("/large", request -> Optional.of(Reply.text(200, "x".repeat(100_000))));
        assertThat(session.collect(session.get(server.url("/large")))).startsWith("SUCCESS|ok|200");

        set("max_response_size", "'50kB'");

        Eventually.until(
                "a response that is too large",
                Duration.ofSeconds(10),
                () -> session.collect(session.get(server.url("/large"))).startsWith("ERROR"));
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
    }

    @Test
    void responsesOlderThanTheirTimeToLiveAreDeleted() throws SQLException {
        session.collect(session.get(server.url("/get")));

        set("ttl", "'1 second'");

        session.await("SELECT count(*) FROM net._http_response", 0);
    }

    /** In microseconds it is 2^64 and half a second. */
    @Test
    void intervalLongerThanCountsHoldIsForEver() throws SQLException {
        long id = session.get(server.url("/get"));
        session.collect(id);
        session.execute("UPDATE net._http_response SET created = created - interval '5 hours' WHERE id = " + id);

        set("ttl", "'7116799 months 12 days 08:01:50'");
        set("batch_size", "0");
        Eventually.until("both are obeyed", Duration.ofSeconds(10), () -> staysQueued(server.url("/get")));
        set("batch_size", "10");

        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    @Test
    void impossibleValueIsRefused() {
        assertThatThrownBy(() -> set("ttl", "'soon'")).hasMessageContaining("pg_net.ttl");
        assertThatThrownBy(() -> set("batch_size", "-1")).hasMessageContaining("pg_net.batch_size");
        assertThatThrownBy(() -> set("database_name", "'a,a'")).hasMessageContaining("pg_net.database_name");
    }

    private int mostOfABurst(AtomicInteger most) throws SQLException {
        most.set(0);
        session.execute("SELECT net.http_get('" + server.url("/slow") + "') FROM generate_series(1, 100)");
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        return most.get();
    }

    private boolean staysQueued(String url) throws SQLException {
        long id = session.get(url);
        session.execute("SET statement_timeout = '300ms'");
        try {
            session.collect(id);
            return false;
        } catch (SQLException timeout) {
            return true;
        } finally {
            session.execute("SET statement_timeout = '30s'");
        }
    }

    private void set(String name, String value) throws SQLException {
        session.execute("ALTER SYSTEM SET pg_net." + name + " = " + value, "SELECT pg_reload_conf()");
    }
}
