package org.pgnet.worker;

import java.util.List;

/**
 * The process that the engine runs in. The engine does not know which it is. Called by the backend thread only, but for
 * {@link #ring}.
 */
public interface WorkerHost {

    /**
     * Sleeps until ids were committed, {@link #ring} was called, the settings were read again, an end was asked for, or
     * the time is over. May return early for no reason.
     *
     * @param timeoutMillis the most milliseconds to sleep; 0 not at all, -1 for no limit
     */
    void await(long timeoutMillis);

    /** Wakes {@link #await}, now or at its next call. Any thread. */
    void ring();

    /** Takes the ranges of ids that were committed since the last call; the first call returns all ids. */
    List<IdRange> drainCommitted();

    /** Wakes the sessions that wait for one of these ids. */
    void announce(long[] ids);

    /** Wakes the sessions that wait for an id in this range. */
    void announce(IdRange ids);

    /** The settings as last read. */
    Settings settings();

    /** Whether the process was asked to end. */
    boolean endRequested();

    /**
     * Shows what there is to do. Cheap when nothing changed.
     *
     * @param active whether requests are queued or in flight
     * @param inFlight how many were begun and are not recorded
     */
    void reportActivity(boolean active, int inFlight);

    /** Writes one line to the server's log at level LOG. */
    void log(String message);

    /** Writes one line to the server's log at level WARNING. */
    void warn(String message);
}
