package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Responses of megabytes, which PostgreSQL compresses and stores beside the table. */
final class LargeResponses implements Scenario {
    @Override
    public String name() {
        return "large";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        int requests = bench.count(200, 10);
        String url = bench.nginx().url("/large");
        List<Double> rates = new ArrayList<>();
        List<Double> curlRates = new ArrayList<>();
        String compression = "";
        try (Database database = Database.start()) {
            for (int round = 0; round < bench.rounds(); round++) {
                curlRates.add(Programs.curlMulti(requests, Burst.CONNECTIONS, List.of(url))
                        .rate());
                rates.add(rate(database, requests, url));
                compression = database.query("SELECT pg_column_compression(content) FROM net._http_response LIMIT 1")
                        .orElse("nothing");
            }
        }
        return List.of(Row.ofRatio(
                "%d responses of 5 MB (the table compresses with %s): commit to last response visible"
                        .formatted(requests, compression),
                Figures.rate(Figures.median(rates)),
                "C program, %d connections: %s".formatted(Burst.CONNECTIONS, Figures.rate(Figures.median(curlRates))),
                Figures.medianRatio(rates, curlRates),
                Bound.atLeast(0.35),
                ""));
    }

    private static double rate(Database database, int requests, String url) throws SQLException {
        database.clean();
        database.get(requests, url);
        long committed = System.nanoTime();
        database.awaitEmptyQueue();
        double seconds = (System.nanoTime() - committed) / 1e9;
        database.checkResponses(requests);
        long length = database.number("SELECT octet_length(content) FROM net._http_response LIMIT 1");
        if (length != Nginx.LARGE_BYTES) {
            throw new AssertionError("a response of " + length + " bytes");
        }
        return requests / seconds;
    }
}
