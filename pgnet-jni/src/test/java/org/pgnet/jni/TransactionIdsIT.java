package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** A server that has no transaction ids left refuses whatever is written: responses wait until it was vacuumed. */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        settings = {"autovacuum_naptime = 1", "pg_net.batch_size = 0", "wal_level = logical"})
class TransactionIdsIT {
    /** Of clog.h. */
    private static final long TRANSACTIONS_PER_SEGMENT = 32L * 8192 * 4;

    private static final int SEGMENT_BYTES = 32 * 8192;

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Test
    void responsesWaitAndCallsAreRefusedUntilThereAreTransactionIdsAgain() throws SQLException, IOException {
        long oldest;
        try (Session session = cluster.session()) {
            for (int i = 0; i < 3; i++) {
                session.get(server.url("/get"));
            }
            // Vacuum makes no ids free while a reader of the log may need the catalogues as they were.
            session.query("SELECT pg_create_logical_replication_slot('reader', 'pgoutput')");
            oldest = session.number("SELECT catalog_xmin::text::bigint FROM pg_replication_slots");
        }
        cluster.stop(StopMode.FAST);
        useUpTransactionIds(oldest);
        cluster.set("pg_net.batch_size = 200");
        cluster.start();

        try (Session session = cluster.session()) {
            cluster.log().await("recording responses failed and is tried again until it works", Duration.ofSeconds(20));
            cluster.log().await("(SQLSTATE 54000)", Duration.ofSeconds(5));
            long worker = cluster.awaitWorker();
            assertRefused(() -> session.get(server.url("/get")));
            assertRefused(() -> session.send("SELECT net.request(?, order_key := 'a')", server.url("/get")));
            assertRefused(() -> session.execute("SELECT net.cancel(min(id)) FROM net.http_request_queue"));
            assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                    .as("readers are served")
                    .isEqualTo(3);

            session.execute("SELECT pg_drop_replication_slot('reader')");
            session.await(
                    "SELECT count(*) FROM net._http_response WHERE status_code = 200", "3", Duration.ofSeconds(60));

            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
            assertThat(cluster.awaitWorker()).isEqualTo(worker);
        }
    }

    /** With PostgreSQL's own words. */
    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("54000"))
                .hasMessageContaining("to avoid wraparound data loss in database \"");
    }

    /**
     * The next transaction id becomes the one at which PostgreSQL stops while it needs this old one (SetTransactionIdLimit()
     * of varsup.c).
     */
    private void useUpTransactionIds(long oldest) throws IOException {
        long stop = oldest + Integer.MAX_VALUE - 3_000_000;
        Path segment = cluster.data().resolve("pg_xact").resolve("%04X".formatted(stop / TRANSACTIONS_PER_SEGMENT));
        Files.write(segment, new byte[SEGMENT_BYTES]);
        Command.runAsOwner(
                cluster.data(),
                PgInstallation.shared().program("pg_resetwal"),
                "-x",
                Long.toString(stop),
                "-D",
                cluster.data().toString());
    }
}
