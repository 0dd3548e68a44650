package org.pgnet.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.pgnet.server.database.History;
import org.pgnet.server.database.Row;

/**
 * Started, failed and waiting of the last hour, in steps of ten seconds: out of the samples of this process where it has any, else
 * out of the responses that are stored. A step that nothing is known of is null. A step does not change once it has begun but for
 * its rates, which are known when the next one begins: so curves are sent anew once in a step.
 */
record Curves(List<Long> seconds, List<Double> started, List<Double> failed, List<Long> waiting) {
    private static final Duration SPAN = Duration.ofHours(1);
    private static final int STEP = (int) History.STEP.toSeconds();

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
        for (int i = 0; i < samples.size(); i++) {
            History.Sample sample = samples.get(i);
            waiting.put(sample.step(), sample.waiting());
            if (i > 0 && samples.get(i - 1).step() == sample.step() - 1) {
                rates(samples.get(i - 1), sample).ifPresent(rates -> perSecond.put(sample.step() - 1, rates));
            }
        }
        return ofSteps(begin, end, perSecond, waiting);
    }

    /** None where counting began anew. */
    private static Optional<double[]> rates(History.Sample from, History.Sample to) {
        if (to.started() < from.started()) {
            return Optional.empty();
        }
        double elapsed = Math.max(1, Duration.between(from.at(), to.at()).toMillis() / 1000.0);
        return Optional.of(new double[] {
            (to.started() - from.started()) / elapsed, Math.max(0, to.failed() - from.failed()) / elapsed
        });
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
