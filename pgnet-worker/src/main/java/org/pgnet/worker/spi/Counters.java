package org.pgnet.worker.spi;

/** Counters of the worker, for users. */
public interface Counters {
    /**
     * Changes the number of requests that were begun and are not recorded. Any thread.
     *
     * @param change how many more, or fewer when negative
     */
    void addInFlight(int change);

    /** How many outcomes wait because their rows are locked or refused, while others are recorded. Backend thread. */
    void setAside(int count);
}
