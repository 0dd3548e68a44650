package org.pgnet.jni.torture;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.machine.Eventually;

/** The server is replaced by its standby, which has everything that the clients were told is committed. */
final class Promotion {
    private Promotion() {}

    static void promote(Torture torture) throws SQLException {
        PgCluster primary = torture.cluster();
        PgCluster standby = PgCluster.standbyOf(primary);
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        Eventually.until(
                "a synchronous standby",
                Duration.ofSeconds(30),
                () -> primary.query("SELECT sync_state FROM pg_stat_replication")
                        .equals(Optional.of("sync")));
        torture.pause(1_000);
        primary.stop(torture.random().nextBoolean() ? StopMode.FAST : StopMode.IMMEDIATE);
        standby.promote();
        torture.moveTo(standby);
        primary.close();
    }
}
