package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;

/** The worker ends at once, whatever is in flight. */
@Tag("alone")
@PgNetTest(cluster = Sharing.WITH_NONE)
class ShutdownIT {
    @Test
    void fastStopDoesNotWaitForARequestThatHangs(HttpServerFixture server, PgCluster cluster) throws SQLException {
        cluster.execute("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 60000)");
        Eventually.until("a hanging request", Duration.ofSeconds(10), () -> server.hanging() == 1);

        Duration stop = cluster.stop(StopMode.FAST);

        System.out.printf("fast stop with a request in flight: %d ms%n", stop.toMillis());
        assertThat(stop).isLessThan(Duration.ofSeconds(1));
    }
}
