package org.pgnet.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How long after a response's commit the sessions that wait for it go on. Both moments are the server's: the commit's
 * timestamp that PostgreSQL keeps, and the clock when the function has returned.
 */
final class Collect implements Scenario {
    private static final String WAIT = "SELECT extract(epoch FROM statement_timestamp()),"
            + " extract(epoch FROM clock_timestamp()) FROM net.http_collect_response(?, async := false)";
    private static final String COMMITTED =
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM net._http_response WHERE id = ";

    @Override
    public String name() {
        return "collect";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (Database database = Database.start("track_commit_timestamp = on", "max_connections = 220")) {
            rows.add(measure(bench, database, 1, bench.nginx().url("/delay/50"), bench.count(60, 5), 1));
            rows.add(measure(bench, database, 200, bench.nginx().url("/delay/500"), bench.count(5, 1), 5));
        }
        return rows;
    }

    private static Row measure(
            Bench bench, Database database, int sessions, String url, int requests, double limitMillis)
            throws Exception {
        List<Double> medians = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(sessions);
        List<Connection> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < sessions; i++) {
                waiting.add(database.connect());
            }
            awaken(database, waiting, threads, url);
            for (int round = 0; round < bench.rounds(); round++) {
                List<Double> millis = new ArrayList<>();
                for (int i = 0; i < requests; i++) {
                    millis.addAll(awaken(database, waiting, threads, url));
                }
                medians.add(Figures.median(millis));
            }
        } finally {
            threads.shutdownNow();
            for (Connection connection : waiting) {
                connection.close();
            }
        }
        double median = Figures.median(medians);
        return Row.ofFigure(
                "http_collect_response(id, async := false) returns after the response's commit, %s"
                        .formatted(sessions == 1 ? "1 waiter" : sessions + " waiters whose responses come at once"),
                "p50 " + Figures.millis(median),
                "p50 at most %s ms".formatted(Figures.plain(limitMillis)),
                median <= limitMillis,
                "looks every 50 ms");
    }

    /** Has every session wait for a response of its own; milliseconds from each one's commit to its session's return. */
    private static List<Double> awaken(
            Database database, List<Connection> sessions, ExecutorService threads, String url) throws Exception {
        List<Double> ids =
                database.numbers("SELECT net.http_get('" + url + "') FROM generate_series(1, " + sessions.size() + ")");
        List<Future<Wait>> waits = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            Connection session = sessions.get(i);
            long id = ids.get(i).longValue();
            waits.add(threads.submit(() -> await(session, id)));
        }
        List<Double> millis = new ArrayList<>();
        for (Future<Wait> future : waits) {
            Wait wait = future.get();
            double committed = database.numbers(COMMITTED + wait.id()).get(0);
            if (committed < wait.began()) {
                throw new AssertionError("response " + wait.id() + " was there before its session waited");
            }
            millis.add((wait.returned() - committed) * 1000);
        }
        return millis;
    }

    private static Wait await(Connection session, long id) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(WAIT)) {
            statement.setLong(1, id);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Wait(id, row.getDouble(1), row.getDouble(2));
            }
        }
    }

    /** A wait for a response; the server's clock, in seconds. */
    private record Wait(long id, double began, double returned) {}
}
