package org.pgnet.worker.exchange;

import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.spi.FailureKind;

/**
 * How much memory the URLs take that servers have redirected requests to. A short URL in a request may lead to one of 64 kB,
 * and thousands may be in flight; the heap is small. Transfer thread.
 */
final class RedirectMemory {
    /** In characters, of all URLs together. */
    static final long MAX_TAKEN = 8L << 20;

    /** No request may take more than one of so many parts of what is left, so that the longest are refused first. */
    static final int PARTS = 16;

    /** By so much every request's URL may grow, whatever the others take. */
    static final int UNCOUNTED = 2 * 1024;

    static final String FULL = "redirect to a long URL, while too many others were in flight";

    private long taken;

    /**
     * Takes note of the length of a request's URL.
     *
     * @param before what this method returned for its last hop, 0 before
     * @param growth by how much its URL is longer than the one that was queued
     * @return what is to be given back
     * @throws RequestException when that is too much; nothing is changed then
     */
    long replace(long before, long growth) throws RequestException {
        long counted = Math.max(0, growth - UNCOUNTED);
        long left = MAX_TAKEN - (taken - before);
        if (counted > left / PARTS) {
            throw new RequestException(FailureKind.NO_MEMORY, FULL);
        }
        taken += counted - before;
        return counted;
    }

    /** The request has its outcome. */
    void giveBack(long counted) {
        taken -= counted;
    }

    long taken() {
        return taken;
    }
}
