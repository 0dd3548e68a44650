package org.pgnet.worker.record;

import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.HostLog;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkerProcess;

/**
 * The outages in which the database refuses one kind of statement: decides when to try again, and logs a line at the
 * beginning and at the end of each. Backend thread.
 */
public final class StoreOutage {
    /** So many refusals in a row are no lock that somebody holds for a moment. */
    private static final int ATTEMPTS_OF_TROUBLE = 3;

    private final Backoff backoff = new Backoff(100, 10_000);
    private final String activity;
    private final HostLog log;
    private final WorkerProcess process;
    private final Clock clock;
    private long retryNanos;
    private String sqlState = "";

    /**
     * None yet.
     *
     * @param activity what is refused, for the log: "recording responses"
     * @param process when it is about to end, the database refuses too
     */
    public StoreOutage(String activity, HostLog log, WorkerProcess process, Clock clock) {
        this.activity = activity;
        this.log = log;
        this.process = process;
        this.clock = clock;
    }

    /** Whether the last attempt was refused. */
    boolean active() {
        return backoff.attempts() > 0;
    }

    /** How many attempts were refused in a row. */
    int attempts() {
        return backoff.attempts();
    }

    /** Whether it is time for an attempt. */
    public boolean mayTry() {
        return nanosUntilRetry() == 0;
    }

    /** The nanoseconds until the next attempt, 0 when it may be made now. */
    public long nanosUntilRetry() {
        return active() ? Math.max(0, retryNanos - clock.nanoTime()) : 0;
    }

    /**
     * What is refused again and again, in words for everybody; empty when nothing is. The refusal's own text may be of a
     * request.
     */
    public String trouble() {
        return attempts() < ATTEMPTS_OF_TROUBLE
                ? ""
                : activity + " fails again and again" + sqlState + "; the server's log says more";
    }

    /** An attempt was refused. */
    public void failed(StoreException refusal) {
        sqlState = " with SQLSTATE " + refusal.sqlState();
        failed(refusal.getMessage() + " (SQLSTATE " + refusal.sqlState() + ")");
    }

    /** An attempt was of no use; the reason is for the log. */
    void failed(String reason) {
        if (!active() && !process.endRequested()) {
            log.warn(activity + " failed and is tried again until it works: " + reason);
        }
        retryNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff.nextMillis());
    }

    /** An attempt succeeded. */
    public void succeeded() {
        if (active()) {
            log.log(activity + " works again after " + attempts() + " failed attempts");
            backoff.reset();
        }
    }
}
