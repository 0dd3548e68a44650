package org.pgnet.server.database;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The database's counters of the last hour, one sample a second, for as long as somebody looked. Thread-safe. */
public final class History {
    private static final Duration KEPT = Duration.ofHours(1);

    private final Deque<Sample> samples = new ArrayDeque<>();

    /**
     * @param started requests that were sent since the server started
     * @param failed those of them that failed
     * @param waiting requests that wait now
     */
    public record Sample(Instant at, long started, long failed, long waiting) {}

    /** Adds a sample, unless there is one of this second. */
    public synchronized void add(Sample sample) {
        Sample last = samples.peekLast();
        if (last != null && last.at().getEpochSecond() >= sample.at().getEpochSecond()) {
            return;
        }
        samples.addLast(sample);
        while (samples.peekFirst().at().isBefore(sample.at().minus(KEPT))) {
            samples.removeFirst();
        }
    }

    public synchronized List<Sample> samples() {
        return new ArrayList<>(samples);
    }
}
