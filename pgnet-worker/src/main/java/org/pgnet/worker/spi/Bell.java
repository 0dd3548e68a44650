package org.pgnet.worker.spi;

/** Wakes the backend thread. */
public interface Bell {
    /**
     * Sleeps until there may be something new in the {@link WorkSource}, {@link #ring} was called, the settings were read
     * again, an end was asked for, or the time is over. May return early for no reason. Backend thread.
     *
     * @param timeoutMillis the most milliseconds to sleep; 0 not at all, -1 for no limit
     */
    void await(long timeoutMillis);

    /** Wakes {@link #await}, now or at its next call. Any thread. */
    void ring();
}
