package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
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
        settings = {"autovacuum_naptime = 10", "pg_net.batch_size = 0"})
class TransactionIdsIT {
    /** Of clog.h. */
    private static final long TRANSACTIONS_PER_SEGMENT = 32L * 8192 * 4;

    private static final int SEGMENT_BYTES = 32 * 8192;

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Test
    void responsesWaitUntilThereAreTransactionIdsAgain() throws SQLException, IOException {
        try (Session session = cluster.session()) {
            for (int i = 0; i < 3; i++) {
                session.get(server.url("/get"));
            }
        }
        cluster.stop(StopMode.FAST);
        useUpTransactionIds();
        cluster.set("pg_net.batch_size = 200");
        cluster.start();

        try (Session session = cluster.session()) {
            cluster.log().await("recording responses failed and is tried again until it works", Duration.ofSeconds(20));
            cluster.log().await("(SQLSTATE 54000)", Duration.ofSeconds(5));
            long worker = cluster.awaitWorker();

            // The failed attempts have PostgreSQL start autovacuum, which makes ids free.
            session.await(
                    "SELECT count(*) FROM net._http_response WHERE status_code = 200", "3", Duration.ofSeconds(60));

            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
            assertThat(cluster.awaitWorker()).isEqualTo(worker);
        }
    }

    /** The next transaction id becomes the one at which PostgreSQL stops (SetTransactionIdLimit() of varsup.c). */
    private void useUpTransactionIds() throws IOException {
        String control = Command.runAsOwner(
                cluster.data(),
                PgInstallation.shared().program("pg_controldata"),
                "-D",
                cluster.data().toString());
        long oldest = Long.parseLong(control.replaceAll("(?s).*oldestXID: +(\\d+)\\n.*", "$1"));
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
