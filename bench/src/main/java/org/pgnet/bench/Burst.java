package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Many requests that are committed at once, and what the worker spends on them. */
final class Burst implements Scenario {
    /** The default of pg_net.max_connections_per_host. */
    static final int CONNECTIONS = 64;

    /** Until then the JVM still spends processors on compiling. */
    private static final int WARM_UP_ROUNDS = 10;

    private final List<Double> rates = new ArrayList<>();
    private final List<Double> cpus = new ArrayList<>();
    private final List<Double> curlRates = new ArrayList<>();
    private final List<Double> curlCpus = new ArrayList<>();
    private final List<Double> wrkRates = new ArrayList<>();
    private final List<Double> firstRates = new ArrayList<>();
    private final List<Double> firstCpus = new ArrayList<>();
    private final List<Double> tenthRates = new ArrayList<>();
    private final List<Double> tenthCpus = new ArrayList<>();

    @Override
    public String name() {
        return "burst";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        int requests = bench.count(20_000, 2_000);
        for (int round = 1; round < bench.rounds(); round++) {
            try (Database database = Database.start()) {
                warmUp(database, bench, requests);
            }
        }
        try (Database database = Database.start()) {
            warmUp(database, bench, requests);
            // Each takes less than a second: more rounds, so that one hiccup does not decide.
            for (int round = 0; round < 3 * bench.rounds(); round++) {
                reference(bench, requests);
                burst(database, bench, requests);
                wrkRates.add(Programs.wrk(
                        bench.count(2, 1), CONNECTIONS, bench.nginx().url("/")));
            }
        }
        return List.of(rate(requests), cpu(), firstRate(), firstCpu(), curl());
    }

    /** The bursts of a worker that has just started. */
    private void warmUp(Database database, Bench bench, int requests) throws SQLException {
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            burst(database, bench, requests);
        }
        firstRates.add(rates.get(0));
        firstCpus.add(cpus.get(0));
        tenthRates.add(rates.get(WARM_UP_ROUNDS - 1));
        tenthCpus.add(cpus.get(WARM_UP_ROUNDS - 1));
        rates.clear();
        cpus.clear();
    }

    private void burst(Database database, Bench bench, int requests) throws SQLException {
        database.clean();
        WorkerProcess worker = database.worker();
        WorkerProcess.Cpu before = worker.cpu();
        database.get(requests, bench.nginx().url("/"));
        long committed = System.nanoTime();
        database.awaitEmptyQueue();
        rates.add(requests / ((System.nanoTime() - committed) / 1e9));
        cpus.add(worker.cpu().since(before).all() / requests * 10_000);
        database.checkResponses(requests);
    }

    private void reference(Bench bench, int requests) {
        Programs.CurlRun run =
                Programs.curlMulti(requests, CONNECTIONS, List.of(bench.nginx().url("/")));
        curlRates.add(run.rate());
        curlCpus.add(run.cpuSeconds() / requests * 10_000);
    }

    private Row rate(int requests) {
        return Row.ofRatio(
                "burst: %,d GETs committed at once, commit to last response visible".formatted(requests),
                Figures.rate(Figures.median(rates)),
                "C program, %d connections: %s".formatted(CONNECTIONS, Figures.rate(Figures.median(curlRates))),
                Figures.medianRatio(rates, curlRates),
                Bound.atLeast(0.65).reachingFor(0.85),
                "0.005; 0.22 with its pause between batches patched out");
    }

    private Row cpu() {
        return Row.ofRatio(
                "worker CPU (all threads) per 10,000 requests of that burst",
                Figures.seconds(Figures.median(cpus)),
                "C program: " + Figures.seconds(Figures.median(curlCpus)),
                Figures.medianRatio(cpus, curlCpus),
                Bound.atMost(1.8).reachingFor(1.3),
                "3 times (patched)");
    }

    private Row firstRate() {
        return Row.ofRatio(
                "the first burst of a worker that has just started",
                Figures.rate(Figures.median(firstRates)),
                "its tenth: " + Figures.rate(Figures.median(tenthRates)),
                Figures.medianRatio(firstRates, tenthRates),
                Bound.atLeast(0.75).reachingFor(0.95),
                "");
    }

    private Row firstCpu() {
        return Row.ofRatio(
                "worker CPU (all threads) per 10,000 requests of the first burst",
                Figures.seconds(Figures.median(firstCpus)),
                "of the tenth: " + Figures.seconds(Figures.median(tenthCpus)),
                Figures.medianRatio(firstCpus, tenthCpus),
                Bound.atMost(1.6).reachingFor(1.1),
                "");
    }

    private Row curl() {
        return Row.ofRatio(
                "whether the C program counts as a reference",
                Figures.rate(Figures.median(curlRates)),
                "wrk, %d connections: %s".formatted(CONNECTIONS, Figures.rate(Figures.median(wrkRates))),
                Figures.medianRatio(curlRates, wrkRates),
                Bound.atLeast(0.2),
                "");
    }
}
