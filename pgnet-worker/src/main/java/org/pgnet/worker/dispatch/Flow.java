package org.pgnet.worker.dispatch;

/** The requests of one owner to one origin: those that wait for their turn, and how many are in flight. */
final class Flow {
    final OwnerQueue owner;
    final Origin origin;
    final Lanes waiting = new Lanes();

    int inFlight;
    /** Requests that a breaker or a server's wish holds back; they do not wait for their turn. */
    int heldBack;
    /** Whether it is in its owner's round of those that may have a request to start. */
    boolean inRound;
    /** Whether it is in the line for a token of its rule, and in no round. */
    boolean inLine;
    /** Whether it was called out of that line, since there is a token for it. */
    boolean called;
    /** Whether it counts as one of those that would start if there were a slot. */
    boolean ready;

    Flow(OwnerQueue owner, Origin origin) {
        this.owner = owner;
        this.origin = origin;
    }

    boolean isIdle() {
        return inFlight == 0 && heldBack == 0 && waiting.isEmpty();
    }

    /** Whether nothing but slots and room keeps its requests from starting. */
    boolean wouldStart() {
        return !waiting.isEmpty() && !inLine && !origin.terms.paused();
    }
}
