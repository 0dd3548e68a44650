package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Requests that come at a steady rate, one transaction each, whether those before are answered or not. */
final class SteadyArrival implements Scenario {
    private static final double P50_MILLIS = 3;
    private static final double P99_MILLIS = 20;

    /** More waits for responses a second than this would load the machine more than what is measured. */
    private static final int WAITS_PER_SECOND = 300;

    /** When the sessions do not keep to the timetable, what was measured is not what was to be. */
    private static final double LEAST_REACHED = 0.97;

    /** What is left over this long after the last commit is left over. */
    private static final long REST_MILLIS = (long) P99_MILLIS;

    @Override
    public String name() {
        return "steady";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        List<Row> rows = new ArrayList<>();
        String url = bench.nginx().url("/");
        try (Database database = Database.start()) {
            new Arrival(database, url, 500, 1).run();
            rows.add(measure(bench, database, 20, "p50 507 to 523 ms, p99 980 to 1,013 ms"));
            rows.add(measure(bench, database, 150, "p50 507 to 523 ms, p99 980 to 1,013 ms"));
            rows.add(measure(bench, database, 1000, "falls behind without end"));
            rows.add(measure(bench, database, 3000, "falls behind without end"));
        }
        return rows;
    }

    private static Row measure(Bench bench, Database database, int perSecond, String before) throws Exception {
        Percentiles latencies = new Percentiles();
        List<Double> leftOver = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int round = 0; round < bench.rounds(); round++) {
            database.clean();
            Arrival arrival = new Arrival(database, bench.nginx().url("/"), perSecond, bench.count(10, 1));
            latencies.addRound(arrival.run());
            rates.add(arrival.rate());
            Thread.sleep(REST_MILLIS);
            leftOver.add((double) database.number("SELECT count(*) FROM net.http_request_queue"));
            database.awaitEmptyQueue();
            // Every session made one more, before the timetable began.
            database.checkResponses(arrival.requests + arrival.sessions);
        }
        double left = Figures.median(leftOver);
        double reached = Figures.median(rates);
        return Row.ofFigure(
                "steady arrival, one commit each, %,d/s for 10 s (reached: %s)"
                        .formatted(perSecond, Figures.rate(reached)),
                latencies.figure() + ", left over " + Figures.plain(left),
                "p50 at most 3 ms, p99 at most 20 ms, nothing left over",
                latencies.hold(P50_MILLIS, P99_MILLIS) && left == 0 && reached >= LEAST_REACHED * perSecond,
                before);
    }

    /** Several sessions that keep to one timetable. */
    private static final class Arrival {
        private final Database database;
        private final String url;
        private final int perSecond;
        private final int requests;
        private final int sessions;
        private final int waitEvery;
        private long start;
        private long end;

        Arrival(Database database, String url, int perSecond, int seconds) {
            this.database = database;
            this.url = url;
            this.perSecond = perSecond;
            requests = perSecond * seconds;
            sessions = Math.min(24, 2 + perSecond / 100);
            waitEvery = Math.max(1, perSecond / WAITS_PER_SECOND);
        }

        /** The latencies, in milliseconds, of the requests that were waited for. */
        List<Double> run() throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(sessions);
            try {
                List<Roundtrip> clients = new ArrayList<>();
                for (int i = 0; i < sessions; i++) {
                    clients.add(new Roundtrip(database.connect(), url));
                    clients.get(i).millisToResponse();
                }
                start = System.nanoTime();
                List<Future<List<Double>>> results = new ArrayList<>();
                for (int i = 0; i < sessions; i++) {
                    int session = i;
                    results.add(threads.submit(() -> runSession(clients.get(session), session)));
                }
                List<Double> millis = new ArrayList<>();
                for (Future<List<Double>> result : results) {
                    millis.addAll(result.get());
                }
                end = System.nanoTime();
                for (Roundtrip client : clients) {
                    client.close();
                }
                return millis;
            } finally {
                threads.shutdownNow();
                threads.awaitTermination(10, TimeUnit.SECONDS);
            }
        }

        double rate() {
            return requests / ((end - start) / 1e9);
        }

        private List<Double> runSession(Roundtrip client, int session) throws SQLException {
            List<Double> millis = new ArrayList<>();
            for (int i = session; i < requests; i += sessions) {
                sleepUntil(start + i * 1_000_000_000L / perSecond);
                if (i / sessions % waitEvery == 0) {
                    millis.add(client.millisToResponse());
                } else {
                    client.commit();
                }
            }
            return millis;
        }

        private static void sleepUntil(long nanoTime) {
            for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }
}
