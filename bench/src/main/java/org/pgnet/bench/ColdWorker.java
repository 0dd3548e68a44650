package org.pgnet.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.testkit.machine.Eventually;

/** What is asked of a worker that has just started, or that a request starts. */
final class ColdWorker implements Scenario {
    private static final double SINGLE_LIMIT_MILLIS = 1.5;
    private static final double WAKE_LIMIT_MILLIS = 150;
    private static final int PAUSE_MILLIS = 1_000;
    private static final String WORKERS =
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE '%pg_net%' AND datname = 'postgres'";

    @Override
    public String name() {
        return "cold";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        return List.of(singles(bench), wakes(bench));
    }

    /** The first requests of a worker. */
    private static Row singles(Bench bench) throws SQLException, InterruptedException {
        int requests = bench.count(20, 3);
        List<Double> medians = new ArrayList<>();
        List<Double> firsts = new ArrayList<>();
        for (int round = 0; round < bench.rounds(); round++) {
            try (Database database = Database.start();
                    Roundtrip client =
                            new Roundtrip(database.connect(), bench.nginx().url("/"))) {
                List<Double> millis = new ArrayList<>();
                for (int i = 0; i < requests; i++) {
                    millis.add(client.millisToResponse());
                    Thread.sleep(PAUSE_MILLIS);
                }
                medians.add(Figures.median(millis));
                firsts.add(millis.get(0));
            }
        }
        double median = Figures.median(medians);
        return Row.ofFigure(
                "the first " + requests + " requests of a worker, one a second: commit to response visible",
                "p50 " + Figures.millis(median) + ", the first " + Figures.millis(Figures.median(firsts)),
                "p50 at most 1.5 ms",
                median <= SINGLE_LIMIT_MILLIS,
                "p50 1.5 ms");
    }

    /** A worker that has ended, since nothing was asked of it. */
    private static Row wakes(Bench bench) throws SQLException {
        List<Double> millis = new ArrayList<>();
        try (Database database = Database.start("pg_net.idle_stop = 1");
                Roundtrip client =
                        new Roundtrip(database.connect(), bench.nginx().url("/"))) {
            for (int i = 0; i < bench.count(9, 1); i++) {
                Eventually.until(
                        "the worker ends",
                        Duration.ofSeconds(30),
                        () -> database.query(WORKERS).equals(Optional.of("0")));
                millis.add(client.millisToResponse());
            }
        }
        double median = Figures.median(millis);
        return Row.ofFigure(
                "a request that starts a worker which had ended (pg_net.idle_stop): commit to response visible",
                Figures.millis(median),
                "at most 150 ms",
                median <= WAKE_LIMIT_MILLIS,
                "");
    }
}
