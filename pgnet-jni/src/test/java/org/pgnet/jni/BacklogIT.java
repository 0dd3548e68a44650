package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/**
 * However many requests wait for a time, a host, a rate or an order, the worker takes no more memory, others go on at full
 * speed, and what waits is not read again and again. {@code -Dbounds.full=true} has a million of each wait, for some minutes.
 */
@PgNetTest
class BacklogIT {
    private static final boolean FULL = BoundedWorker.FULL;
    private static final int MANY = FULL ? 1_000_000 : 50_000;
    private static final long MOST_MEGABYTES = BoundedWorker.MOST_WITHOUT_BODIES;

    /** Requests of another role, and as many are scheduled in a round. */
    private static final int FEW = 1_000;

    /** Nothing that dies while this runs is cleaned up. */
    private static final String[] PIN = {"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT FROM net.http_request_queue"};

    @Given
    private HttpServerFixture server;

    private final BoundedWorker worker = new BoundedWorker();

    @AfterEach
    void stop() {
        worker.close();
    }

    /**
     * Half of them for the first time, half for another attempt. Not by the worker that is told of them, nor by the next one,
     * which has to look at them all.
     */
    @Test
    void scheduledRequestsAreNotHeldInMemory() throws Exception {
        worker.start();
        try (Session old = Session.of(worker.cluster().connect())) {
            old.execute(PIN);
            insert(MANY, "url, not_before", "'" + server.url("/get") + "', now() + interval '1 day'");
            worker.cluster()
                    .execute("UPDATE net._delivery SET attempts = 1, counted = 1, last_status = 503"
                            + " WHERE request_id % 2 = 0");
            assertScheduledOnesAreBegunInTime();
            worker.assertMostMegabytes(MANY + " scheduled requests", MOST_MEGABYTES);

            long begun = System.nanoTime();
            worker.restart();
            long first = answeredMillis(1);
            say(
                    "another worker, and its first response, took %d ms, %d of these from when it was there",
                    millisSince(begun), first);
            assertScheduledOnesAreBegunInTime();
            worker.assertMostMegabytes(MANY + " scheduled requests at the start", MOST_MEGABYTES);
        }
        // net.stats would say about how many.
        assertThat(worker.number("SELECT count(*) FROM net._delivery WHERE attempts = 0 AND due > '-infinity'"))
                .isEqualTo(MANY / 2);
        assertThat(worker.number("SELECT count(*) FROM net._delivery WHERE attempts > 0"))
                .isEqualTo(MANY / 2);
    }

    /** In the last of the rounds as in the first, though the rows of all that was sent before are still there. */
    private void assertScheduledOnesAreBegunInTime() throws SQLException {
        List<Long> blocks = new ArrayList<>();
        for (int round = 0; round < (FULL ? 6 : 2); round++) {
            long before = blocksOfDelivery();
            long deleted = rowsDeletedOfDelivery();
            scheduleFew();
            awaitStatistics("the rows are deleted", () -> rowsDeletedOfDelivery() == deleted + FEW);
            blocks.add(blocksOfDelivery() - before);
        }
        say("blocks of net._delivery that %d took: %s", FEW, blocks);
        assertThat(blocks.get(blocks.size() - 1)).isLessThan(2 * blocks.get(0));
    }

    private long blocksOfDelivery() throws SQLException {
        return worker.number("SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit"
                + " FROM pg_statio_user_tables WHERE relname = '_delivery'");
    }

    private long rowsDeletedOfDelivery() throws SQLException {
        return worker.number("SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = '_delivery'");
    }

