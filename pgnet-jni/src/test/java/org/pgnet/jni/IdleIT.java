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

    /** In a second, all threads together: those of the JVM look after it every few seconds. */
    private static final double MOST_WAKE_UPS = 3;

    /** A thread that wakes once in a while finds nothing of its own in the processor's caches, and the kernel counts that as its work. */
    private static final double MOST_OF_PROCESSOR = 0.005;

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
        long ofMainThread = schedule(worker).wakeUps();

        Scheduled watched = watched();
        for (int again = 0; again < 2 && !watched.isIdle(); again++) {
            watched = watched(); // the compiler was not done with the requests before, or their connections were closed
        }

        assertThat(watched.wakeUps()).isPositive().isLessThan(MOST_WAKE_UPS);
        assertThat(watched.share()).isPositive().isLessThan(MOST_OF_PROCESSOR);
        assertThat(transactions()).isEqualTo(transactions);
        assertThat(ofWorker("state_change")).isEqualTo(lastChange);
        assertThat(schedule(worker).wakeUps()).isEqualTo(ofMainThread);
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

    /** What the threads that are there at the end do in a second while they are watched. */
    private static Scheduled watched() {
        long start = System.nanoTime();
        Map<Long, Schedule> before = schedules();
        Eventually.until(
                "the end of the watch", WATCHED.plusSeconds(5), () -> System.nanoTime() - start > WATCHED.toNanos());
        long nanos = 0;
        long wakeUps = 0;
        for (Map.Entry<Long, Schedule> thread : schedules().entrySet()) {
            Schedule first = before.getOrDefault(thread.getKey(), new Schedule(0, 0));
            nanos += thread.getValue().nanos() - first.nanos();
            wakeUps += thread.getValue().wakeUps() - first.wakeUps();
        }
        double watched = System.nanoTime() - start;
        Scheduled scheduled = new Scheduled(nanos / watched, wakeUps / watched * 1e9);
        System.out.printf(
                "idle for %d s: %.4f %% of a processor, %.1f wake-ups a second%n",
                WATCHED.toSeconds(), scheduled.share() * 100, scheduled.wakeUps());
        return scheduled;
    }

    /** By the threads' numbers. */
    private static Map<Long, Schedule> schedules() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", "" + worker, "task"))) {
            return threads.map(thread -> Long.parseLong("" + thread.getFileName()))
                    .collect(Collectors.toMap(thread -> thread, IdleIT::schedule));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of a thread so far; that of the worker's own number is the only one that calls PostgreSQL. */
    private static Schedule schedule(long thread) {
        String[] fields = lines("task/" + thread + "/schedstat").get(0).split(" ");
        return new Schedule(Long.parseLong(fields[0]), Long.parseLong(fields[2]));
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of("/proc", "" + worker).resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Time on a processor, and how often it got one: proc(5), schedstat of a task. */
    private record Schedule(long nanos, long wakeUps) {}

    /** Share of one processor, and wake-ups in a second. */
    private record Scheduled(double share, double wakeUps) {
        boolean isIdle() {
            return share < MOST_OF_PROCESSOR && wakeUps < MOST_WAKE_UPS;
        }
    }
}
