package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.SilentServer;
import org.pgnet.testkit.http.TlsServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.ForServers;

/** The worker ends in order, whatever is in flight. How soon is {@link ShutdownIT}'s. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class OrderlyEndIT {
    /** The system property of this name: how often the worker is ended with transfers in flight. */
    private static final int ROUNDS = Integer.getInteger("pgnet.shutdownRounds", 30);

    private static final int SILENT = 5;
    private static final int TLS = 300;

    /**
     * Libraries that clean up at the process's end, while a thread still uses them, crash it now and then; and a crash of one
     * process restarts the whole server. So this is tried often.
     */
    @Test
    void noProcessEndsByASignal(@TempDir(factory = ForServers.class) Path directory) throws Exception {
        try (SilentServer silent = SilentServer.start();
                TlsServer tls = TlsServer.start(directory);
                PgCluster cluster = PgCluster.withExtension("pg_net.ca_bundle = '" + tls.certificate() + "'")) {
            Duration longest = Duration.ZERO;
            for (int round = 0; round < ROUNDS; round++) {
                putTransfersInFlight(cluster, silent, tls);
                if (round % 2 == 0) {
                    Duration stop = cluster.stop(StopMode.FAST);
                    longest = stop.compareTo(longest) > 0 ? stop : longest;
                    cluster.start();
                } else {
                    cluster.execute("SELECT pg_terminate_backend(" + cluster.awaitWorker() + ", 5000)");
                }
                silent.hangUp();
                assertThat(cluster.log().count("terminated by signal", 0)).isZero();
            }

            System.out.printf(
                    "%d ends with transfers in flight, longest fast stop %d ms%n", ROUNDS, longest.toMillis());
            assertThat(cluster.log().count("pg_net worker of database \"postgres\" ends$", 0))
                    .isEqualTo(ROUNDS);
        }
    }

    /**
     * Plain requests, TLS handshakes and TLS requests that hang, and handshakes in full swing. Their rows are taken away: the
     * next worker would send them again, and its hanging requests would take the places of those of the next round.
     */
    private static void putTransfersInFlight(PgCluster cluster, SilentServer silent, TlsServer tls)
            throws SQLException {
        int acceptedBefore = silent.accepted();
        int requestsBefore = tls.requests();
        cluster.execute(
                request("http", silent.port(), SILENT),
                request("https", silent.port(), SILENT),
                request("https", tls.port(), TLS));
        Eventually.until(
                "transfers in flight",
                Duration.ofSeconds(20),
                () -> silent.accepted() - acceptedBefore >= 2 * SILENT && tls.requests() - requestsBefore > 0);
        cluster.execute("TRUNCATE net.http_request_queue");
    }

    private static String request(String scheme, int port, int count) {
        return "SELECT net.http_get('" + scheme + "://127.0.0.1:" + port + "/', timeout_milliseconds := 60000)"
                + " FROM generate_series(1, " + count + ")";
    }
}
