package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Many requests that are committed at once, and what the worker spends on them. */
final class Burst implements Scenario {
    /** The default of pg_net.max_connections_per_host. */
    static final int CONNECTIONS = 64;

    /** Until then the JVM still spends processors on compiling. */
    private static final int WARM_UP_ROUNDS = 9;

    private final List<Double> rates = new ArrayList<>();
    private final List<Double> cpus = new ArrayList<>();
    private final List<Double> curlRates = new ArrayList<>();
    private final List<Double> curlCpus = new ArrayList<>();
    private final List<Double> wrkRates = new ArrayList<>();

    @Override
    public String name() {
        return "burst";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        int requests = bench.count(20_000, 2_000);
        double first;
        try (Database database = Database.start()) {
            burst(database, bench, requests);
            first = rates.get(0);
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                burst(database, bench, requests);
            }
            rates.clear();
            cpus.clear();
            // Each takes less than a second: more rounds, so that one hiccup does not decide.
            for (int round = 0; round < 3 * bench.rounds(); round++) {
                reference(bench, requests);
                burst(database, bench, requests);
                wrkRates.add(Programs.wrk(
                        bench.count(2, 1), CONNECTIONS, bench.nginx().url("/")));
            }
        }
        return List.of(rate(requests, first), cpu(), curl());
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

    private Row rate(int requests, double first) {
        return Row.ofRatio(
                "burst: %,d GETs committed at once, commit to last response visible (worker's first burst: %s)"
                        .formatted(requests, Figures.rate(first)),
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
