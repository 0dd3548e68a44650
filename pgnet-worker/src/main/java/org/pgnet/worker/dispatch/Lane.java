package org.pgnet.worker.dispatch;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.pgnet.worker.exchange.Exchange;

/** The requests of one owner to one origin that wait for their turn, in the order of their ids, and how many are in flight. */
final class Lane {
    private static final Comparator<Exchange> BY_ID =
            Comparator.comparingLong(exchange -> exchange.request().key().id());

    final OwnerQueue owner;
    final Origin origin;
    /** A priority queue and not a list, since transactions do not commit in the order of their ids. */
    final PriorityQueue<Exchange> waiting = new PriorityQueue<>(BY_ID);

    int inFlight;
    /** Whether it is in its owner's round of those that may have a request to start. */
    boolean inRound;

    Lane(OwnerQueue owner, Origin origin) {
        this.owner = owner;
        this.origin = origin;
    }

    boolean isIdle() {
        return inFlight == 0 && waiting.isEmpty();
    }
}
