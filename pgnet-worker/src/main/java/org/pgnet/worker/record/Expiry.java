package org.pgnet.worker.record;

import java.time.Duration;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.StoreException;

/**
 * Deletes old responses, attempts or dead letters. It has a timer only while there may be any, so that an idle worker
 * without them sleeps for ever. Backend thread.
 */
public final class Expiry implements Duty {
    /** Few enough that recording never waits long for a deletion. */
    static final int BATCH = 1_000;

    /** A ttl of zero would have every pass followed by the next. */
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(1);
    /** Nanoseconds must not overflow. */
    private static final Duration LONGEST_TTL = Duration.ofDays(36_500);

    private final Deletion deletion;
    private final StoreOutage outage;
    private final Clock clock;
    private Duration ttl = Duration.ZERO;
    private boolean armed = true;
    private long dueNanos;
    private long lastRecordedNanos;

    /** Deletes what is older than a ttl, at most so much, as {@link RequestStore#expire} says. */
    public interface Deletion {
        /** Returns how long until there is more to do. */
        Duration expire(Duration ttl, int limit);
    }

    public Expiry(Deletion deletion, StoreOutage outage, Clock clock) {
        this.deletion = deletion;
        this.outage = outage;
        this.clock = clock;
        this.dueNanos = clock.nanoTime();
        this.lastRecordedNanos = dueNanos - LONGEST_TTL.toNanos();
    }

    /** Obeys a ttl, which may be another than before. */
    public void ttl(Duration configured) {
        Duration clamped = configured.compareTo(SHORTEST_TTL) < 0 ? SHORTEST_TTL : configured;
        clamped = clamped.compareTo(LONGEST_TTL) > 0 ? LONGEST_TTL : clamped;
        if (!clamped.equals(ttl)) {
            ttl = clamped;
            arm(clock.nanoTime());
        }
    }

    /** Responses were recorded just now. */
    public void recorded() {
        lastRecordedNanos = clock.nanoTime();
        if (!armed) {
            arm(lastRecordedNanos + ttl.toNanos());
        }
    }

    @Override
    public void work() {
        if (nanosUntilDue() > 0) {
            return;
        }
        try {
            Duration next = deletion.expire(ttl, BATCH);
            outage.succeeded();
            schedule(next);
        } catch (StoreException refusal) {
            outage.failed(refusal);
        }
    }

    @Override
    public long nanosUntilDue() {
        if (!armed) {
            return Long.MAX_VALUE;
        }
        return Math.max(outage.nanosUntilRetry(), dueNanos - clock.nanoTime());
    }

    private void schedule(Duration next) {
        long now = clock.nanoTime();
        if (next.compareTo(ttl) < 0) {
            arm(now + Math.max(0, next.toNanos()));
            return;
        }
        // No response is left, or the only ones are as young as the store can tell.
        armed = false;
        long lastIsOld = lastRecordedNanos + ttl.toNanos();
        if (lastIsOld - now > 0) {
            arm(lastIsOld);
        }
    }

    private void arm(long nanos) {
        armed = true;
        dueNanos = nanos;
    }
}
