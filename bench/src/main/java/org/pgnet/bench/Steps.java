package org.pgnet.bench;

import java.util.ArrayList;
import java.util.List;

/** Where the time of one request goes. Gives no row of the table, but two tables to be printed below it. */
final class Steps implements Scenario {
    @Override
    public String name() {
        return "steps";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        bench.addBelow(table(
                "Where the time of one request of a burst goes, in microseconds of its session or of the worker's threads:",
                new BurstSteps().measure(bench)));
        bench.addBelow(table("Where the time of one request from idle goes, median:", new IdleSteps().measure(bench)));
        return List.of();
    }

    private static String table(String title, List<Step> steps) {
        List<String> lines = new ArrayList<>();
        lines.add(title);
        lines.add("");
        lines.add("| step | pg_net | limit | what they are |");
        lines.add("| --- | --- | --- | --- |");
        for (Step step : steps) {
            lines.add("| " + step.name() + " | " + step.figure() + " | " + step.limit() + " | " + step.explanation()
                    + " |");
        }
        return String.join("\n", lines) + "\n";
    }

    /**
     * A step on a request's way.
     *
     * @param figure what it takes
     * @param limit what nobody could do without; empty when there is no such figure
     * @param explanation what both are, for the table's reader
     */
    record Step(String name, String figure, String limit, String explanation) {}
}