    private void scheduleFew() throws SQLException {
        worker.cluster()
                .execute("CREATE TABLE few AS SELECT net.request('" + server.url("/get")
                        + "', delay => interval '1 s' + i * interval '1 ms') AS id FROM generate_series(1, " + FEW
                        + ") i");
        worker.cluster()
                .execute(
                        "CREATE TABLE moments AS SELECT id, not_before FROM net.http_request_queue JOIN few USING (id)");
        awaitNumber("SELECT count(*) FROM net._http_response JOIN few USING (id)", FEW);
        String late = "FROM (SELECT extract(epoch FROM r.created - r.duration - not_before) * 1000 AS millis"
                + " FROM net.responses r JOIN moments USING (id)) late";
        say(
                "begun after their moments: %s",
                worker.cluster()
                        .query("SELECT format('%s to %s ms, half within %s ms', min(millis)::numeric(9, 1),"
                                + " max(millis)::numeric(9, 1), (percentile_cont(0.5) WITHIN GROUP (ORDER BY millis))"
                                + "::numeric(9, 1)) " + late)
                        .orElseThrow());
        assertThat(worker.number("SELECT count(*) " + late + " WHERE millis < 0"))
                .as("early")
                .isZero();
        // Beside other tests a process may wait for its turn.
        assertThat(worker.number("SELECT count(*) " + late + " WHERE millis > " + (FULL ? 100 : 10_000)))
                .as("late")
                .isZero();
        worker.cluster().execute("DROP TABLE few, moments");
    }

    /** The backlog is looked at about once, and of it is read what is held. */
    @Test
    void backlogOfAHangingHostDelaysNobodyElse() throws Exception {
        worker.start();
        insert(MANY, "url, timeout_milliseconds", "'" + server.url("/hang") + "', 0");

        long millis = answeredMillis(FEW);
        say("behind %d requests that hang %d others took %d ms", MANY, FEW, millis);
        worker.cluster().execute("SELECT net.wake()");
        // The worker shows what it counted within 10 s, though nothing follows: these requests hang.
        Eventually.until("the backlog is surveyed again", BoundedWorker.WITHIN, () -> rowsRead() > 19L * MANY / 10);
        answeredMillis(1);

        say("rows read: %d", rowsRead());
        assertThat(millis).isLessThan(10_000);
        // Once at first, and once because of net.wake(); each with a look by the primary key.
        assertThat(rowsRead()).isLessThan(4L * MANY + 20_000);
        worker.assertMostMegabytes(MANY + " requests to a host that hangs", MOST_MEGABYTES);
    }

    @Test
    void backlogOfARateDelaysNobodyElseAndIsNotReadAgain() throws Exception {
        worker.start();
        long alone = answeredMillis(FEW);
        worker.cluster().execute("INSERT INTO net.hosts (pattern, rate) VALUES ('localhost', 10)");
        insert(MANY, "url", "'" + server.url("/status/201").replace("127.0.0.1", "localhost") + "'");

        long millis = answeredMillis(FEW);
        say(
                "behind %d requests with a rate of 10 a second %d others took %d ms, alone %d ms",
                MANY, FEW, millis, alone);
        awaitRate(20);
        awaitStatistics("the backlog is surveyed", () -> rowsRead() > MANY);
        long surveyed = rowsRead();
        long sent = rateSent();
        awaitRate(sent + (FULL ? 300 : 50));
        long later = answeredMillis(FEW);
        say(
                "%d ms later; rows read %d, and for the next %d requests %d more",
                later, surveyed, rateSent() - sent + FEW, rowsRead() - surveyed);

        assertThat(millis).isLessThan(10_000);
        assertThat(rowsRead() - surveyed).as("rows read later").isLessThan(50_000);
        worker.assertMostMegabytes(MANY + " requests that wait for a rate", MOST_MEGABYTES);
        assertThat(worker.cluster()
                        .query("SELECT waiting > " + MANY / 2
                                + " FROM net.stat_host WHERE reason = 'rate of localhost'"))
                .contains("t");
    }

    private long rateSent() throws SQLException {
        return worker.number("SELECT count(*) FROM net._http_response WHERE status_code = 201");
    }

    private void awaitRate(long responses) {
        Eventually.until(responses + " by their rate", BoundedWorker.WITHIN, () -> rateSent() >= responses);
    }

