package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Fast requests that are committed together with slow ones, which come first. */
final class SlowNeighbours implements Scenario {
    private static final int FAST = 500;

    @Override
    public String name() {
        return "neighbours";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        List<Double> alone = new ArrayList<>();
        List<Double> besideOneSlow = new ArrayList<>();
        List<Double> besideDeadHost = new ArrayList<>();
        String fast = bench.nginx().url("/");
        String slow = bench.nginx().url("/delay/5000");
        try (Database database = Database.start();
                DeadHost dead = new DeadHost()) {
            for (int i = 0; i < 10; i++) {
                seconds(database, fast, slow, 0);
            }
            // One of these takes some ten milliseconds: more rounds, so that one hiccup does not decide.
            for (int round = 0; round < 7 * bench.rounds(); round++) {
                alone.add(seconds(database, fast, slow, 0));
                besideOneSlow.add(seconds(database, fast, slow, 1));
                besideDeadHost.add(seconds(database, fast, dead.url(), 50));
            }
        }
        return List.of(
                row("500 fast requests committed with one that takes 5 s", besideOneSlow, alone, "7 s"),
                row("500 fast requests committed with 50 to a dead host", besideDeadHost, alone, ""));
    }

    private static Row row(String what, List<Double> seconds, List<Double> alone, String before) {
        return Row.ofRatio(
                what + ": commit to last of the fast visible",
                Figures.millis(1000 * Figures.median(seconds)),
                "without: " + Figures.millis(1000 * Figures.median(alone)),
                Figures.medianRatio(seconds, alone),
                Bound.atMost(1.2),
                before);
    }

    private static double seconds(Database database, String fast, String slow, int slowCount) throws SQLException {
        database.execute("BEGIN");
        database.get(slowCount, slow);
        String ids = database.query(
                        "SELECT array_agg(net.http_get('" + fast + "')) FROM generate_series(1, " + FAST + ")")
                .orElseThrow();
        database.execute("COMMIT");
        long committed = System.nanoTime();
        long answered = database.number("SELECT count(*) FROM net.await('" + ids + "') WHERE status_code = 200");
        double seconds = (System.nanoTime() - committed) / 1e9;
        if (answered != FAST) {
            throw new AssertionError(answered + " of " + FAST + " fast requests were answered");
        }
        database.execute("SELECT net.cancel(id) FROM net.http_request_queue");
        database.awaitEmptyQueue();
        return seconds;
    }
}
