package org.pgnet.worker.spi;

/** Wakes sessions that wait for responses. Backend thread. */
public interface Announcer {
    /** Wakes the sessions that wait for one of these ids. */
    void announce(long[] ids);

    /** Wakes the sessions that wait for an id in this range. */
    void announce(IdRange ids);
}
