package org.pgnet.worker.intake;

import org.pgnet.worker.spi.IdRange;

/**
 * The ids of requests that wait outside: the lowest ones exactly, as ranges, and the rest as one range in which there may be
 * requests of others too. So the memory is bounded, and what is read next need not be searched for. One thread.
 */
final class DeferredIds {
    private final int maxRanges;
    private final PendingIds exact;
    /** Above all that is exact; {@link Long#MAX_VALUE} when there is no rest. */
    private long restFirst = Long.MAX_VALUE;

    private long restLast = Long.MIN_VALUE;
    /** How many were added there, about. */
    private long restCount;

    /** @param maxRanges the most ranges that are kept exactly */
    DeferredIds(int maxRanges) {
        this.maxRanges = maxRanges;
        this.exact = new PendingIds(maxRanges + 2);
    }

    boolean isEmpty() {
        return exact.isEmpty() && !hasRest();
    }

    /** How many there are, about. */
    long count() {
        return exact.count() + (hasRest() ? Math.min(restCount, restLast - restFirst + 1) : 0);
    }

    /** The lowest id, or {@link Long#MAX_VALUE} when empty. */
    long lowestId() {
        return exact.isEmpty() ? restFirst : exact.lowestId();
    }

    /** Whether the lowest ids are known, and not only where to search for them. */
    boolean isLowestKnown() {
        return !exact.isEmpty();
    }

    /** Copies the lowest ids that are known, at most {@code limit}, and returns how many. */
    int copyLowest(long[] ids, int at, int limit) {
        return exact.copyLowest(ids, at, limit);
    }

    void add(long id) {
        add(id, id, 1);
    }

    /** Adds the ids of a range, which are those of {@code count} requests. */
    void add(long first, long last, long count) {
        long lastExact = last;
        if (hasRest() && last >= restFirst) {
            restLast = Math.max(restLast, last);
            restCount += count;
            lastExact = restFirst - 1;
        }
        if (first <= lastExact) {
            exact.add(first, lastExact);
        }
        while (exact.rangeCount() > maxRanges) {
            IdRange highest = exact.removeHighest();
            restFirst = highest.first();
            restLast = Math.max(restLast, highest.last());
            restCount += highest.last() - highest.first() + 1;
        }
    }

    /** Takes out every id up to and including {@code last}. */
    void removeThrough(long last) {
        exact.removeThrough(last);
        if (hasRest() && restFirst <= last) {
            cutRest(last);
        }
    }

    /** Whether there is a rest, in which requests must be searched for. */
    boolean hasRest() {
        return restFirst <= restLast;
    }

    /** Where. */
    IdRange rest() {
        return new IdRange(restFirst, restLast);
    }

    /** Whether as many again can be known. */
    boolean hasRoom() {
        return exact.rangeCount() < maxRanges / 2;
    }

    /** The rest up to and including an id was searched: what was found is to be added. */
    void searched(long last) {
        cutRest(last);
    }

    private void cutRest(long last) {
        if (last >= restLast) {
            restFirst = Long.MAX_VALUE;
            restLast = Long.MIN_VALUE;
            restCount = 0;
        } else {
            restFirst = last + 1;
        }
    }

    /** So many of the rest were found. */
    void found(long count) {
        restCount = Math.max(0, restCount - count);
    }
}
