package org.pgnet.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.pgnet.server.database.History;
import org.pgnet.server.database.Row;

/**
 * Started, failed and waiting of the last hour, in steps of ten seconds: out of the samples of this process where it has any, else
 * out of the responses that are stored. A step that nothing is known of is null.
 */
record Curves(List<Long> seconds, List<Double> started, List<Double> failed, List<Long> waiting) {
    private static final Duration SPAN = Duration.ofHours(1);
    private static final int STEP = 10;

    static Curves of(List<Row> past, List<History.Sample> samples, Instant now) {
        long end = now.getEpochSecond() / STEP;
        long begin = end - SPAN.toSeconds() / STEP;
        TreeMap<Long, double[]> perSecond = new TreeMap<>();
        for (Row minute : past) {
            long first = minute.moment("minute").orElse(now).getEpochSecond() / STEP;
            for (long step = first; step < first + 60 / STEP && step <= end; step++) {
                perSecond.put(
                        step, new double[] {minute.numberOr("started", 0) / 60.0, minute.numberOr("failed", 0) / 60.0});
            }
        }
        TreeMap<Long, Long> waiting = new TreeMap<>();
        TreeMap<Long, History.Sample> last = new TreeMap<>();
        for (History.Sample sample : samples) {
            long step = sample.at().getEpochSecond() / STEP;
            waiting.put(step, sample.waiting());
            last.put(step, sample);
        }
        for (Long step : last.keySet()) {
            History.Sample before = last.get(step - 1);
            History.Sample sample = last.get(step);
            if (before != null && sample.started() >= before.started()) {
                double elapsed =
                        Math.max(1, Duration.between(before.at(), sample.at()).toMillis() / 1000.0);
                perSecond.put(step, new double[] {
                    (sample.started() - before.started()) / elapsed,
                    Math.max(0, sample.failed() - before.failed()) / elapsed
                });
            }
        }
        return ofSteps(begin, end, perSecond, waiting);
    }

    private static Curves ofSteps(
            long begin, long end, TreeMap<Long, double[]> perSecond, TreeMap<Long, Long> waiting) {
        Curves curves = new Curves(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (long step = begin; step <= end; step++) {
            double[] rates = perSecond.get(step);
            curves.seconds.add(step * STEP);
            curves.started.add(rates == null ? null : round(rates[0]));
            curves.failed.add(rates == null ? null : round(rates[1]));
            curves.waiting.add(waiting.get(step));
        }
        return curves;
    }

    /** Four lists of the same length, as uPlot takes them. */
    String json() {
        return "[" + list(seconds) + "," + list(started) + "," + list(failed) + "," + list(waiting) + "]";
    }

    /** For those who do not see the curves. */
    String inWords() {
        return "The last hour: at most " + Format.decimal(most(started)) + " requests a second started, at most "
                + Format.decimal(most(failed)) + " a second failed.";
    }

    private static double most(List<Double> values) {
        return values.stream()
                .mapToDouble(value -> value == null ? 0 : value)
                .max()
                .orElse(0);
    }

    private static double round(double value) {
        return Math.round(value * 100) / 100.0;
    }

    private static String list(List<?> values) {
        StringJoiner joiner = new StringJoiner(",", "[", "]");
        values.forEach(value -> joiner.add(String.valueOf(value)));
        return joiner.toString();
    }
}
