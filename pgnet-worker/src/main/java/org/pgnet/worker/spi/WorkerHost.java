package org.pgnet.worker.spi;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The process that the engine runs in. The engine does not know which it is. Called by the backend thread only,
 * but for {@link #ring} and {@link #addInFlight}.
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

    /** Shows whether requests are queued or in flight. Cheap when nothing changed. */
    void reportActivity(boolean active);

    /**
     * Changes the number of requests that were begun and are not recorded. Any thread.
     *
     * @param change how many more, or fewer when negative
     */
    void addInFlight(int change);

    /**
     * Memory that outlives the process, whatever ends it, and that the next process gets as this one left it: for {@link
     * Journal}. Direct, zeros when new, the same at each call. To be used by any thread.
     */
    ByteBuffer journal();

    /** Whether the process before this one ended abnormally: killed, crashed, or by an exception. True once. */
    boolean takeAbnormalEnd();

    /** Writes one line to the server's log at level LOG. */
    void log(String message);

    /** Writes one line to the server's log at level WARNING. */
    void warn(String message);
}
