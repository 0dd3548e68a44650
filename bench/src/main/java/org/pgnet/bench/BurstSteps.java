package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.bench.Steps.Step;

/**
 * What one of many requests costs, step by step. The statements of the worker are timed by pg_stat_statements; so that
 * their time is time on a processor, the worker's main thread has one of its own meanwhile.
 */
final class BurstSteps {
    /** The worker's statement that reads requests. */
    private static final String FETCH = "query LIKE 'SELECT%net.http_request_queue%timeout_milliseconds%'"
            + " OR query LIKE 'SELECT%timeout_milliseconds%net.http_request_queue%'";

    private final List<Double> enqueue = new ArrayList<>();
    private final List<Double> enqueueLimit = new ArrayList<>();
    private final List<Double> handOver = new ArrayList<>();
    private final List<Double> handOverLimit = new ArrayList<>();
    private final List<Double> fetch = new ArrayList<>();
    private final List<Double> fetchLimit = new ArrayList<>();
    private final List<Double> transfer = new ArrayList<>();
    private final List<Double> transferLimit = new ArrayList<>();
    private final List<Double> record = new ArrayList<>();
    private final List<Double> recordLimit = new ArrayList<>();
    private final List<Double> otherThreads = new ArrayList<>();

    List<Step> measure(Bench bench) throws SQLException {
        int requests = bench.count(20_000, 2_000);
        String url = bench.nginx().url("/");
        try (Database database =
                Database.start("shared_preload_libraries = 'pg_net, pg_stat_statements'", "synchronous_commit = off")) {
            BareTables bare = new BareTables(database, url);
            database.execute("CREATE EXTENSION pg_stat_statements");
            burst(database, bench, requests, url);
            forgetFirst();
            for (int round = 0; round < bench.rounds(); round++) {
                database.clean();
                bare.clean();
                enqueueLimit.add(bare.enqueue(requests) / requests);
                handOverLimit.add(bare.commit() / requests);
                fetchLimit.add(bare.fetch(requests) / requests);
                recordLimit.add(bare.record(requests) / requests);
                transferLimit.add(Programs.curlMulti(requests, Burst.CONNECTIONS, List.of(url))
                                .cpuSeconds()
                        / requests);
                burst(database, bench, requests, url);
            }
        }
        return steps();
    }

    private void burst(Database database, Bench bench, int requests, String url) throws SQLException {
        WorkerProcess worker = database.worker();
        worker.giveMainThreadOneProcessor(bench.nginx().processes());
        database.clean();
        database.execute("SELECT pg_stat_statements_reset()", "BEGIN");
        enqueue.add(
                database.timed("SELECT count(net.http_get('" + url + "')) FROM generate_series(1, " + requests + ")")
                        / requests);
        WorkerProcess.Cpu before = worker.cpu();
        handOver.add(database.timed("COMMIT") / requests);
        database.awaitEmptyQueue();
        WorkerProcess.Cpu cpu = worker.cpu().since(before);
        double fetchSeconds = statementSeconds(database, FETCH);
        if (fetchSeconds == 0) {
            throw new AssertionError("the worker's statements are not those that are looked for");
        }
        fetch.add(fetchSeconds / requests);
        record.add((cpu.main() - fetchSeconds) / requests);
        transfer.add(cpu.transfer() / requests);
        otherThreads.add((cpu.all() - cpu.main() - cpu.transfer()) / requests);
        database.checkResponses(requests);
    }

    private void forgetFirst() {
        List.of(enqueue, handOver, fetch, transfer, record, otherThreads).forEach(List::clear);
    }

    private static double statementSeconds(Database database, String condition) throws SQLException {
        return database.numbers(
                        "SELECT coalesce(sum(total_exec_time), 0) / 1000 FROM pg_stat_statements WHERE " + condition)
                .get(0);
    }

    private List<Step> steps() {
        return List.of(
                step(
                        "enqueue",
                        enqueue,
                        enqueueLimit,
                        "`http_get`, many in one statement; one INSERT of the same rows"),
                step(
                        "hand-over",
                        handOver,
                        handOverLimit,
                        "`COMMIT` of all of them, each one's part; that of the limit's rows"),
                step("fetch", fetch, fetchLimit, "the worker's SELECT; 1,000 rows a time by primary key, from plpgsql"),
                step("transfer", transfer, transferLimit, "CPU of the transfer thread; CPU of the C program"),
                step(
                        "record",
                        record,
                        recordLimit,
                        "CPU of the main thread without fetch: Java, conversions, storing without statements, commits; DELETE"
                                + " by primary key and INSERT of two rows for each, 2,000 a time, from plpgsql"),
                step("other threads", otherThreads, "CPU of the JVM's compiler and garbage collector"));
    }

    private static Step step(String name, List<Double> figure, String explanation) {
        return new Step(name, Figures.micros(Figures.median(figure)), "", explanation);
    }

    private static Step step(String name, List<Double> figure, List<Double> limit, String explanation) {
        return new Step(
                name, Figures.micros(Figures.median(figure)), Figures.micros(Figures.median(limit)), explanation);
    }
}
