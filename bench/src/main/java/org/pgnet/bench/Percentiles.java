package org.pgnet.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The 50th and the 99th percentile of each round's latencies, in milliseconds. */
final class Percentiles {
    private final List<Double> p50 = new ArrayList<>();
    private final List<Double> p99 = new ArrayList<>();

    void addRound(Collection<Double> millis) {
        p50.add(Figures.percentile(millis, 50));
        p99.add(Figures.percentile(millis, 99));
    }

    /** The medians of the rounds. */
    String figure() {
        return "p50 " + Figures.millis(Figures.median(p50)) + ", p99 " + Figures.millis(Figures.median(p99));
    }

    boolean hold(double p50Limit, double p99Limit) {
        return Figures.median(p50) <= p50Limit && Figures.median(p99) <= p99Limit;
    }

    /** A row that is judged by both. */
    Row row(String what, String reference, double p50Limit, double p99Limit, String before) {
        String bound = "p50 at most " + Figures.plain(p50Limit) + " ms, p99 at most " + Figures.plain(p99Limit) + " ms";
        return Row.ofFigure(what, figure(), reference, bound, hold(p50Limit, p99Limit), before);
    }
}
