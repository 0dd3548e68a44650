package org.pgnet.jni;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Whether what was measured grew: the medians of the second fifth of the samples, after the warm-up, and of the last one are
 * compared. The samples between tell how, in a table.
 */
final class Growth {
    private static final int PARTS = 5;

    /** Columns, and by how much each may be larger at the end: caches and the allocator's pages settle late. */
    private enum Column {
        PSS_KB(WorkerSample::pssKilobytes, 8 * 1024),
        RSS_KB(WorkerSample::rssKilobytes, 8 * 1024),
        HEAP_MB(WorkerSample::heapMegabytes, 3),
        // Connections that fail come and go.
        DESCRIPTORS(WorkerSample::descriptors, 40),
        THREADS(WorkerSample::threads, 10);

        private final ToLongFunction<WorkerSample> value;
        private final long allowed;

        Column(ToLongFunction<WorkerSample> value, long allowed) {
            this.value = value;
            this.allowed = allowed;
        }
    }

    private final List<List<WorkerSample>> parts = new ArrayList<>();

    Growth(List<WorkerSample> samples) {
        if (samples.size() < 2 * PARTS) {
            throw new AssertionError("too few samples to tell: " + samples.size());
        }
        for (int i = 0; i < PARTS; i++) {
            parts.add(samples.subList(i * samples.size() / PARTS, (i + 1) * samples.size() / PARTS));
        }
    }

    /** What grew by more than it may, in words. */
    List<String> excess() {
        List<String> excess = new ArrayList<>();
        for (Column column : Column.values()) {
            long early = median(1, column);
            long late = median(PARTS - 1, column);
            if (late > early + column.allowed) {
                excess.add(column + " grew from " + early + " to " + late);
            }
        }
        return excess;
    }

    /** A line for each part, with the medians. */
    String table() {
        StringBuilder table = new StringBuilder(String.format("%12s", "requests"));
        for (Column column : Column.values()) {
            table.append(String.format("%13s", column));
        }
        for (int i = 0; i < PARTS; i++) {
            List<WorkerSample> part = parts.get(i);
            table.append(String.format("%n%12d", part.get(part.size() - 1).requests()));
            for (Column column : Column.values()) {
                table.append(String.format("%13d", median(i, column)));
            }
        }
        return table.append(System.lineSeparator()).toString();
    }

    private long median(int part, Column column) {
        long[] sorted =
                parts.get(part).stream().mapToLong(column.value).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
