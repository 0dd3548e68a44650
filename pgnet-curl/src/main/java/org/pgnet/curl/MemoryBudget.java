package org.pgnet.curl;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * How much memory the bodies of one loop may take together. Counts leases and owns no memory. Any thread: leases are taken
 * by the loop's thread, and end where the memory is freed.
 *
 * <p>A lease grows while its body arrives, so it counts what has arrived and the step that follows. One owner's leases take
 * at most three quarters of the budget, those of one origin of an owner half of it: some is always left for others. Only
 * what nobody is beside may take more, for it could wait for ever.
 *
 * <p>Leases that wait for each other's memory would never end. So memory is granted only when all leases can still grow to
 * their ends in some order, each with what those before it give back (the banker's algorithm), in the whole budget and
 * in each share.
 */
final class MemoryBudget {

    /** Whose body it is, and from where. */
    record Holder(long owner, String origin) {}

    /** What is said to somebody who wants memory. */
    enum Answer {
        GRANTED,
        /** The owner or the origin has its share: another one may have more. */
        SHARE_TAKEN,
        /** Nobody can have so much now. */
        ALL_TAKEN
    }

    private final Runnable memoryIsBack;
    private final Runnable nothingIsLeased;
    private final LongSupplier nanoTime;
    private final Set<Lease> leases = new LinkedHashSet<>();
    private long limitBytes = Long.MAX_VALUE;
    private long leasedBytes;
    private boolean refused;
    private long returns;
    private long returnedNanos;

    /** How many leases are those of complete bodies. */
    private int complete;

    /**
     * The first two are called by any thread.
     *
     * @param memoryIsBack when a lease was refused and there is more memory since
     * @param nothingIsLeased when the last lease has ended
     * @param nanoTime the clock, as {@link System#nanoTime}
     */
    MemoryBudget(Runnable memoryIsBack, Runnable nothingIsLeased, LongSupplier nanoTime) {
        this.memoryIsBack = memoryIsBack;
        this.nothingIsLeased = nothingIsLeased;
        this.nanoTime = nanoTime;
        this.returnedNanos = nanoTime.getAsLong();
    }

    /** Sets how many bytes may be leased at a time. Leases that are out stay. */
    synchronized void limit(long bytes) {
        limitBytes = bytes;
        returns++;
    }

    /** How many bytes are leased. */
    synchronized long leased() {
        return leasedBytes;
    }

    /** Counts how often memory was given back, or the limit changed: who was refused may ask again then. */
    synchronized long returns() {
        return returns;
    }

    /**
     * Since when no memory was given back. That does not begin while a complete body has some: it gives it back when it is
     * recorded, however long the database takes.
     */
    synchronized long standstillNanos() {
        if (complete > 0) {
            returnedNanos = nanoTime.getAsLong();
        }
        return returnedNanos;
    }

    /** A lease of nothing yet. */
    Lease lease(Holder holder) {
        return new Lease(holder);
    }

    private synchronized Answer grow(Lease lease, long bytes, long total) {
        Lease grown = new Lease(lease.holder, bytes, Math.max(bytes, total));
        Answer answer = judge(lease, grown);
        if (answer == Answer.GRANTED) {
            leasedBytes += bytes - lease.bytes;
            lease.bytes = grown.bytes;
            lease.total = grown.total;
            leases.add(lease);
        } else {
            refused = true;
        }
        return answer;
    }

    private Answer judge(Lease lease, Lease grown) {
        if (!isSafe(lease, grown, limitBytes, each -> true)) {
            return Answer.ALL_TAKEN;
        }
        long owner = lease.holder.owner();
        boolean hasRoom = isSafe(lease, grown, limitBytes / 4 * 3, each -> each.holder.owner() == owner)
                && isSafe(lease, grown, limitBytes / 2, each -> each.holder.equals(lease.holder));
        return hasRoom ? Answer.GRANTED : Answer.SHARE_TAKEN;
    }

    /** Whether those of a group can still grow to their ends, one after the other, if one of them grows so. */
    private boolean isSafe(Lease lease, Lease grown, long share, Predicate<Lease> group) {
        List<Lease> others = leases.stream()
                .filter(each -> each != lease)
                .filter(group)
                .sorted(Comparator.comparingLong(Lease::remaining))
                .toList();
        if (others.isEmpty()) {
            return true;
        }
        long free = share - grown.bytes;
        for (Lease other : others) {
            free -= other.bytes;
        }
        if (free < 0) {
            return false;
        }
        boolean grownEnds = false;
        for (Lease other : others) {
            if (!grownEnds && grown.remaining() <= free) {
                grownEnds = true;
                free += grown.bytes;
            }
            if (other.remaining() > free) {
                return false;
            }
            free += other.bytes;
        }
        return grownEnds || grown.remaining() <= free;
    }

    private void settle(Lease lease, long bytes) {
        boolean wanted;
        boolean none;
        synchronized (this) {
            lease.total = bytes;
            boolean completeNow = bytes > 0;
            complete += (completeNow ? 1 : 0) - (lease.complete ? 1 : 0);
            lease.complete = completeNow;
            if (bytes >= lease.bytes) {
                return;
            }
            leasedBytes -= lease.bytes - bytes;
            lease.bytes = bytes;
            if (bytes == 0) {
                leases.remove(lease);
            }
            returns++;
            returnedNanos = nanoTime.getAsLong();
            none = leasedBytes == 0;
            wanted = refused;
            refused = false;
        }
        if (none) {
            nothingIsLeased.run();
        }
        if (wanted) {
            memoryIsBack.run();
        }
    }

    /** The right to memory for one body. One thread at a time. */
    final class Lease implements AutoCloseable {

        private final Holder holder;
        private long bytes;
        private long total;
        private boolean complete;

        private Lease(Holder holder) {
            this(holder, 0, 0);
        }

        private Lease(Holder holder, long bytes, long total) {
            this.holder = holder;
            this.bytes = bytes;
            this.total = total;
        }

        /** How many bytes are leased. */
        long bytes() {
            return bytes;
        }

        private long remaining() {
            return total - bytes;
        }

        /**
         * Asks for more. Never refused when nothing else is leased: what is larger than the budget could wait for ever.
         *
         * @param bytesNeeded how much to have from now on
         * @param bytesInAll how much may be needed in the end
         */
        Answer growTo(long bytesNeeded, long bytesInAll) {
            return grow(this, bytesNeeded, bytesInAll);
        }

        /** The body is complete: gives back what is over this many bytes, and grows no more. */
        void settleAt(long bytesNeeded) {
            settle(this, bytesNeeded);
        }

        /** Gives back all. A second call does nothing. */
        @Override
        public void close() {
            settle(this, 0);
        }
    }
}
