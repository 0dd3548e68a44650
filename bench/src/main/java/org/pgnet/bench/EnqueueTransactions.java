package org.pgnet.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * One request in each transaction, beside an INSERT of the same row. Nothing is sent meanwhile, but for the row that says
 * what sending costs: on a machine with few processors client, sessions, worker and HTTP server share them.
 */
final class EnqueueTransactions implements Scenario {
    /** One second alone is what the machine makes of it. */
    private static final int SECONDS = 3;

    @Override
    public String name() {
        return "transactions";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException, IOException {
        List<Row> rows = new ArrayList<>();
        try (Database database = Database.start("pg_net.batch_size = 0")) {
            rows.addAll(measure(bench, database, 1, "0.14"));
            rows.addAll(measure(bench, database, 4, "0.2"));
        }
        try (Database database = Database.start()) {
            rows.add(measureSending(bench, database));
        }
        return rows;
    }

    private static List<Row> measure(Bench bench, Database database, int connections, String before)
            throws SQLException, IOException {
        List<Double> rates = new ArrayList<>();
        List<Double> bareRates = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        List<Double> last = new ArrayList<>();
        String url = bench.nginx().url("/");
        for (int round = 0; round < bench.rounds(); round++) {
            database.clean();
            bareRates.add(PgBench.run(database, Database.BARE_INSERT.formatted(url), connections, bench.count(5, 2))
                    .rate());
            database.clean();
            PgBench run = PgBench.run(database, "SELECT net.http_get('" + url + "')", connections, bench.count(30, 2));
            rates.add(run.rate());
            int seconds = run.perSecond().size();
            first.add(Figures.median(run.perSecond().subList(0, Math.min(SECONDS, seconds))));
            last.add(Figures.median(run.perSecond().subList(Math.max(0, seconds - SECONDS), seconds)));
        }
        String sessions = connections == 1 ? "1 connection" : connections + " connections";
        return List.of(
                Row.ofRatio(
                        "enqueue: one per transaction, %s, 30 s, synchronous_commit off".formatted(sessions),
                        Figures.rate(Figures.median(rates)),
                        "INSERT of the same row: " + Figures.rate(Figures.median(bareRates)),
                        Figures.medianRatio(rates, bareRates),
                        Bound.atLeast(0.6),
                        before),
                Row.ofRatio(
                        "the same, %s: rate of a second, median of the last %d".formatted(sessions, SECONDS),
                        Figures.rate(Figures.median(last)),
                        "of the first %d: %s".formatted(SECONDS, Figures.rate(Figures.median(first))),
                        Figures.medianRatio(last, first),
                        Bound.atLeast(0.95),
                        connections == 1 ? "0.19 in the 20th second" : ""));
    }

    private static Row measureSending(Bench bench, Database database) throws SQLException, IOException {
        List<Double> rates = new ArrayList<>();
        List<Double> bareRates = new ArrayList<>();
        String url = bench.nginx().url("/");
        int seconds = bench.count(5, 2);
        for (int round = 0; round < bench.rounds(); round++) {
            database.clean();
            bareRates.add(PgBench.run(database, Database.BARE_INSERT.formatted(url), 4, seconds)
                    .rate());
            rates.add(PgBench.run(database, "SELECT net.http_get('" + url + "')", 4, seconds)
                    .rate());
            database.awaitEmptyQueue();
        }
        return Row.information(
                "the same, 4 connections, 5 s, while the worker sends them on the same processors",
                Figures.rate(Figures.median(rates)),
                "INSERT of the same row: " + Figures.rate(Figures.median(bareRates)),
                Figures.medianRatio(rates, bareRates));
    }
}
