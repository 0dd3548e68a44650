package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** A worker that has worked and now has nothing to do. */
@Tag("alone")
@PgNetTest(settings = "autovacuum = off", cluster = Sharing.WITH_NONE)
class IdleIT {
    /** The system property of this name: for how many seconds the worker is watched. */
    private static final Duration WATCHED = Duration.ofSeconds(Integer.getInteger("pgnet.idleSeconds", 10));

    private static final double MOST_OF_PROCESSOR = 0.001;
    private static final long MOST_MEMORY_KB = 70 * 1024;

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given(database = "template1")
    private static Session observer;

    private static long worker;

    @BeforeAll
    static void start() throws SQLException {
        worker = cluster.awaitWorker();
        try (Session session = cluster.session()) {
            session.execute("SELECT net.http_get('" + server.url("/get") + "') FROM generate_series(1, 100)");
            session.await("SELECT count(*) FROM net._http_response", 100);
        }
        // In another database, so that what is counted for the worker's is the worker's alone.
        Eventually.until(
                "an idle worker",
                Duration.ofSeconds(20),
                () -> ofWorker("state").equals("idle"));
    }

    @Test
    void idleWorkerRunsNoQueryAndHardlyUsesTheProcessor() throws SQLException {
        Eventually.until("no session but the worker's", Duration.ofSeconds(10), () -> sessionsOfDatabase() == 1);
        long transactions = transactions();
        String lastChange = ofWorker("state_change");
        long wakeUps = wakeUpsOfMainThread();

        double share = shareOfProcessor();
        for (int again = 0; again < 2 && share >= MOST_OF_PROCESSOR; again++) {
            share = shareOfProcessor(); // the compiler may not have been done with the requests before
        }

        assertThat(share).isPositive().isLessThan(MOST_OF_PROCESSOR);
        assertThat(transactions()).isEqualTo(transactions);
        assertThat(ofWorker("state_change")).isEqualTo(lastChange);
        assertThat(wakeUpsOfMainThread()).isEqualTo(wakeUps);
    }

    @Test
    void idleWorkerTakesLittleMemory() {
        long kilobytes = lines("smaps_rollup").stream()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();

        System.out.printf("idle worker: %.1f MB of memory (Pss)%n", kilobytes / 1024.0);
        assertThat(kilobytes).isPositive().isLessThan(MOST_MEMORY_KB);
    }

    private static String ofWorker(String column) throws SQLException {
        return observer.query("SELECT " + column + " FROM pg_stat_activity WHERE pid = " + worker)
                .orElse("none");
    }

    private static long sessionsOfDatabase() throws SQLException {
        return observer.number("SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres'");
    }

    private static long transactions() throws SQLException {
        return observer.number("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'postgres'");
    }

    /** How often the only thread that calls PostgreSQL was scheduled: proc(5), schedstat of a task. */
    private static long wakeUpsOfMainThread() {
        return Long.parseLong(lines("task/" + worker + "/schedstat").get(0).split(" ")[2]);
    }

    /** What the threads that are there at the end take of one while they are watched. */
    private static double shareOfProcessor() {
        long start = System.nanoTime();
        Map<String, Long> before = processorNanos();
        Eventually.until(
                "the end of the watch", WATCHED.plusSeconds(5), () -> System.nanoTime() - start > WATCHED.toNanos());
        long nanos = processorNanos().entrySet().stream()
                .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L))
                .sum();
        double share = nanos / (double) (System.nanoTime() - start);
        System.out.printf("idle for %d s: %.4f %% of a processor%n", WATCHED.toSeconds(), share * 100);
        return share;
    }

    /** Time that each thread has spent on a processor, by its number. */
    private static Map<String, Long> processorNanos() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", "" + worker, "task"))) {
            return threads.map(thread -> "" + thread.getFileName())
                    .collect(Collectors.toMap(
                            thread -> thread,
                            thread -> Long.parseLong(lines("task/" + thread + "/schedstat")
                                    .get(0)
                                    .split(" ")[0])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of("/proc", "" + worker).resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
