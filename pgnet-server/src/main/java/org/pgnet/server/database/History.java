package org.pgnet.server.database;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The database's counters, for as long as somebody looked: each second of the last minute, and of the last hour the first that was
 * seen in each step. Thread-safe.
 */
public final class History {
    /** A step of the hour: a whole number of them since 1970 is where one begins. */
    public static final Duration STEP = Duration.ofSeconds(10);

    private static final Duration HOUR = Duration.ofHours(1).plus(STEP);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Deque<Sample> steps = new ArrayDeque<>();
    private final Deque<Sample> seconds = new ArrayDeque<>();

    /**
     * @param started requests that were sent since the server started
     * @param failed those of them that failed
     * @param waiting requests that wait now
     */
    public record Sample(Instant at, long started, long failed, long waiting) {
        /** The step that it is in. */
        public long step() {
            return at.getEpochSecond() / STEP.toSeconds();
        }
    }

    /** Adds a sample, unless there is one of this second. */
    public synchronized void add(Sample sample) {
        Sample last = seconds.peekLast();
        if (last != null && last.at().getEpochSecond() >= sample.at().getEpochSecond()) {
            return;
        }
        seconds.addLast(sample);
        if (steps.isEmpty() || steps.peekLast().step() < sample.step()) {
            steps.addLast(sample);
        }
        forget(seconds, sample.at().minus(MINUTE));
        forget(steps, sample.at().minus(HOUR));
    }

    /** Of the last hour, one for each step. */
    public synchronized List<Sample> steps() {
        return new ArrayList<>(steps);
    }

    /** The oldest of the last minute; the newest when there is no other. */
    public synchronized Sample minuteAgo() {
        return seconds.getFirst();
    }

    private static void forget(Deque<Sample> samples, Instant before) {
        while (samples.peekFirst().at().isBefore(before)) {
            samples.removeFirst();
        }
    }
}
