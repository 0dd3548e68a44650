package org.pgnet.worker.spi;

/** A step of the backend thread's duty cycle. */
public interface Duty {
    /** Does what is due, if anything is, for a short while. */
    void work();

    /** The nanoseconds until {@link #work} has something to do, unless something new comes; {@link Long#MAX_VALUE} for never. */
    long nanosUntilDue();
}
