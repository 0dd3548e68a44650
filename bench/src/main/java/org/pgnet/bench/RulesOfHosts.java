package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The burst, and single requests, with and without rules of hosts that hold nothing back. */
final class RulesOfHosts implements Scenario {
    private static final int WARM_UP_ROUNDS = 9;
    private static final int IDLE_MILLIS = 30;

    /** One for nginx, with all that a rule can limit, and two hundred of others. */
    private static final String RULES =
            "INSERT INTO net.hosts (pattern, rate, max_in_flight, breaker, timeout, connect_timeout, policy)"
                    + " SELECT CASE n WHEN 0 THEN '127.0.0.1' ELSE 'h' || n || '.example.com' END, 1000000, 1000, true,"
                    + " '30 s', '5 s', 'none' FROM generate_series(0, 200) n";

    private static final String NO_RULES = "TRUNCATE net.hosts";

    private final List<Double> rates = new ArrayList<>();
    private final List<Double> cpus = new ArrayList<>();
    private final List<Double> rateWithout = new ArrayList<>();
    private final List<Double> cpuWithout = new ArrayList<>();

    @Override
    public String name() {
        return "rules";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        int requests = bench.count(20_000, 2_000);
        String url = bench.nginx().url("/");
        Percentiles idle = new Percentiles();
        Percentiles idleWithout = new Percentiles();
        try (Database database = Database.start();
                Roundtrip client = new Roundtrip(database.connect(), url)) {
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                burst(database, requests, url, rates, cpus);
            }
            rates.clear();
            cpus.clear();
            // As of the burst: one hiccup does not decide.
            for (int round = 0; round < 3 * bench.rounds(); round++) {
                database.execute(NO_RULES);
                burst(database, requests, url, rateWithout, cpuWithout);
                database.execute(RULES);
                burst(database, requests, url, rates, cpus);
            }
            for (int round = 0; round < bench.rounds(); round++) {
                database.execute(NO_RULES);
                idleWithout.addRound(latencies(client, bench.count(200, 20)));
                database.execute(RULES);
                idle.addRound(latencies(client, bench.count(200, 20)));
            }
        }
        return List.of(
                Row.ofRatio(
                        "the burst with 201 rules in net.hosts, one of them for its host",
                        Figures.rate(Figures.median(rates)),
                        "without rules: " + Figures.rate(Figures.median(rateWithout)),
                        Figures.medianRatio(rates, rateWithout),
                        Bound.atLeast(0.9),
                        ""),
                Row.ofRatio(
                        "worker CPU (all threads) per 10,000 requests of it",
                        Figures.seconds(Figures.median(cpus)),
                        "without rules: " + Figures.seconds(Figures.median(cpuWithout)),
                        Figures.medianRatio(cpus, cpuWithout),
                        Bound.atMost(1.15),
                        ""),
                idle.row(
                        "one request from idle with these rules: commit to response visible",
                        "without rules: " + idleWithout.figure(),
                        2,
                        5,
                        ""));
    }

    private static void burst(Database database, int requests, String url, List<Double> ofRates, List<Double> ofCpus)
            throws SQLException {
        database.clean();
        WorkerProcess worker = database.worker();
        WorkerProcess.Cpu before = worker.cpu();
        database.get(requests, url);
        long committed = System.nanoTime();
        database.awaitEmptyQueue();
        ofRates.add(requests / ((System.nanoTime() - committed) / 1e9));
        ofCpus.add(worker.cpu().since(before).all() / requests * 10_000);
        database.checkResponses(requests);
    }

    private static List<Double> latencies(Roundtrip client, int requests) throws SQLException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Thread.sleep(IDLE_MILLIS);
            millis.add(client.millisToResponse());
        }
        return millis;
    }
}
