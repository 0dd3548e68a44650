package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Thousands of requests that each take a second, all in flight at once. */
final class ManyHosts implements Scenario {
    private static final double LIMIT_SECONDS = 2.5;

    @Override
    public String name() {
        return "hosts";
    }

    @Override
    public List<Row> run(Bench bench) throws SQLException {
        List<String> urls = bench.nginx().hosts("/delay/1000");
        int requests = bench.count(5_000, 500);
        String array = urls.stream().map(url -> "'" + url + "'").collect(Collectors.joining(", "));
        String enqueue = "SELECT count(net.http_get(url, " + Database.PATIENTLY + ")) FROM generate_series(1, "
                + requests / urls.size() + "), unnest(ARRAY[" + array + "]) url";
        List<Double> seconds = new ArrayList<>();
        List<Double> curlSeconds = new ArrayList<>();
        try (Database database = Database.start("pg_net.batch_size = 5000")) {
            for (int round = 0; round < bench.rounds(); round++) {
                curlSeconds.add(Programs.curlMulti(requests, requests, urls).seconds());
                database.clean();
                database.execute(enqueue);
                long committed = System.nanoTime();
                database.awaitEmptyQueue();
                seconds.add((System.nanoTime() - committed) / 1e9);
                database.checkResponses(requests);
            }
        }
        double median = Figures.median(seconds);
        return List.of(Row.ofFigure(
                "%,d requests that each take 1 s, over 100 hosts, batch_size 5000: commit to last response visible"
                        .formatted(requests),
                Figures.seconds(median),
                "C program: " + Figures.seconds(Figures.median(curlSeconds)),
                "at most 2.5 s",
                median <= LIMIT_SECONDS,
                "with the usual 1,024 descriptors 47 % fail"));
    }
}
