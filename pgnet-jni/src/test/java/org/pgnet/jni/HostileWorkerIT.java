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

/** Mallory neither overwhelms the worker nor gets between it and the requests of alice. */
@PgNetTest(settings = "shared_preload_libraries = 'pg_net,pg_stat_statements'", cluster = Sharing.WITH_NONE)
class HostileWorkerIT {
    @Given
    private HostileCluster roles;

    private long worker;

    @BeforeEach
    void start() throws SQLException {
        worker = roles.cluster.awaitWorker();
    }

    /** 2,000 transactions, each with one request and 50 ids that no row has, while the worker takes none of them. */
    @Test
    void ringThatIsOverrunLosesNothing() throws SQLException {
        roles.cluster.stopAtRest(worker);
        try {
            roles.mallory.execute("DO $$ BEGIN FOR i IN 1 .. 2000 LOOP"
                    + " BEGIN PERFORM net.http_get('http://127.0.0.1:1/') FROM generate_series(1, 50);"
                    + " RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;"
                    + " PERFORM net.http_get('" + roles.server.url("/get") + "'); COMMIT; END LOOP; END $$");
        } finally {
            roles.cluster.signal(worker, "CONT");
        }
        long after = roles.alice.get(roles.server.url("/get"));

        assertThat(after).isGreaterThan(100_000);
        assertThat(roles.alice.collect(after)).startsWith("SUCCESS|ok|200");
        roles.mallory.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 2000);
        assertThat(roles.mallory.number("SELECT count(*) FROM net._http_response"))
                .isEqualTo(2000);
        assertThat(roles.cluster.awaitWorker()).isEqualTo(worker);
    }

    @Test
    void floodOfWakeUpsHoldsNobodyUp() throws SQLException {
        roles.superuser.execute("CREATE EXTENSION pg_stat_statements");
        String flood = "DO $$ BEGIN FOR i IN 1 .. 100000 LOOP PERFORM net.wake(); COMMIT; END LOOP; END $$";
        CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
            try {
                roles.mallory.execute(flood);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        roles.superuser.await("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%' AND state = 'active'", 1);

        long sent = System.nanoTime();
        assertThat(roles.alice.collect(roles.alice.get(roles.server.url("/get"))))
                .startsWith("SUCCESS");

        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(Duration.ofSeconds(5));
        end.orTimeout(90, TimeUnit.SECONDS).join();
        assertThat(roles.superuser.number("SELECT sum(calls) FROM pg_stat_statements"
                        + " WHERE query LIKE 'SELECT id, xmin, owner, method%'"))
                .as("reads of the queue")
                .isBetween(1L, 100_000L);
        assertThat(roles.cluster.awaitWorker()).isEqualTo(worker);
    }

    /**
     * Mallory says that her request has no body and sends one, the head of another request that would take what comes
     * next on the connection for its body: alice's request, if it came on this connection.
     */
    @Test
    void requestOfAnotherIsNotSwallowedOnASharedConnection() throws SQLException {
        for (String header : new String[] {"Content-Length", "content-length"}) {
            String id = "victim-" + header;
            long hers = roles.mallory.number("SELECT net.request('"
                    + roles.server.url("/get?id=hers-" + id) + "', body_text := E'POST /get?id=stolen HTTP/1.1\\r\\n"
                    + "Content-Length: 100\\r\\n\\r\\n', headers := '{\"" + header + "\": \"0\"}')");
            assertThat(roles.mallory.collect(hers)).startsWith("SUCCESS|ok|200");
            assertThat(roles.server.received("hers-" + id)).hasSize(1);

            long victim = roles.alice.number("SELECT net.http_get('" + roles.server.url("/get?id=" + id)
                    + "', headers := '{\"Authorization\": \"Bearer of alice\"}')");
            assertThat(roles.alice.collect(victim)).contains("/get?id=" + id);
            assertThat(roles.server.received(id)).hasSize(1);
        }
        assertThat(roles.server.received("hers-victim-Content-Length").get(0).text())
                .as("the server was misled")
                .isEmpty();
        assertThat(roles.server.received("stolen"))
                .noneSatisfy(stolen -> assertThat(stolen.text()).contains("alice"));
    }
}
