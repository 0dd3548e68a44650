package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.machine.Eventually;

/** More than the shared memory holds, and transactions that outlast what happens meanwhile. */
final class Bursts {
    private static final Duration TO_SLEEP = Duration.ofSeconds(20);
    private static final int SESSIONS = 8;
    /** With the unused id that parts each from its neighbour, well over the 1,024 ranges of the ring. */
    private static final int TRANSACTIONS = 220;

    private Bursts() {}

    static void overflowRing(Torture torture) {
        whileWorkerSleeps(torture, () -> commitFromManySessions(torture));
    }

    /** The low ids are committed while the ring is full, and after it was taken. */
    static void commitLowIdWithRingFull(Torture torture) throws SQLException {
        try (Connection first = torture.cluster().connect();
                Connection second = torture.cluster().connect()) {
            makeUncommitted(first, torture, 1);
            makeUncommitted(second, torture, 1);
            whileWorkerSleeps(torture, () -> {
                commitFromManySessions(torture);
                first.commit();
            });
            torture.pause(300);
            second.commit();
        }
    }

    /** Prepared before a crash, committed or rolled back after it by another session. */
    static void prepareAndCrash(Torture torture) throws SQLException {
        for (int i = 0; i < 6; i++) {
            try (Connection session = torture.cluster().connect();
                    Statement statement = session.createStatement()) {
                makeUncommitted(session, torture, 5);
                torture.traffic().prepare(statement, torture.nextToken());
            }
        }
        torture.cluster().stop(StopMode.IMMEDIATE);
        torture.cluster().start();
    }

    private static void makeUncommitted(Connection session, Torture torture, int requests) throws SQLException {
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute("SELECT torture.make('" + torture.receiver().quickUrl() + "', '" + torture.nextToken()
                    + "-' || n, n) FROM generate_series(1, " + requests + ") n");
        }
    }

    private static void whileWorkerSleeps(Torture torture, Traffic.Action action) {
        long worker = torture.cluster().awaitWorker();
        Eventually.until("the worker stopped in its sleep", TO_SLEEP, () -> stopInSleep(torture.cluster(), worker));
        try {
            action.run();
        } catch (SQLException refusal) {
            throw new IllegalStateException(refusal);
        } finally {
            torture.cluster().signal(worker, "CONT");
        }
    }

    /** Awake it may hold a lock of the server's memory, which everybody would wait for. */
    private static boolean stopInSleep(PgCluster cluster, long worker) throws SQLException {
        cluster.signal(worker, "STOP");
        boolean sleeps = cluster.query("SELECT wait_event FROM pg_stat_activity WHERE pid = " + worker)
                .equals(Optional.of("Extension"));
        if (!sleeps) {
            cluster.signal(worker, "CONT");
        }
        return sleeps;
    }

    private static void commitFromManySessions(Torture torture) {
        CompletableFuture.allOf(IntStream.range(0, SESSIONS)
                        .mapToObj(session -> CompletableFuture.runAsync(() -> commitMany(torture, torture.nextToken())))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private static void commitMany(Torture torture, String token) {
        try {
            torture.cluster()
                    .execute("DO $$ BEGIN FOR i IN 1 .. " + TRANSACTIONS + " LOOP"
                            + " PERFORM torture.make('" + torture.receiver().quickUrl() + "', '" + token
                            + "-' || i, i), nextval('net.http_request_queue_id_seq');"
                            + " COMMIT; END LOOP; END $$");
        } catch (SQLException refusal) {
            throw new IllegalStateException(refusal);
        }
    }
}
