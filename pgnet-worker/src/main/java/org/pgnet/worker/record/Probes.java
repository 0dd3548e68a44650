package org.pgnet.worker.record;

import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Clock;

/**
 * Requests that are sent although the database refuses to record responses. When it refuses none but those that wait, as an
 * index with a function may have it do, nothing else would ever show that: so one more is sent after a few seconds, and others
 * after growing pauses. Backend thread.
 */
final class Probes {
    /** Those take some 6 seconds, longer than most restarts of a server. */
    private static final int FIRST_AFTER_ATTEMPTS = 6;

    private final Backoff pauses = new Backoff(10_000, 600_000);
    private final StoreOutage outage;
    private final Clock clock;
    private long dueNanos;
    private long count;

    /** None yet. */
    Probes(StoreOutage outage, Clock clock) {
        this.outage = outage;
        this.clock = clock;
    }

    /** To be called after each attempt to record. */
    void look() {
        if (outage.attempts() < FIRST_AFTER_ATTEMPTS) {
            pauses.reset();
            dueNanos = clock.nanoTime();
        } else if (clock.nanoTime() - dueNanos >= 0) {
            count++;
            dueNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauses.nextMillis());
        }
    }

    /** How many there may have been since the start. */
    long count() {
        return count;
    }
}
