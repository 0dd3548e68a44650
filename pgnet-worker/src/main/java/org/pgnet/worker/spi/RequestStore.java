package org.pgnet.worker.spi;

import java.time.Duration;
import java.util.List;

/** The tables of the queue and of the responses. Called by the backend thread only. */
public interface RequestStore {

    /** What became of an outcome that was handed to {@link #record}. */
    enum Disposition {
        /** The response row is committed and the queue row gone. */
        RECORDED,
        /** The queue row is not there any more (deleted, truncated, dropped): nothing was written. */
        GONE,
        /** Somebody holds a lock on the queue row: nothing was written, to be tried again later. */
        LOCKED
    }

    /**
     * Reads committed requests in the order of their ids.
     *
     * @param first the lowest id wanted
     * @param last the highest id wanted
     * @param limit the most rows to return, at least 1
     * @param maxBodyBytes no row follows one with which the bodies exceed this, in bytes
     * @return the rows that are visible now; none, and complete, when the extension is not installed
     * @throws StoreException when the database refuses
     */
    Fetched fetch(long first, long last, int limit, long maxBodyBytes);

    /**
     * Deletes the queue rows and inserts the response rows in one transaction. Closes nothing: the outcomes' memory stays
     * the caller's.
     *
     * @param outcomes what to record, at least one
     * @return one disposition for each outcome, in the same order
     * @throws StoreException when the database refuses; nothing is written then
     */
    List<Disposition> record(List<Outcome> outcomes);

    /**
     * Deletes responses older than {@code ttl}, at most {@code limit} of them.
     *
     * @return how long until the next call has something to do: zero when the limit was reached, the ttl when no response
     *     is left
     * @throws StoreException when the database refuses
     */
    Duration expire(Duration ttl, int limit);
}
