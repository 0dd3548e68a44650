package org.pgnet.curl;

import java.util.Optional;

/**
 * How much memory the bodies of one loop may take together. Counts leases and owns no memory. Any thread: leases are taken
 * by the loop's thread, and end where the memory is freed.
 */
final class MemoryBudget {

    private final Runnable memoryIsBack;
    private final Runnable nothingIsLeased;
    private long limitBytes = Long.MAX_VALUE;
    private long leasedBytes;
    private boolean refused;

    /**
     * Both are called by any thread.
     *
     * @param memoryIsBack when a lease was refused and there is more memory since
     * @param nothingIsLeased when the last lease has ended
     */
    MemoryBudget(Runnable memoryIsBack, Runnable nothingIsLeased) {
        this.memoryIsBack = memoryIsBack;
        this.nothingIsLeased = nothingIsLeased;
    }

    /** Sets how many bytes may be leased at a time. Leases that are out stay. */
    synchronized void limit(long bytes) {
        limitBytes = bytes;
    }

    /** How many bytes are leased. */
    synchronized long leased() {
        return leasedBytes;
    }

    /**
     * Leases memory, or refuses. Never refuses when nothing else is leased: what is larger than the budget could wait for
     * ever.
     */
    synchronized Optional<Lease> lease(long bytes) {
        if (leasedBytes > 0 && bytes > limitBytes - leasedBytes) {
            refused = true;
            return Optional.empty();
        }
        leasedBytes += bytes;
        return Optional.of(new Lease(bytes));
    }

    private void giveBack(long bytes) {
        boolean wanted;
        boolean none;
        synchronized (this) {
            leasedBytes -= bytes;
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

        private long bytes;

        private Lease(long bytes) {
            this.bytes = bytes;
        }

        /** Gives back what is over this many bytes. */
        void reduceTo(long bytesNeeded) {
            if (bytesNeeded < bytes) {
                long over = bytes - bytesNeeded;
                bytes = bytesNeeded;
                giveBack(over);
            }
        }

        /** Gives back all. A second call does nothing. */
        @Override
        public void close() {
            reduceTo(0);
        }
    }
}
