package org.pgnet.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Figures of several rounds, and how they are printed. */
final class Figures {
    private Figures() {}

    /** The middle one; of an even number the mean of the two in the middle. */
    static double median(Collection<Double> values) {
        double[] sorted = sorted(values);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The value that this percentage of the values does not exceed (nearest rank). */
    static double percentile(Collection<Double> values, double percentage) {
        double[] sorted = sorted(values);
        return sorted[(int) Math.ceil(sorted.length * percentage / 100) - 1];
    }

    /** The median of what each round's figure is to the same round's reference. */
    static double medianRatio(List<Double> figures, List<Double> references) {
        return median(IntStream.range(0, figures.size())
                .mapToObj(round -> figures.get(round) / references.get(round))
                .toList());
    }

    /** {@code 41,000/s}. */
    static String rate(double perSecond) {
        return String.format(Locale.ROOT, "%,.0f/s", perSecond);
    }

    /** {@code 1.23 ms}. */
    static String millis(double milliseconds) {
        return String.format(Locale.ROOT, milliseconds < 100 ? "%.2f ms" : "%,.0f ms", milliseconds);
    }

    /** {@code 1.23 s}. */
    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    /** {@code 1.2 µs}. */
    static String micros(double seconds) {
        return String.format(Locale.ROOT, Math.abs(seconds) < 1e-4 ? "%.1f µs" : "%,.0f µs", seconds * 1e6);
    }

    /** {@code 41 MB}. */
    static String megabytes(double bytes) {
        return String.format(Locale.ROOT, "%.0f MB", bytes / (1 << 20));
    }

    /** A number without needless zeros. */
    static String plain(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }

    private static double[] sorted(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no figures");
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
