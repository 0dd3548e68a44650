package org.pgnet.worker.intake;

/** What the backend thread knows of one owner's requests to one origin: how many are held, and which ids wait outside. */
final class OriginBacklog {
    /** Fewer than the queue's own bound, because there may be many origins. */
    private static final int MAX_RANGES = 256;

    final OwnerBacklog owner;
    final String origin;
    /** Where to read this origin's next requests, once there is room for them. */
    final PendingIds deferred = new PendingIds(MAX_RANGES);

    int held;

    OriginBacklog(OwnerBacklog owner, String origin) {
        this.owner = owner;
        this.origin = origin;
    }
}
