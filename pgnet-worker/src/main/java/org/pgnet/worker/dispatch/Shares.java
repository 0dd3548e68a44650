package org.pgnet.worker.dispatch;

/**
 * How much one may have of what there is, so that others find something. Requests may hang for ever, so what others could
 * need must never be taken.
 *
 * <p>An owner that is alone has everything. Beside others it has all but an eighth, and when that is taken, another eighth is
 * there on top for those who have little. Each may have as much of it as it leaves, so that several owners whose requests hang
 * still leave some.
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
        if (all < most && own < Math.max(1, most - reserve)) {
            return true;
        }
        int left = most + reserve - all;
        return own < Math.min(reserve, left);
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
