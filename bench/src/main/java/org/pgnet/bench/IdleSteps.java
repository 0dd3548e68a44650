package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.bench.Steps.Step;

/**
 * How long each step of a single request takes that finds the worker asleep. All moments are the server's: timestamps of
 * the two commits, of the response, and the clock when the waiting session goes on.
 */
final class IdleSteps {
    private static final int IDLE_MILLIS = 30;
    private static final int IN_TURN = 1;

    /** The transaction's own id, by which its commit is found afterwards. */
    private static final String GET = "SELECT concat_ws(' ', net.http_get('%s'), pg_current_xact_id()::xid)";

    private static final String WAIT =
            "SELECT extract(epoch FROM clock_timestamp()) FROM net.http_collect_response(%d, async := false)";

    private static final String MOMENTS = """
            SELECT unnest(ARRAY[
                extract(epoch FROM pg_xact_commit_timestamp('%s'::xid)),
                extract(epoch FROM created - duration),
                extract(epoch FROM created),
                extract(epoch FROM pg_xact_commit_timestamp(
                    (SELECT r.xmin FROM net._http_response r WHERE r.id = responses.id)))])
            FROM net.responses WHERE id = %d""";

    private final List<List<Double>> seconds =
            List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

    List<Step> measure(Bench bench) throws SQLException, InterruptedException {
        String url = bench.nginx().url("/");
        int requests = bench.count(300, 20);
        double limit = Programs.curlMulti(10 * requests, IN_TURN, List.of(url)).seconds() / (10 * requests);
        // Not that the disk's time to flush the commit is measured: it lies between the commit and its hand-over.
        try (Database database = Database.start("track_commit_timestamp = on", "synchronous_commit = off")) {
            for (int i = 0; i < requests; i++) {
                measureOne(database, url);
            }
            seconds.forEach(List::clear);
            for (int i = 0; i < requests; i++) {
                Thread.sleep(IDLE_MILLIS);
                measureOne(database, url);
            }
        }
        return List.of(
                step(0, "hand-over and fetch", "", "commit of the request to begin of the transfer"),
                step(1, "transfer", Figures.micros(limit), "its duration; of the C program, one request at a time"),
                step(2, "record", "", "end of the transfer to commit of the response"),
                step(3, "wake-up", "", "commit of the response to return of `http_collect_response`"));
    }

    private void measureOne(Database database, String url) throws SQLException {
        String[] request = database.query(GET.formatted(url)).orElseThrow().split(" ");
        long id = Long.parseLong(request[0]);
        double returned = database.numbers(WAIT.formatted(id)).get(0);
        List<Double> moments = new ArrayList<>(database.numbers(MOMENTS.formatted(request[1], id)));
        moments.add(returned);
        for (int i = 0; i < seconds.size(); i++) {
            seconds.get(i).add(moments.get(i + 1) - moments.get(i));
        }
    }

    private Step step(int index, String name, String limit, String explanation) {
        return new Step(name, Figures.micros(Figures.median(seconds.get(index))), limit, explanation);
    }
}
