package org.pgnet.bench;

/**
 * What a ratio must reach.
 *
 * @param limit smallest or largest ratio that holds
 * @param smallest whether the limit is the smallest, else the largest
 * @param aim a better one to reach for, in words; may be empty
 */
record Bound(double limit, boolean smallest, String aim) {
    static Bound atLeast(double limit) {
        return new Bound(limit, true, "");
    }

    static Bound atMost(double limit) {
        return new Bound(limit, false, "");
    }

    Bound reachingFor(double better) {
        return new Bound(limit, smallest, "; reach for " + Figures.plain(better));
    }

    boolean holds(double ratio) {
        return smallest ? ratio >= limit : ratio <= limit;
    }

    @Override
    public String toString() {
        return (smallest ? "at least " : "at most ") + Figures.plain(limit) + aim;
    }
}
