package org.pgnet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the scenarios, or the one that the system property {@code row} names, and prints the table. A whole run writes
 * {@code docs/benchmarks.md}; with the system property {@code quick} it checks in one small round that all of it works,
 * says nothing about speed, and writes nothing.
 */
public final class Bench {
    private static final List<Scenario> SCENARIOS = List.of(
            new Burst(),
            new Latency(),
            new RulesOfHosts(),
            new SteadyArrival(),
            new SlowNeighbours(),
            new EnqueueStatement(),
            new EnqueueTransactions(),
            new TableWebhook(),
            new QueueDepth(),
            new ManyHosts(),
            new LargeResponses(),
            new Collect(),
            new WorkerStart(),
            new ColdWorker(),
            new Memory(),
            // The last, because it binds nginx to processors.
            new Steps());

    private final Nginx nginx;
    private final boolean quick;
    private final List<String> below = new ArrayList<>();

    private Bench(Nginx nginx, boolean quick) {
        this.nginx = nginx;
        this.quick = quick;
    }

    /** Exits with 1 when something does not work; a bound that is missed is said in the table alone. */
    public static void main(String[] arguments) throws Exception {
        String only = System.getProperty("row", "");
        boolean quick = Boolean.getBoolean("quick");
        List<Scenario> chosen = SCENARIOS.stream()
                .filter(scenario -> only.isEmpty() || scenario.name().equals(only))
                .toList();
        if (chosen.isEmpty()) {
            System.err.println("There is no row " + only + "; there are: "
                    + String.join(", ", SCENARIOS.stream().map(Scenario::name).toList()));
            System.exit(2);
        }
        try (Nginx nginx = Nginx.start()) {
            new Bench(nginx, quick).run(chosen);
        }
    }

    private void run(List<Scenario> scenarios) throws Exception {
        long start = System.nanoTime();
        List<Row> rows = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            System.out.println("-- " + scenario.name());
            List<Row> measured = scenario.run(this);
            measured.forEach(row -> System.out.println("   " + Page.line(row)));
            rows.addAll(measured);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (scenarios.equals(SCENARIOS)) {
            String results = Page.generated(rows, below, took);
            System.out.println("\n" + results);
            if (!quick) {
                Page.write(results);
            }
        }
    }

    Nginx nginx() {
        return nginx;
    }

    /** How often each figure and its reference are measured: an odd number, of which the median counts. */
    int rounds() {
        return quick ? 1 : 3;
    }

    /** As many as wanted, or few when nothing but the machinery is checked. */
    int count(int wanted, int few) {
        return quick ? few : wanted;
    }

    /** Adds what is to stand below the table, in Markdown. */
    void addBelow(String markdown) {
        System.out.println(markdown);
        below.add(markdown);
    }
}
