package org.pgnet.worker.record;

/** Pauses that double from the first to the longest. */
final class Backoff {
    private final long firstMillis;
    private final long longestMillis;
    private int attempts;

    /** Both in milliseconds, {@code firstMillis} at least 1 and not above {@code longestMillis}. */
    Backoff(long firstMillis, long longestMillis) {
        this.firstMillis = firstMillis;
        this.longestMillis = longestMillis;
    }

    /** The pause before the next attempt. */
    long nextMillis() {
        long pause = attempts < 40 ? firstMillis << attempts : longestMillis;
        attempts++;
        return Math.min(pause, longestMillis);
    }

    /** How many pauses were given since the last {@link #reset}. */
    int attempts() {
        return attempts;
    }

    /** Begins anew with the first pause. */
    void reset() {
        attempts = 0;
    }
}
