package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** The flows of one owner, and what all of them together have. */
final class OwnerQueue {
    final long owner;
    /** By origin; those with a request waiting or in flight. */
    final Map<String, Flow> flows = new HashMap<>();
    /** The flows that may have a request to start, in turn. */
    final ArrayDeque<Flow> round = new ArrayDeque<>();

    /** Requests that are begun and have no outcome. */
    int slots;
    /** Requests in flight to origins that are not known to resolve. */
    int unresolved;
    /** How many of its flows were called for a token and have not had their turn. */
    int called;
    /** Whether it is in the round of those that may have a request to start. */
    boolean inRound;
    /** Whether it comes back to that round when a slot is free. */
    boolean waitsForSlot;

    OwnerQueue(long owner) {
        this.owner = owner;
    }

    boolean isIdle() {
        return slots == 0 && flows.isEmpty();
    }
}
