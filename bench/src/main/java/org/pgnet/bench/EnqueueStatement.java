package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Many requests in one statement, beside an INSERT of the same rows. Nothing is sent meanwhile. */
final class EnqueueStatement implements Scenario {
    @Override
    public String name() {
        return "enqueue";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        List<Double> seconds = new ArrayList<>();
        List<Double> bareSeconds = new ArrayList<>();
        int requests = bench.count(100_000, 5_000);
        String url = bench.nginx().url("/");
        String series = " FROM generate_series(1, " + requests + ")";
        try (Database database = Database.start("pg_net.batch_size = 0")) {
            for (int round = 0; round < bench.rounds(); round++) {
                database.clean();
                bareSeconds.add(database.timed(Database.BARE_INSERT.formatted(url) + series));
                seconds.add(database.timed("SELECT count(net.http_get('" + url + "'))" + series));
            }
        }
        return List.of(Row.ofRatio(
                "enqueue: %,d http_get in one statement".formatted(requests),
                Figures.seconds(Figures.median(seconds)),
                "INSERT of the same rows: " + Figures.seconds(Figures.median(bareSeconds)),
                Figures.medianRatio(seconds, bareSeconds),
                Bound.atMost(2.5),
                "12 times"));
    }
}
