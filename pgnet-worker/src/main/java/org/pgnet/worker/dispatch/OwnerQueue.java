package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** The lanes of one owner, and what all of them together have. */
final class OwnerQueue {
    final long owner;
    /** By origin; those with a request waiting or in flight. */
    final Map<String, Lane> lanes = new HashMap<>();
    /** The lanes that may have a request to start, in turn. */
    final ArrayDeque<Lane> round = new ArrayDeque<>();

    /** Requests that are begun and have no outcome. */
    int slots;
    /** Requests in flight to origins that are not known to resolve. */
    int unresolved;
    /** Whether it is in the round of those that may have a request to start. */
    boolean inRound;

    OwnerQueue(long owner) {
        this.owner = owner;
    }

    boolean isIdle() {
        return slots == 0 && lanes.isEmpty();
    }
}
