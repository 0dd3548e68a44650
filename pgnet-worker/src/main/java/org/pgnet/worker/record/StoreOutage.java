package org.pgnet.worker.record;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkerHost;

/**
 * The times in which the database refuses one kind of statement: when to try again, and one line in the log at the begin of
 * each such time and one at its end. Backend thread.
 */
public final class StoreOutage {
    private final Backoff backoff = new Backoff(100, 10_000);
    private final String activity;
    private final WorkerHost host;
    private final LongSupplier nanoTime;
    private long retryNanos;

    /** @param activity what is refused, for the log: "recording responses" */
    public StoreOutage(String activity, WorkerHost host, LongSupplier nanoTime) {
        this.activity = activity;
        this.host = host;
        this.nanoTime = nanoTime;
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
        return active() ? Math.max(0, retryNanos - nanoTime.getAsLong()) : 0;
    }

    public void failed(StoreException refusal) {
        // A host that ends refuses too.
        if (!active() && !host.endRequested()) {
            host.warn(activity + " failed and is tried again until it works: " + refusal.getMessage() + " (SQLSTATE "
                    + refusal.sqlState() + ")");
        }
        retryNanos = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(backoff.nextMillis());
    }

    public void succeeded() {
        if (active()) {
            host.log(activity + " works again after " + attempts() + " failed attempts");
            backoff.reset();
        }
    }
}
