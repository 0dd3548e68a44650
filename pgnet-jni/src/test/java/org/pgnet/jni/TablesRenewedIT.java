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
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Tables that are emptied or dropped while a request is in flight: its response answers no newer request of its id. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class TablesRenewedIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    private Gate oldGate;
    private Gate newGate;
    private long worker;

    @BeforeEach
    void startWithARequestInFlight() throws SQLException {
        oldGate = Gate.closed();
        newGate = Gate.closed();
        server.handle("/old", oldGate);
        server.handle("/new", newGate);
        worker = cluster.awaitWorker();
        assertThat(session.get(server.url("/old"))).isEqualTo(1);
        oldGate.awaitRequests(1);
    }

    @Test
    void truncatedQueueWithRestartedIds() throws SQLException {
        assertQuick("TRUNCATE net.http_request_queue RESTART IDENTITY");

        assertNewRequestGetsItsOwnResponse();
    }

    @Test
    void extensionDroppedAndCreated() throws SQLException {
        assertQuick("DROP EXTENSION pg_net");
        assertQuick("CREATE EXTENSION pg_net");

        assertNewRequestGetsItsOwnResponse();
    }

    @Test
    void responseThatComesWhileATableIsAwayIsRecordedOnceItIsBack() throws SQLException {
        session.execute("ALTER TABLE net._http_response RENAME TO away");
        oldGate.open();
        cluster.log().await("recording responses failed and is tried again until it works", Duration.ofSeconds(20));
        session.execute("ALTER TABLE net.away RENAME TO _http_response");

        session.await("SELECT count(*) FROM net._http_response WHERE id = 1 AND status_code = 200", 1);
        assertThat(server.requests()).as("sent once").isEqualTo(1);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    /** Until then nobody but the worker knows the ids that were committed meanwhile. */
    @Test
    void requestsMadeWhileATableWasAwayAreSentOnceItIsBack() throws SQLException {
        oldGate.open();
        session.collect(1);
        newGate.open();
        session.execute("ALTER TABLE net._http_response RENAME TO away");
        session.get(server.url("/new"));
        cluster.log().await("pg_net worker is idle in database", Duration.ofSeconds(20));
        session.execute("ALTER TABLE net.away RENAME TO _http_response");

        assertThat(session.get(server.url("/new"))).isEqualTo(3);

        assertThat(session.collect(3)).isEqualTo("SUCCESS|ok|200|answer to /new");
        assertThat(session.collect(2)).isEqualTo("SUCCESS|ok|200|answer to /new");
    }

    /**
     * Other processes are told what a commit did to the catalogue after they can see its rows. That takes the longer the more
     * it did, and it is tried often, for the worker comes into this gap only now and then.
     */
    @Test
    void requestOfTheTransactionThatCreatesTheExtensionIsSent() throws SQLException {
        oldGate.open();
        newGate.open();
        for (int round = 0; round < 30; round++) {
            session.execute("BEGIN", "SELECT net.wake()", "DROP EXTENSION pg_net", "COMMIT");
            session.execute(
                    "BEGIN",
                    "CREATE SCHEMA round_" + round,
                    "DO $$ BEGIN FOR n IN 1..50 LOOP EXECUTE format('CREATE TABLE round_" + round
                            + ".table_%s ()', n); END LOOP; END $$",
                    "CREATE EXTENSION pg_net",
                    "SELECT net.http_get('" + server.url("/new") + "')",
                    "COMMIT");

            assertThat(session.collect(1)).isEqualTo("SUCCESS|ok|200|answer to /new");
        }
    }

    @Test
    void responseThatFindsNoExtensionIsDropped() throws SQLException {
        assertQuick("DROP EXTENSION pg_net");
        oldGate.open();
        assertQuick("CREATE EXTENSION pg_net");

        newGate.open();
        assertThat(session.get(server.url("/new"))).isEqualTo(1);
        assertThat(session.collect(1)).isEqualTo("SUCCESS|ok|200|answer to /new");
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    @Test
    void newRequestIsPendingThoughAnOldOneOfItsIdHasAResponse() throws SQLException {
        oldGate.open();
        assertThat(session.collect(1)).isEqualTo("SUCCESS|ok|200|answer to /old");
        assertQuick("TRUNCATE net.http_request_queue RESTART IDENTITY");
        assertThat(session.get(server.url("/new"))).isEqualTo(1);
        newGate.awaitRequests(1);

        assertThat(session.collect(1, true)).isEqualTo("PENDING|request is pending");
        assertThat(session.number("SELECT count(*) FROM net.await('{1}', '10 ms')"))
                .isZero();

        newGate.open();
        assertThat(session.collect(1)).isEqualTo("SUCCESS|ok|200|answer to /new");
    }

    /** The old response comes first, while the new request of the same id is in flight. */
    private void assertNewRequestGetsItsOwnResponse() throws SQLException {
        assertThat(session.get(server.url("/new"))).isEqualTo(1);
        newGate.awaitRequests(1);
        oldGate.open();
        for (int n = 0; n < 3; n++) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        assertThat(session.collect(1, true)).isEqualTo("PENDING|request is pending");

        newGate.open();

        assertThat(session.collect(1)).isEqualTo("SUCCESS|ok|200|answer to /new");
        assertThat(session.number("SELECT count(*) FROM net._http_response")).isEqualTo(4);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    /** Whoever changes the tables does not wait for what is in flight. */
    private void assertQuick(String sql) throws SQLException {
        long start = System.nanoTime();
        session.execute(sql);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as(sql).isLessThan(Duration.ofSeconds(2));
    }
}
