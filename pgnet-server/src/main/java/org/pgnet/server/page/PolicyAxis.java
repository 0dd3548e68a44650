package org.pgnet.server.page;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgnet.server.database.Row;

/**
 * A policy on a time axis: when each attempt would begin if all failed at once.
 *
 * @param marks of the attempts, in percent of the axis, which is logarithmic: seconds and days are on one
 */
public record PolicyAxis(
        String name, String sentence, String retryOn, String comment, List<Mark> marks, List<Mark> ticks) {
    private static final int MOST_MARKS = 60;
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final double[] TICKS = {1, 10, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400};

    public record Mark(String at, String label) {}

    static PolicyAxis of(Row row) {
        List<Double> delays = new ArrayList<>();
        for (String delay : row.textOrEmpty("delays").split(" ")) {
            if (!delay.isEmpty()) {
                delays.add(Double.valueOf(delay));
            }
        }
        double maxAge = row.real("max_age").orElse((double) LONGEST.toSeconds());
        List<Double> starts = starts(delays, row.number("max_attempts"), maxAge);
        double end = Math.max(60, starts.get(starts.size() - 1) * 1.15);
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            marks.add(new Mark(
                    percent(starts.get(i), end), "attempt " + (i + 1) + ", after " + Format.seconds(starts.get(i))));
        }
        List<Mark> ticks = new ArrayList<>();
        for (double tick : TICKS) {
            if (tick < end) {
                ticks.add(new Mark(percent(tick, end), Format.seconds(tick)));
            }
        }
        return new PolicyAxis(
                row.textOrEmpty("name"),
                sentence(starts, row.number("max_attempts"), maxAge),
                row.textOrEmpty("retry_on"),
                row.textOrEmpty("comment"),
                marks,
                ticks);
    }

    private static List<Double> starts(List<Double> delays, Optional<Long> most, double maxAge) {
        List<Double> starts = new ArrayList<>(List.of(0.0));
        double at = 0;
        while (starts.size() < most.orElse((long) MOST_MARKS) && starts.size() < MOST_MARKS && !delays.isEmpty()) {
            at += delays.get(Math.min(starts.size(), delays.size()) - 1);
            if (at > maxAge) {
                break;
            }
            starts.add(at);
        }
        return starts;
    }

    private static String sentence(List<Double> starts, Optional<Long> most, double maxAge) {
        if (starts.size() == 1) {
            return "one attempt";
        }
        String attempts = starts.size() == MOST_MARKS && most.orElse(Long.MAX_VALUE) > MOST_MARKS
                ? "attempts for " + Format.seconds(maxAge)
                : starts.size() + " attempts over " + Format.seconds(starts.get(starts.size() - 1));
        return attempts;
    }

    /** The begin is the begin of the axis; a second is a step from it. */
    private static String percent(double seconds, double end) {
        double place = Math.log1p(seconds) / Math.log1p(end);
        return String.format(Locale.ROOT, "%.2f%%", 2 + 95 * place);
    }
}
