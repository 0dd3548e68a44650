package org.pgnet.worker.dispatch;

import java.util.concurrent.TimeUnit;

/**
 * Whether an endpoint is left alone, by how the last attempts ended. It opens when half or more of the attempts of the last 60 s
 * failed, of at least 20 and at most 128, or when 5 in a row could not connect. Then one probe is let through after 10 s, and
 * after twice as long each time that one fails, up to 5 minutes. Two successes close it. Given the time; one thread.
 */
final class Breaker {
    static final int FEWEST_ATTEMPTS = 20;
    static final int MOST_ATTEMPTS = 128;
    static final int UNREACHED_IN_A_ROW = 5;
    static final int SUCCESSES_TO_CLOSE = 2;
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final long FIRST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** What it does. */
    enum State {
        CLOSED,
        OPEN,
        PROBING
    }

    /** How an attempt ended, as far as it says something about the endpoint. */
    enum Result {
        /** The endpoint has answered, if only that it does not want the request. */
        SUCCESS,
        /** What another attempt may mend. */
        FAILURE,
        /** There was no connection. */
        UNREACHED,
        /** Nothing can be said. */
        NOTHING
    }

    /** The attempts of the window, in a ring. */
    private final long[] endedNanos = new long[MOST_ATTEMPTS];

    private final boolean[] failed = new boolean[MOST_ATTEMPTS];
    private int first;
    private int count;
    private int failures;
    private int unreachedInARow;

    private boolean closed = true;
    private boolean probing;
    private int successes;
    private long waitNanos = FIRST_WAIT_NANOS;
    private long probeAtNanos;

    boolean isClosed() {
        return closed;
    }

    /** It is probing while a probe is on its way, and when one has succeeded. */
    State state() {
        if (closed) {
            return State.CLOSED;
        }
        return probing || successes > 0 ? State.PROBING : State.OPEN;
    }

    /** Takes note of an attempt that was no probe; those that end while it is open began before. */
    void ended(Result result, long nowNanos) {
        if (!closed || result == Result.NOTHING) {
            return;
        }
        note(result != Result.SUCCESS, nowNanos);
        unreachedInARow = result == Result.UNREACHED ? unreachedInARow + 1 : 0;
        boolean halfFailed = count >= FEWEST_ATTEMPTS && 2 * failures >= count;
        if (halfFailed || unreachedInARow >= UNREACHED_IN_A_ROW) {
            closed = false;
            waitNanos = FIRST_WAIT_NANOS;
            probeAtNanos = nowNanos + waitNanos;
        }
    }

    /** When the next probe may begin; while one is in flight, when it is given up. */
    long probeAtNanos() {
        return probeAtNanos;
    }

    boolean mayProbe(long nowNanos) {
        return !closed && !probing && probeAtNanos - nowNanos <= 0;
    }

    /** Somebody says that the endpoint works: the next probe may begin, and the waits between probes begin anew. */
    void hasten(long nowNanos) {
        probing = false;
        waitNanos = FIRST_WAIT_NANOS;
        probeAtNanos = nowNanos;
    }

    /** A probe is on its way. */
    void probeBegan(long nowNanos) {
        probing = true;
        probeAtNanos = nowNanos + waitNanos;
    }

    /** The probe has ended. */
    void probeEnded(Result result, long nowNanos) {
        probing = false;
        switch (result) {
            case SUCCESS -> {
                successes++;
                probeAtNanos = nowNanos;
                if (successes >= SUCCESSES_TO_CLOSE) {
                    close();
                }
            }
            case FAILURE, UNREACHED -> {
                successes = 0;
                waitNanos = Math.min(2 * waitNanos, LONGEST_WAIT_NANOS);
                probeAtNanos = nowNanos + waitNanos;
            }
            case NOTHING -> probeAtNanos = nowNanos;
        }
    }

    /** Closes it, with nothing remembered. */
    void close() {
        closed = true;
        probing = false;
        successes = 0;
        first = 0;
        count = 0;
        failures = 0;
        unreachedInARow = 0;
    }

    private void note(boolean isFailure, long nowNanos) {
        while (count == MOST_ATTEMPTS || (count > 0 && nowNanos - endedNanos[first] >= WINDOW_NANOS)) {
            failures -= failed[first] ? 1 : 0;
            first = (first + 1) % MOST_ATTEMPTS;
            count--;
        }
        int next = (first + count) % MOST_ATTEMPTS;
        endedNanos[next] = nowNanos;
        failed[next] = isFailure;
        failures += isFailure ? 1 : 0;
        count++;
    }
}
