package org.pgnet.worker.spi;

import java.time.Duration;
import java.util.List;

/** The table of the responses. Backend thread. */
public interface RequestStore {

    /** What became of a settlement that was handed to {@link #settle}. */
    enum Disposition {
        /** It is committed, and the queue row is gone; that of a request that is sent again is still there. */
        RECORDED,
        /** The queue row is not there any more (deleted, truncated, dropped): nothing was written. */
        GONE,
        /** Somebody holds a lock on the queue row: nothing was written, to be tried again later. */
        LOCKED,
        /** The tables cannot be found or used now: nothing was written, to be tried again later. */
        UNAVAILABLE
    }

    /**
     * Deletes the queue rows and inserts the response rows in one transaction, and with it the history of requests that are
     * sent again, and those that are dead are kept whole. An attempt that is recorded already is recorded as it is. Closes nothing: the settlements' memory stays
     * the caller's.
     *
     * @param settlements what to record, at least one
     * @return one disposition for each, in the same order
     * @throws StoreException when the database refuses; nothing is written then
     */
    List<Disposition> settle(List<Settlement> settlements);

    /**
     * Deletes responses older than {@code ttl}, at most {@code limit} of them.
     *
     * @return how long until the next call has something to do: zero when the limit was reached, the ttl when no response
     *     is left or the tables cannot be found, else until the oldest is that old, at least a second
     * @throws StoreException when the database refuses
     */
    Duration expire(Duration ttl, int limit);

    /** The same of the history of attempts. */
    Duration expireAttempts(Duration ttl, int limit);

    /** The same of requests that did not succeed and are kept. */
    Duration expireDead(Duration ttl, int limit);
}
