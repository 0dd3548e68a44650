package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.machine.Eventually;

/** Processes of the server end, or are told to. */
final class ProcessFaults {
    private static final Duration END = Duration.ofSeconds(20);

    private ProcessFaults() {}

    static void terminateWorker(Torture torture) {
        long worker = torture.cluster().awaitWorker();
        torture.cluster().signal(worker, "TERM");
        awaitEnd(worker);
    }

    static void killWorker(Torture torture) {
        long worker = torture.cluster().awaitWorker();
        torture.cluster().signal(worker, "KILL");
        awaitEnd(worker);
        torture.awaitConnections();
    }

    static void killBackend(Torture torture) throws SQLException {
        long worker = torture.cluster().awaitWorker();
        try (Connection victim = torture.cluster().connect()) {
            torture.cluster().signal(pidOf(victim), "KILL");
        }
        awaitEnd(worker);
        torture.awaitConnections();
    }

    /** As often as there is one, for a while. */
    static void terminateCallbacks(Torture torture) throws SQLException {
        for (int i = 0; i < 20; i++) {
            torture.cluster()
                    .execute(
                            "SELECT torture.make('" + torture.receiver().quickUrl() + "', '" + torture.nextToken()
                                    + "', 8)",
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'net callback'");
            torture.pause(50);
        }
    }

    /** The server crashes with it. None, if none comes by in time. */
    static void killCallback(Torture torture) throws SQLException {
        for (int i = 0; i < 200; i++) {
            torture.cluster()
                    .execute("SELECT torture.make('" + torture.receiver().quickUrl() + "', '" + torture.nextToken()
                            + "', 8)");
            String pid = torture.cluster()
                    .psql("SELECT coalesce(min(pid), 0) FROM pg_stat_activity WHERE backend_type = 'net callback'");
            if (!pid.equals("0")) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
                torture.pause(500);
                torture.awaitConnections();
                return;
            }
        }
    }

    static void stopImmediately(Torture torture) {
        torture.cluster().stop(StopMode.IMMEDIATE);
        torture.pause(500);
        torture.cluster().start();
    }

    static void restartFast(Torture torture) {
        torture.cluster().restart();
    }

    /** Nobody is left to end the other processes: they notice, or no new server could start. */
    static void killPostmaster(Torture torture) throws SQLException {
        PgCluster cluster = torture.cluster();
        ProcessHandle postmaster = postmasterOf(cluster);
        List<ProcessHandle> children = postmaster.children().toList();
        cluster.signal(postmaster.pid(), "KILL");
        Eventually.until(
                "end of the processes of a killed postmaster",
                END,
                () -> children.stream().noneMatch(ProcessHandle::isAlive));
        cluster.start();
    }

    static void restartWorker(Torture torture) {
        long worker = torture.cluster().awaitWorker();
        Eventually.until("the worker's restart", END, () -> {
            // Again and again: a worker that started just now ignores it.
            torture.cluster().execute("SELECT net.worker_restart()");
            return !isAlive(worker);
        });
    }

    /** Also changes a setting each time, so that the reloads are not for nothing. */
    static void stormOfReloads(Torture torture) throws SQLException {
        PgCluster cluster = torture.cluster();
        for (int i = 0; i < 20; i++) {
            cluster.execute(
                    "ALTER SYSTEM SET pg_net.batch_size = "
                            + (1 + torture.random().nextInt(Torture.BATCH_SIZE)),
                    "SELECT pg_reload_conf() FROM generate_series(1, 100)");
            torture.pause(50);
        }
        cluster.execute("ALTER SYSTEM RESET pg_net.batch_size", "SELECT pg_reload_conf()");
    }

    private static void awaitEnd(long worker) {
        Eventually.until("the worker's end", END, () -> !isAlive(worker));
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static ProcessHandle postmasterOf(PgCluster cluster) throws SQLException {
        try (Connection session = cluster.connect()) {
            return ProcessHandle.of(pidOf(session))
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow();
        }
    }

    private static long pidOf(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getLong(1);
        }
    }
}
