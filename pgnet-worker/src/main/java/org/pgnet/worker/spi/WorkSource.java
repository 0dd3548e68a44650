package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.List;

/**
 * The source of requests. A request is held from when it is taken until it is reported as recorded or gone. Backend thread.
 */
public interface WorkSource {
    /** Takes note of what is committed by now. */
    void look();

    /**
     * Takes requests that may be sent, of those that were committed at the last {@link #look}, in the order of their ids for
     * each origin.
     *
     * @param maxInFlight the most requests in flight, from which the source knows how many are worth holding; 0 for none
     */
    List<DueRequest> take(int maxInFlight);

    /**
     * Those of the held requests that somebody has removed or changed since the last call. They are held until they are gone.
     *
     * @param atOnce whether to look even if that was done a moment ago
     */
    default List<RequestKey> findRemoved(boolean atOnce) {
        return List.of();
    }

    /** A held request was recorded. */
    void recorded(RequestKey key);

    /** A held request is recorded as one that is sent again, not before this moment. */
    void postponed(RequestKey key, Instant due);

    /** A held request is not there any more, or not in this version. */
    void gone(RequestKey key);

    /** How many requests are held. */
    int heldCount();

    /** What it knows of and has not handed out. */
    default List<Backlog> backlogs() {
        return List.of();
    }

    /**
     * An endpoint works again, or somebody says so: its requests that wait for another attempt, since it was not there for the
     * last one, are due at once, oldest first.
     */
    default void recovered(Endpoint endpoint) {}

    /** Whether no request is held and none is known to be left. */
    boolean isIdle();

    /** Why nothing can be taken, in words for everybody; empty while it can. */
    String trouble();

    /** The nanoseconds until {@link #take} has something to take; {@link Long#MAX_VALUE} when only a look or an end gives it. */
    long nanosUntilDue();
}