    /** Nor is any of the looks longer than the first ones, though nothing that dies is cleaned up. */
    @Test
    void requestsOfOneOrderKeyAreNotHeldInMemory() throws Exception {
        int requests = FULL ? MANY : 3_000;
        int sent = FULL ? 40_000 : requests;
        worker.start();
        try (Session old = Session.of(worker.cluster().connect())) {
            old.execute(PIN);
            insert(requests, "url, order_key", "'" + server.url("/status/201") + "', 'a'");
            say("behind %d requests of one order key %d others took %d ms", requests, FEW, answeredMillis(FEW));
            awaitRate(sent / 10);
            long begun = System.nanoTime();
            long read = rowsRead();
            awaitRate(sent / 2);
            long half = System.nanoTime();
            long readOfHalf = rowsRead();
            awaitRate(sent * 9 / 10);
            double first = (half - begun) / 1e9 / (sent / 2.0 - sent / 10.0);
            double second = (System.nanoTime() - half) / 1e9 / (sent * 0.9 - sent / 2.0);
            say(
                    "one took %.2f ms at first and %.2f ms later; rows read: %d and %d",
                    first * 1_000, second * 1_000, readOfHalf - read, rowsRead() - readOfHalf);
            assertThat(second).isLessThan(3 * first);
            if (FULL) {
                assertThat(rowsRead() - readOfHalf).isLessThan(20L * sent);
            }
        }
        worker.assertMostMegabytes(requests + " requests of one order key", MOST_MEGABYTES);
    }

    @Test
    void manyOrderKeysAreNotHeldInMemory() throws Exception {
        int keys = FULL ? 100_000 : 5_000;
        int requests = FULL ? MANY : 4 * keys;
        worker.start();
        insert(requests, "url, order_key", "'" + server.url("/status/201") + "', 'key ' || i % " + keys);
        say("behind %d requests of %d order keys %d others took %d ms", requests, keys, FEW, answeredMillis(FEW));

        long begun = System.nanoTime();
        worker.awaitEmptyQueue();
        say("all were sent after %d ms; rows read: %d", millisSince(begun), rowsRead());
        assertThat(rateSent()).isEqualTo(requests);
        assertThat(worker.number("SELECT count(*) FROM net._delivery")).isZero();
        worker.assertMostMegabytes(keys + " order keys", MOST_MEGABYTES);
    }

    /** As the superuser. */
    private void insert(int requests, String columns, String values) throws SQLException {
        worker.cluster()
                .execute("INSERT INTO net.http_request_queue (method, " + columns + ") SELECT 'GET', " + values
                        + " FROM generate_series(1, " + requests + ") i");
    }

    /** How long so many requests of another role take. */
    private long answeredMillis(int requests) throws SQLException {
        worker.cluster().execute("DO $$ BEGIN CREATE ROLE alice; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        long before = worker.number(BoundedWorker.ANSWERED);
        long begun = System.nanoTime();
        worker.cluster()
                .execute(
                        "SET ROLE alice",
                        "SELECT net.request('" + server.url("/get") + "') FROM generate_series(1, " + requests + ")",
                        "RESET ROLE");
        awaitNumber(BoundedWorker.ANSWERED, before + requests);
        return millisSince(begun);
    }

    private void awaitNumber(String sql, long expected) {
        Eventually.until(sql + " = " + expected, BoundedWorker.WITHIN, () -> worker.number(sql) == expected);
    }

    /** The worker's are seen when it has ended a transaction a second after it has shown the last ones. */
    private void awaitStatistics(String what, Callable<Boolean> seen) {
        Eventually.until(what, BoundedWorker.WITHIN, () -> {
            answeredMillis(1);
            return seen.call();
        });
    }

    /** Of the queue and what stands beside it, as far as it was told. */
    private long rowsRead() throws SQLException {
        return worker.number("SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) FROM pg_stat_user_tables"
                + " WHERE relname IN ('http_request_queue', '_delivery')");
    }

    private static long millisSince(long begun) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }

    private static void say(String format, Object... arguments) {
        System.out.printf(format + "%n", arguments);
    }
}
