package org.pgnet.bench;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A server that starts with a request in its queue. */
final class WorkerStart implements Scenario {
    private static final double LIMIT_MILLIS = 500;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        List<Double> millis = new ArrayList<>();
        try (Database database = Database.start("track_commit_timestamp = on")) {
            for (int round = 0; round < bench.rounds(); round++) {
                database.clean();
                database.set("pg_net.batch_size", "0");
                database.get(1, bench.nginx().url("/"));
                database.execute("ALTER SYSTEM RESET pg_net.batch_size");
                database.stop();
                double before = epochSeconds(Instant.now());
                database.startAgain();
                database.awaitEmptyQueue();
                database.checkResponses(1);
                millis.add((committed(database) - before) * 1000);
            }
        }
        double median = Figures.median(millis);
        return List.of(Row.ofFigure(
                "worker start: from the start of the server (pg_ctl included) to the commit of the response to a"
                        + " request queued before",
                Figures.millis(median),
                "under 500 ms",
                median < LIMIT_MILLIS,
                ""));
    }

    /** PostgreSQL's clock is the machine's, as this program's is. */
    private static double committed(Database database) throws SQLException {
        return database.numbers("SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM net._http_response")
                .get(0);
    }

    private static double epochSeconds(Instant instant) {
        return instant.getEpochSecond() + instant.getNano() / 1e9;
    }
}
