package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The queue as ids and rows, for a {@link WorkSource} that receives ids at their commit. Backend thread. */
public interface RequestQueue {
    /** Takes the ids that were committed since the last call; the first call returns all ids. */
    List<Committed> drainCommitted();

    /** The order keys of which requests have gone otherwise than by {@link RequestStore#settle}, told with {@link #drainCommitted}. */
    List<OrderKey> drainFreed();

    /** Whether requests were removed or changed otherwise than by {@link RequestStore#settle} since the last call. */
    boolean drainRemoved();

    /**
     * Looks for requests.
     *
     * @return those that are not there any more, or not in this version
     * @throws StoreException when the database refuses
     */
    List<RequestKey> absent(List<RequestKey> keys);

    /**
     * The earliest moment for which requests were scheduled, of those committed before the last {@link #drainCommitted}; empty
     * for none since the last call. A moment that has passed says that some may be due that nobody knows of.
     */
    Optional<Instant> drainScheduled();

    /**
     * Finds requests whose time has come, in the order of their moments. A request that is committed when its moment has
     * passed comes with {@link #drainCommitted} instead.
     *
     * @param from where the last look has ended
     * @param limit the most ids to return, at least 1
     * @throws StoreException when the database refuses
     */
    DueIds due(DueIds.Place from, int limit);

    /**
     * Finds requests that wait for another attempt since nothing was there for the last one: no response came, or one of status
     * 502, 503 or 504.
     *
     * @param owner whose
     * @param after only higher ids
     * @param limit the most to look at, of all that wait for a time, at least 1
     * @throws StoreException when the database refuses
     */
    FailedRequests failed(long owner, long after, int limit);

    /**
     * Makes requests due now that wait for a time; not one that is locked or does not wait any more. {@link #due} then finds
     * them.
     *
     * @throws StoreException when the database refuses
     */
    void hasten(List<Long> ids);

    /**
     * Finds for each order key the request that is the first of it now: one that was begun and is sent again, else the one
     * with the lowest id. A key without requests has none.
     *
     * @return their ids, in no order
     * @throws StoreException when the database refuses
     */
    List<Long> heads(List<OrderKey> keys);

    /**
     * Tells whose requests a range holds, and where they go, of the first some thousand of it.
     *
     * @throws StoreException when the database refuses
     */
    Survey survey(long first, long last);

    /**
     * Reads committed requests that are due, and the first of their order keys, in the order of their ids. One that cannot be
     * read has a refusal.
     *
     * @param first the lowest id wanted
     * @param last the highest id wanted
     * @param limit the most rows to return, at least 1
     * @param maxBodyBytes no row follows one with which the bodies exceed this, in bytes
     * @return the rows that are visible now; none, and complete, when the tables cannot be found
     * @throws StoreException when the database refuses
     */
    Fetched fetch(long first, long last, int limit, long maxBodyBytes);

    /**
     * The same of chosen ids.
     *
     * @param ids in ascending order, at least one and at most a thousand
     */
    Fetched fetch(long[] ids, long maxBodyBytes);

    /**
     * The request with the lowest id in a range as one that cannot be read; nothing of its row is looked at but whose it is.
     *
     * @param reason why, for its user
     * @throws StoreException when the database refuses
     */
    Optional<DueRequest> refuse(long first, long last, String reason);
}
