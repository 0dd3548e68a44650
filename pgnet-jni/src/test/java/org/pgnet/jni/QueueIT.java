package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Requests that wait in the queue, with {@code pg_net.batch_size = 0} or with a worker that is stopped. */
@PgNetTest(settings = "pg_net.batch_size = 0", cluster = Sharing.WITH_NONE)
class QueueIT {
    private static final int SESSIONS = 8;
    private static final int TRANSACTIONS = 40;
    private static final int PER_TRANSACTION = 50;

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Test
    void updatedRowIsSentOnceAsItIsNow() throws SQLException {
        long id = session.get(server.url("/get?id=old"));
        session.execute("UPDATE net.http_request_queue SET url = '" + server.url("/get?id=new") + "' WHERE id = " + id);

        raiseBatchSize();

        assertThat(session.collect(id)).contains("/get?id=new");
        assertNothingElse(1);
        assertThat(server.received("new")).hasSize(1);
    }

    @Test
    void deletedRowIsNotSent() throws SQLException {
        long id = session.get(server.url("/get?id=deleted"));
        session.execute("DELETE FROM net.http_request_queue WHERE id = " + id);

        raiseBatchSize();

        assertNothingElse(0);
        assertThat(session.collect(id)).isEqualTo("ERROR|request matching request_id not found");
    }

    @Test
    void interleavedIdsOfManySessionsAreAnsweredOnceEach() throws Exception {
        insertInterleaved();
        assertThat(server.requests()).isZero();

        raiseBatchSize();

        assertAllAnsweredOnce();
    }

    @Test
    void idsThatOverflowTheRingAreAnsweredOnceEach() throws Exception {
        raiseBatchSize();
        assertThat(session.collect(session.get(server.url("/get?id=0")))).startsWith("SUCCESS|ok|200");
        long worker = cluster.awaitWorker();
        cluster.stopAtRest(worker);
        try {
            insertInterleaved();
        } finally {
            cluster.signal(worker, "CONT");
        }

        assertAllAnsweredOnce();
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    /**
     * Sessions that insert at the same time get ids that alternate; every transaction also leaves gaps. So nearly every id
     * is a range of its own.
     */
    private void insertInterleaved() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
        List<Future<Void>> done = new ArrayList<>();
        for (int n = 0; n < SESSIONS; n++) {
            done.add(threads.submit(inserting(n)));
        }
        for (Future<Void> each : done) {
            each.get();
        }
        threads.shutdown();
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isEqualTo(SESSIONS * TRANSACTIONS * PER_TRANSACTION);
    }

    private Callable<Void> inserting(int number) {
        return () -> {
            try (Session mine = cluster.session()) {
                for (int n = 0; n < TRANSACTIONS; n++) {
                    mine.execute("DO $$ BEGIN FOR n IN 1 .. " + PER_TRANSACTION + " LOOP"
                            + " PERFORM net.http_get('" + server.url("/get?id=") + (number * TRANSACTIONS + n)
                            + "-' || n);"
                            + " PERFORM nextval(pg_get_serial_sequence('net.http_request_queue', 'id'));"
                            + " END LOOP; END $$");
                }
            }
            return null;
        };
    }

    private void assertAllAnsweredOnce() {
        int expected = SESSIONS * TRANSACTIONS * PER_TRANSACTION;
        session.await("SELECT count(*) FROM net.responses WHERE status_code = 200 AND url LIKE '%-%'", expected);
        assertThat(server.received().entrySet().stream()
                        .filter(each -> each.getKey().contains("-")))
                .hasSize(expected)
                .allSatisfy(each -> assertThat(each.getValue()).hasSize(1));
    }

    private void raiseBatchSize() throws SQLException {
        session.execute("ALTER SYSTEM SET pg_net.batch_size = 100", "SELECT pg_reload_conf()");
    }

    /** A last request is answered, and before it as many were sent as expected. */
    private void assertNothingElse(long expected) throws SQLException {
        assertThat(session.collect(session.get(server.url("/get?id=marker")))).startsWith("SUCCESS|ok|200");
        assertThat(server.requests()).isEqualTo(expected + 1);
    }
}
