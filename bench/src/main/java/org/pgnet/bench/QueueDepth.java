package org.pgnet.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whether a long queue slows the worker, and whether a transaction that keeps dead rows from being removed does. */
final class QueueDepth implements Scenario {
    private static final int SAMPLE_MILLIS = 20;

    @Override
    public String name() {
        return "depth";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        int requests = bench.count(1_000_000, 20_000);
        List<Double> firstRates = new ArrayList<>();
        List<Double> lastRates = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        List<Double> pinnedRates = new ArrayList<>();
        try (Database database = Database.start("pg_net.batch_size = 0")) {
            for (int round = 0; round < bench.rounds(); round++) {
                Progress progress = drain(database, bench, requests);
                firstRates.add(progress.rate(0, requests / 10));
                lastRates.add(progress.rate(requests - requests / 10, requests));
                rates.add(progress.rate(0, requests));
                pinnedRates.add(drainPinned(database, bench, requests).rate(0, requests));
            }
        }
        return List.of(
                Row.ofRatio(
                        "queue depth: %,d queued, rate over the last tenth".formatted(requests),
                        Figures.rate(Figures.median(lastRates)),
                        "first tenth: " + Figures.rate(Figures.median(firstRates)),
                        Figures.medianRatio(lastRates, firstRates),
                        Bound.atLeast(0.9),
                        ""),
                Row.ofRatio(
                        "the same with an open REPEATABLE READ transaction that pins xmin, rate over all",
                        Figures.rate(Figures.median(pinnedRates)),
                        "without: " + Figures.rate(Figures.median(rates)),
                        Figures.medianRatio(pinnedRates, rates),
                        Bound.atLeast(0.9),
                        ""));
    }

    private static Progress drainPinned(Database database, Bench bench, int requests) throws Exception {
        try (Connection pinning = database.connect();
                Statement statement = pinning.createStatement()) {
            database.clean();
            pinning.setAutoCommit(false);
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SELECT count(*) FROM pg_class");
            return drain(database, bench, requests);
        }
    }

    /** Queues the requests while nothing is sent, then lets the worker send. */
    private static Progress drain(Database database, Bench bench, int requests) throws Exception {
        database.execute("TRUNCATE net._http_response, net.http_request_queue");
        for (int part = 0; part < 10; part++) {
            database.get(requests / 10, bench.nginx().url("/"));
        }
        database.execute("CHECKPOINT");
        database.set("pg_net.batch_size", "200");
        Progress progress = new Progress(database);
        while (progress.done() < requests) {
            Thread.sleep(SAMPLE_MILLIS);
            progress.sample();
        }
        database.set("pg_net.batch_size", "0");
        database.checkResponses(requests);
        return progress;
    }

    /** How many requests were done when. */
    private static final class Progress {
        private final Database database;
        private final long begin;
        private final TreeMap<Long, Long> nanosByDone = new TreeMap<>();

        Progress(Database database) throws SQLException {
            this.database = database;
            begin = count();
            nanosByDone.put(0L, System.nanoTime());
        }

        /** Costs nothing: the counters are in shared memory. */
        void sample() throws SQLException {
            long done = count() - begin;
            if (done == 0) {
                nanosByDone.put(0L, System.nanoTime());
            } else {
                nanosByDone.putIfAbsent(done, System.nanoTime());
            }
        }

        long done() {
            return nanosByDone.lastKey();
        }

        /** Requests a second between two numbers of them done. */
        double rate(long from, long to) {
            return (to - from) / ((nanosAt(to) - nanosAt(from)) / 1e9);
        }

        private double nanosAt(long done) {
            Map.Entry<Long, Long> before = nanosByDone.floorEntry(done);
            Map.Entry<Long, Long> after = nanosByDone.ceilingEntry(done);
            if (before.equals(after)) {
                return before.getValue();
            }
            double part = (double) (done - before.getKey()) / (after.getKey() - before.getKey());
            return before.getValue() + part * (after.getValue() - before.getValue());
        }

        private long count() throws SQLException {
            return database.number("SELECT done FROM net._worker_counters()");
        }
    }
}
