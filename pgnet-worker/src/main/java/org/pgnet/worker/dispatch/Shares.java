package org.pgnet.worker.dispatch;

/**
 * How much one may have of what there is, so that others find something. Requests may hang for ever, so what others could
 * need must never be taken.
 *
 * <p>An owner that is alone has everything. Beside others it has all but an eighth, and when it took more while it was alone,
 * that eighth is there for them on top.
 */
final class Shares {
    private static final int PARTS = 8;

    private Shares() {}

    /**
     * Whether an owner may have one more slot.
     *
     * @param own how many it has
     * @param all how many are taken
     * @param slots how many there are
     * @param beside whether there are other owners
     */
    static boolean mayHaveSlot(int own, int all, int slots, boolean beside) {
        return slots > 0 && mayHave(own, all, slots, Math.max(1, slots / PARTS), beside);
    }

    /** The same of the requests in flight to one origin; a small number of these is for everybody together. */
    static boolean mayBeSent(int own, int all, int requests, boolean beside) {
        return mayHave(own, all, requests, requests / PARTS, beside);
    }

    private static boolean mayHave(int own, int all, int most, int reserve, boolean beside) {
        if (!beside) {
            return all < most;
        }
        boolean ofTheShare = all < most && own < Math.max(1, most - reserve);
        return ofTheShare || (own < reserve && all < most + reserve);
    }

    /** The most requests in flight to one origin while requests to others wait. */
    static int originSlots(int slots) {
        return Math.max(1, slots / 4);
    }

    /** The most name resolutions of one owner, of so many that may go on. */
    static int ownerLookups(int lookups) {
        return Math.max(Math.min(1, lookups), lookups - lookups / 4);
    }
}
