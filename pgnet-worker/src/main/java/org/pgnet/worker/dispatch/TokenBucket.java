package org.pgnet.worker.dispatch;

import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.RateLimit;

/** How many requests may start now, of those that one rule counts together. Given the time; one thread. */
final class TokenBucket {
    /** A thread that sleeps until the next token wakes a little late: what comes meanwhile is not lost, whatever the burst. */
    static final double LATENESS_SECONDS = 0.002;

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    /** Sums of fractions are not exact. */
    private static final double ROUNDING = 1e-6;

    private static final long LONGEST_NANOS = TimeUnit.DAYS.toNanos(366);

    private RateLimit limit;
    private double tokens;
    private long atNanos;

    /** Full. */
    TokenBucket(RateLimit limit, long nowNanos) {
        this.limit = limit;
        this.tokens = limit.burst();
        this.atNanos = nowNanos;
    }

    /** Another rate from now on; what has gathered stays, as far as the new burst allows. */
    void limit(RateLimit newLimit, long nowNanos) {
        gather(nowNanos);
        limit = newLimit;
        tokens = Math.min(tokens, capacity());
    }

    RateLimit limit() {
        return limit;
    }

    /** Whether there are so many. */
    boolean has(int wanted, long nowNanos) {
        gather(nowNanos);
        return tokens >= wanted - ROUNDING;
    }

    /** Takes some, be they there or not: what was used beyond has to come first. */
    void take(int used, long nowNanos) {
        gather(nowNanos);
        tokens -= used;
    }

    /** How many there are; negative when more were used. */
    double tokens(long nowNanos) {
        gather(nowNanos);
        return tokens;
    }

    boolean isFull(long nowNanos) {
        return tokens(nowNanos) >= limit.burst() - ROUNDING;
    }

    /** The nanoseconds until there are so many, if none is used. */
    long nanosUntil(int wanted, long nowNanos) {
        double missing = wanted - tokens(nowNanos);
        double nanos = Math.ceil(missing / limit.perSecond() * NANOS_PER_SECOND);
        return (long) Math.max(0, Math.min(LONGEST_NANOS, nanos));
    }

    private void gather(long nowNanos) {
        double seconds = Math.max(0, nowNanos - atNanos) / NANOS_PER_SECOND;
        tokens = Math.min(capacity(), tokens + seconds * limit.perSecond());
        atNanos = nowNanos;
    }

    private double capacity() {
        return limit.burst() + limit.perSecond() * LATENESS_SECONDS;
    }
}
