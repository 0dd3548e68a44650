package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One request after the other: from idle, and without a pause. */
final class Latency implements Scenario {
    private static final int IDLE_MILLIS = 30;

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        Percentiles idle = new Percentiles();
        Percentiles busy = new Percentiles();
        int requests = bench.count(200, 20);
        String url = bench.nginx().url("/");
        double curlMillis =
                1000 * Programs.curlMulti(10 * requests, 1, List.of(url)).seconds() / (10 * requests);
        String reference = "C program, one after the other: " + Figures.millis(curlMillis);
        try (Database database = Database.start();
                Roundtrip client = new Roundtrip(database.connect(), url)) {
            measure(client, requests, 0);
            for (int round = 0; round < bench.rounds(); round++) {
                idle.addRound(measure(client, requests, IDLE_MILLIS));
                busy.addRound(measure(client, 5 * requests, 0));
            }
        }
        return List.of(
                idle.row(
                        "one request from idle: commit to response visible", reference, 2, 5, "p50 1.9 ms, p99 2.8 ms"),
                busy.row("one request after the other: commit to response visible", reference, 2, 5, "p50 1,001 ms"));
    }

    private static List<Double> measure(Roundtrip client, int requests, int pauseMillis)
            throws SQLException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Thread.sleep(pauseMillis);
            millis.add(client.millisToResponse());
        }
        return millis;
    }
}
