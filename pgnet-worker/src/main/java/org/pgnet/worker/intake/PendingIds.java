package org.pgnet.worker.intake;

import java.util.Arrays;
import java.util.NoSuchElementException;
import org.pgnet.worker.spi.IdRange;

/**
 * A set of request ids kept as disjoint ranges in ascending order, so that a million waiting requests may cost two numbers.
 * It never holds more ranges than its bound: past it the closest neighbours become one, and the set then contains ids that
 * were never added. That is harmless, since a range is only where to look for rows. One thread.
 */
final class PendingIds {
    private final int maxRanges;
    private long[] firsts = new long[4];
    private long[] lasts = new long[4];
    private int size;

    /** @param maxRanges the most ranges kept, at least 2 */
    PendingIds(int maxRanges) {
        this.maxRanges = maxRanges;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The number of ranges. */
    int rangeCount() {
        return size;
    }

    /** Adds one id. */
    void add(long id) {
        add(id, id);
    }

    /** Adds the ids from {@code first} to {@code last}, both included. */
    void add(long first, long last) {
        int from = firstEndingAtOrAfter(first == Long.MIN_VALUE ? first : first - 1);
        int to = from;
        long mergedFirst = first;
        long mergedLast = last;
        while (to < size && (last == Long.MAX_VALUE || firsts[to] <= last + 1)) {
            mergedFirst = Math.min(mergedFirst, firsts[to]);
            mergedLast = Math.max(mergedLast, lasts[to]);
            to++;
        }
        replace(from, to, mergedFirst, mergedLast);
        if (size > maxRanges) {
            mergeClosest(size - Math.max(1, maxRanges / 2));
        }
    }

    /**
     * The lowest range, and those that follow it with no more than {@code maxGap} ids between one and the next: reading a
     * few ids too many is cheaper than another query.
     *
     * @throws NoSuchElementException when empty
     */
    IdRange lowest(long maxGap) {
        if (size == 0) {
            throw new NoSuchElementException("no pending ids");
        }
        int end = 1;
        while (end < size && firsts[end] - lasts[end - 1] - 1 <= maxGap) {
            end++;
        }
        return new IdRange(firsts[0], lasts[end - 1]);
    }

    /** The number of ids. */
    long count() {
        long ids = 0;
        for (int i = 0; i < size; i++) {
            ids += lasts[i] - firsts[i] + 1;
        }
        return ids;
    }

    /** Copies the lowest ids, at most {@code limit}, into an array from {@code at} on, and returns how many. */
    int copyLowest(long[] ids, int at, int limit) {
        int copied = 0;
        for (int i = 0; i < size && copied < limit; i++) {
            int ofRange = (int) Math.min(limit - copied, lasts[i] - firsts[i] + 1);
            for (int j = 0; j < ofRange; j++) {
                ids[at + copied++] = firsts[i] + j;
            }
        }
        return copied;
    }

    /** The lowest ids, at most {@code limit}, up to a range of more than {@code widest} ids. */
    long[] lowestOfNarrow(int limit, long widest) {
        int narrow = 0;
        while (narrow < size && lasts[narrow] - firsts[narrow] < widest) {
            narrow++;
        }
        long[] ids = new long[limit];
        int copied = 0;
        for (int i = 0; i < narrow && copied < limit; i++) {
            for (long id = firsts[i]; id <= lasts[i] && copied < limit; id++) {
                ids[copied++] = id;
            }
        }
        return Arrays.copyOf(ids, copied);
    }

    /** Takes out the highest range. */
    IdRange removeHighest() {
        size--;
        return new IdRange(firsts[size], lasts[size]);
    }

    /** The lowest id, or {@link Long#MAX_VALUE} when empty. */
    long lowestId() {
        return size == 0 ? Long.MAX_VALUE : firsts[0];
    }

    /** Takes out every id up to and including {@code last}. */
    void removeThrough(long last) {
        int whole = 0;
        while (whole < size && lasts[whole] <= last) {
            whole++;
        }
        if (whole > 0) {
            System.arraycopy(firsts, whole, firsts, 0, size - whole);
            System.arraycopy(lasts, whole, lasts, 0, size - whole);
            size -= whole;
        }
        if (size > 0 && firsts[0] <= last) {
            firsts[0] = last + 1;
        }
    }

    private int firstEndingAtOrAfter(long id) {
        int found = Arrays.binarySearch(lasts, 0, size, id);
        return found >= 0 ? found : -found - 1;
    }

    /** Puts one range in the place of those from index {@code from} to before {@code to}. */
    private void replace(int from, int to, long first, long last) {
        if (from == to && size == firsts.length) {
            firsts = Arrays.copyOf(firsts, size * 2);
            lasts = Arrays.copyOf(lasts, size * 2);
        }
        System.arraycopy(firsts, to, firsts, from + 1, size - to);
        System.arraycopy(lasts, to, lasts, from + 1, size - to);
        firsts[from] = first;
        lasts[from] = last;
        size += from + 1 - to;
    }

    /** Closes the smallest gaps. Many at once, so that a full set does not pay for it at every id. */
    private void mergeClosest(int merges) {
        long[] gaps = new long[size - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = firsts[i + 1] - lasts[i];
        }
        Arrays.sort(gaps);
        long widest = gaps[merges - 1];
        int ofTheWidest = merges;
        for (int i = 0; i < merges && gaps[i] < widest; i++) {
            ofTheWidest--;
        }
        int kept = 0;
        for (int i = 1; i < size; i++) {
            long gap = firsts[i] - lasts[kept];
            if (gap < widest || (gap == widest && ofTheWidest-- > 0)) {
                lasts[kept] = lasts[i];
            } else {
                kept++;
                firsts[kept] = firsts[i];
                lasts[kept] = lasts[i];
            }
        }
        size = kept + 1;
    }
}
