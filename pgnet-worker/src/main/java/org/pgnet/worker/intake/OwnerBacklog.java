package org.pgnet.worker.intake;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What the backend thread knows of one owner's requests: how many are held, how much memory they take, and which wait. */
final class OwnerBacklog {
    /** Many owners may have as many. */
    static final int MAX_DEFERRING_HOSTS = 250;

    /** No URL has this origin. */
    private static final String ALL_OTHERS = "all others";

    final long owner;
    /** Those with requests held or deferred. */
    private final Map<String, OriginBacklog> origins = new HashMap<>();

    int held;
    long heldBytes;
    /** How many of the backlogs have ids deferred. */
    int deferring;

    OwnerBacklog(long owner) {
        this.owner = owner;
    }

    Collection<OriginBacklog> backlogs() {
        return origins.values();
    }

    /**
     * Of this owner's requests to an origin. When ids are deferred for many, all further origins have one together, until it
     * has no more: so the requests of each are read in the order of their ids.
     */
    OriginBacklog to(String origin) {
        OriginBacklog own = origins.get(origin);
        if (own != null) {
            return own;
        }
        boolean together = deferring >= MAX_DEFERRING_HOSTS || origins.containsKey(ALL_OTHERS);
        return origins.computeIfAbsent(together ? ALL_OTHERS : origin, name -> new OriginBacklog(this, name));
    }

    void forget(OriginBacklog backlog) {
        origins.remove(backlog.origin);
    }

    boolean isIdle() {
        return held == 0 && origins.isEmpty();
    }
}
